"""A desktop of one's own for a test: a display, a session bus, tray hosts, Secret Services. Linux.

Everything is a context manager, uses displays, sockets and folders of its own, and ends only what it started. The
fixtures for them are in `tests/desktop/conftest.py`.
"""
