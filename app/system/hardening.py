"""What the process asks of the system for itself, first thing at the start: keep others out, allow many connections."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

WANTED_FILES = 4096
_PR_SET_DUMPABLE = 4


def harden(*, debuggable: bool = False) -> None:
    """New files are the owner's alone, our memory is in no core file, and a busy proxy has descriptors enough.

    `debuggable` leaves core files and debuggers allowed. Whatever the system does not offer or grant is left as it is.
    """
    if sys.platform == "win32":
        return
    _fill_standard_descriptors()
    os.umask(0o077)
    _allow_many_files()
    if not debuggable:
        _keep_memory_private()


def _fill_standard_descriptors() -> None:
    """Where a program is started with closed streams, the next file would become its standard output.

    libuv, which uvloop stands on, aborts the process when one of its own descriptors is below 3.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free one, which is this


def _allow_many_files() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _keep_memory_private() -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
