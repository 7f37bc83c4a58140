"""Tests on a desktop of their own; the fixtures are in `conftest.py`, what they start in `tests/fakes/desktop/`."""
