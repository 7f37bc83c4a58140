"""Programs that a test starts: where they are, starting them, ending them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

START_S = 10.0
_POLL_S = 0.01


def need(program: str) -> str:
    """The program's path. Skips the test where it is not installed, and fails it in CI, where it has to be."""
    path = shutil.which(program)
    if path is None:
        missing = f"{program} is not installed; `installer/bootstrap.py test` names the package that brings it"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return path


@contextlib.contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], *, text_in: str | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A program while it is wanted: asked to end on the way out, killed if it does not. `text_in` goes to its input."""
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL if text_in is None else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
    )
    try:
        if text_in is not None:
            process.stdin.write(text_in.encode())
            process.stdin.close()
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end; kill it after two seconds."""
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def wait_until(
    true: Callable[[], object], what: str, *, process: subprocess.Popen[bytes] | None = None, limit_s: float = START_S
) -> object:
    """The first true answer of `true`; fails, saying what was waited for, at the limit or when `process` has ended."""
    end_s = time.monotonic() + limit_s
    while not (answer := true()):
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: the program ended with code {process.returncode}")
        if time.monotonic() > end_s:
            raise AssertionError(f"{what}: not within {limit_s:.0f} s")
        time.sleep(_POLL_S)
    return answer
