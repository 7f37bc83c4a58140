"""What the program asks of the operating system: places, files, locks, clocks, logs, crash traces, ports, threads.

May import `domain`; third-party: platformdirs, psutil (psutil where first used, it takes 30 ms). No Qt: the headless
program uses all of it. Every module is one service; a new one is a new file, built and handed out by `app/main.py`.

Threads: plain functions unless they say otherwise; `logs` has a writer thread of its own.

Decisions: an OS file lock and a local socket instead of QLockFile and QLocalServer, because the headless program has
no Qt and a kernel lock cannot go stale. The standard library's logging instead of structlog: the libraries we use log
through it already.
"""
