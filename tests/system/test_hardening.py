from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows protects by access lists, which umask does not touch"
)

REPORT = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from app.system.hardening import harden
harden(debuggable=len(sys.argv) > 1)
umask = os.umask(0)
print(oct(umask), resource.getrlimit(resource.RLIMIT_CORE)[0], resource.getrlimit(resource.RLIMIT_NOFILE)[0])
if sys.platform == "linux":
    import ctypes
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def report(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments], check=True, capture_output=True, text=True, timeout=20
    )
    return done.stdout.split()


def test_the_process_is_private_and_has_descriptors_enough():
    umask, core, files, *dumpable = report()
    assert umask == "0o77"
    assert core == "0"
    assert int(files) > 256
    if sys.platform == "linux":
        assert dumpable == ["0"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says whether a process may be dumped")
def test_a_debugger_can_be_let_in():
    assert report("debuggable")[3] == "1"


CLOSED = """
import os, sys
for descriptor in range(3):
    os.close(descriptor)
from app.system.hardening import harden
harden()
with open(sys.argv[1], "w") as file:
    file.write(str(file.fileno()))
"""


def test_closed_standard_streams_are_not_taken_by_our_files(tmp_path):
    told = tmp_path / "told"
    subprocess.run([sys.executable, "-c", CLOSED, str(told)], check=True, timeout=20)
    assert int(told.read_text("utf-8")) > 2
