"""Set Patchbay up from a bare clone, run it, test it.

    python3 installer/bootstrap.py run [Patchbay's arguments]   set up and start, headless without a display
    python3 installer/bootstrap.py setup                        set up only
    python3 installer/bootstrap.py test [pytest's arguments]    lint, format, types, every test
    python3 installer/bootstrap.py e2e                          the whole program with real clients; needs Node.js 20
    python3 installer/bootstrap.py bench                        the speed measurements
    python3 installer/bootstrap.py slow                         the tests that take long
    python3 installer/bootstrap.py soak [--minutes N]           ten minutes of traffic with faults: what grows
    python3 installer/bootstrap.py guards                       every guard switched off in turn: who notices

Needs Python 3.11 to 3.14 and nothing else. All it makes lies in `.venv` at the top of the clone (`e2e`: and `.cache`),
except the shared libraries that Qt needs from a Linux distribution. Running it again is quick: a stamp in `.venv` tells
what is there. Where packages come from is pip's own configuration, which is left alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import npm_programs
from system_packages import provide_libraries, provide_test_programs

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PROGRAMS = (("tests/acceptance",), ("tests/desktop", "tests/e2e"))
"""Where tests drive the running program from outside."""
EVERY_RUN = "not e2e and not bench and not slow"
"""The markers that pytest chooses by itself as well (pyproject.toml)."""
CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy", "--strict", "app"],
}


def main(arguments: list[str]) -> int:
    """Do the command that is named first; returns the exit code."""
    commands = {"run": run, "setup": set_up_only, "test": test, "e2e": e2e, "bench": bench}
    commands |= {"slow": slow, "soak": soak, "guards": guards}
    command = commands.get(arguments[0]) if arguments else None
    if command is None:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    use_a_supported_python(arguments)
    return command(arguments[1:])


def use_a_supported_python(arguments: list[str]) -> None:
    """Go on under another interpreter if this one is too old or too new; exit with a clear message if there is none."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and subprocess.run([other, "-c", ""], check=False, capture_output=True).returncode == 0:
            raise SystemExit(subprocess.run([other, __file__, *arguments], check=False).returncode)
    raise SystemExit(
        f"Patchbay needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}. This is "
        f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable}), and no other is on the PATH. "
        "Install one from your system's packages or from python.org, then run this again with it."
    )


def run(arguments: list[str]) -> int:
    """Start Patchbay in place of this process; the folder one stands in stays the same."""
    set_up("requirements.lock")
    purposes = _what_qt_is_for(arguments)
    missing = provide_libraries({"start", *purposes}) if purposes else []
    # A Wayland session mostly offers X11 too: Qt runs if all it needs for one of them is there.
    broken = {library.wanted for library in missing}
    if "start" in broken or (purposes and purposes <= broken):
        print("Patchbay's window cannot open without them; `run --headless` works as it is.", flush=True)
        return 1
    command = [str(PYTHON), "-P", "-m", "app", *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # signals and the exit code are then the program's own
    return subprocess.run(command, check=False).returncode


def set_up_only(arguments: list[str]) -> int:
    """Make the environment and see to Qt's libraries; 1 if Qt cannot run."""
    set_up("requirements.lock")
    missing = provide_libraries({"start", "x11", "wayland"}) if sys.platform == "linux" else []
    print("Ready: python3 installer/bootstrap.py run", flush=True)
    return 1 if any(library.wanted == "start" for library in missing) else 0


def test(arguments: list[str]) -> int:
    """Run every check, all of them even if one fails; 0 only if all are green. The tests come last."""
    set_up_for_tests()
    failed = [name for name, command in CHECKS.items() if not _check(name, command)]
    summary = "all green" if not failed else "failed: " + ", ".join(failed)
    print(f"\nlint, format and types: {summary}", flush=True)
    if not (_check("pytest", ["pytest", *arguments]) if arguments else _every_test()):
        failed.append("pytest")
    if failed:
        print("\nfailed: " + ", ".join(failed), file=sys.stderr, flush=True)
    return 1 if failed else 0


def _every_test() -> bool:
    """In shares side by side, as many tests mostly wait; then, with nothing beside them, those that assert times."""
    print("\n== pytest, in shares", flush=True)
    pytest = [str(PYTHON), "-m", "pytest", "-p", "no:cacheprovider"]
    shared = [*pytest, "-m", f"{EVERY_RUN} and not timed"]
    others = [f"--ignore={folder}" for share in PROGRAMS for folder in share]
    with contextlib.ExitStack() as stack:
        running = [_beside([*shared, *share], stack) for share in PROGRAMS]
        rooms = subprocess.run([*shared, *others], check=False, cwd=ROOT)
        codes = [rooms.returncode, *(process.wait() for process, _ in running)]
        for share, (_, said) in zip(PROGRAMS, running, strict=True):
            said.seek(0)
            print(f"\n== pytest {' '.join(share)}", flush=True)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    print("\n== pytest, what asserts times", flush=True)
    timed = subprocess.run([*pytest, "-m", f"{EVERY_RUN} and timed"], check=False, cwd=ROOT)
    return not any((*codes, timed.returncode))


def _beside(command: list[str], stack: contextlib.ExitStack) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """Start a command that says what it says into a file; it ends with the stack at the latest."""
    said = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack is its manager)
    process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
    stack.callback(process.kill)
    return process, said


def e2e(arguments: list[str]) -> int:
    """Drive the whole program with the real clients; those from npm are installed into `.cache` once."""
    set_up_for_tests()
    npm_programs.provide()
    return 0 if _check("pytest -m e2e", ["pytest", "-m", "e2e", "tests/e2e", *arguments]) else 1


def bench(arguments: list[str]) -> int:
    """Measure speed."""
    set_up_for_tests()
    return 0 if _check("bench", ["tests.bench", *arguments]) else 1


def slow(arguments: list[str]) -> int:
    """Run the tests that take long."""
    set_up_for_tests()
    return 0 if _check("pytest -m slow", ["pytest", "-m", "slow", *arguments]) else 1


def soak(arguments: list[str]) -> int:
    """Watch the program under steady traffic with faults."""
    set_up_for_tests()
    return 0 if _check("soak", ["tests.bench.soak", *arguments]) else 1


def guards(arguments: list[str]) -> int:
    """Show for every guard the test that fails without it."""
    set_up_for_tests()
    return 0 if _check("guards", ["tests.acceptance.guard_mutation", *arguments]) else 1


def set_up_for_tests() -> None:
    """The environment with the developer's tools, Qt's libraries, and the programs that tests start."""
    set_up("requirements-dev.lock")
    if sys.platform == "linux":
        provide_libraries({"start", "x11", "wayland"})
        provide_test_programs()


def set_up(lock_name: str) -> None:
    """Make `.venv` and install exactly what the lock names, unless the stamp says that it is there."""
    lock = ROOT / "installer" / lock_name
    if not _works(PYTHON):
        _make_venv()
    stamp = VENV / f"{lock_name}.stamp"
    there = hashlib.sha256(lock.read_bytes() + str(ROOT).encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == there:
        return
    print(f"Installing what {lock.relative_to(ROOT)} names into .venv (a minute or two the first time)", flush=True)
    start_s = time.monotonic()
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    pip = [str(PYTHON), "-m", "pip", "install", *quiet, "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "--require-hashes", "--requirement", str(lock)], check=False)
    if done.returncode != 0:
        raise SystemExit(
            "pip could not install the locked packages; its own words stand above. "
            "Without a network, point pip at a mirror or a folder of wheels (pip help config) and run this again."
        )
    _make_app_importable()
    stamp.write_text(there, encoding="utf-8")
    print(f"  done in {time.monotonic() - start_s:.0f} s", flush=True)


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SystemExit(
            "This Python has no ensurepip, so it cannot make a virtual environment. "
            "On Debian and Ubuntu: apt-get install python3-venv, then run this again."
        )
    print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def _works(python: Path) -> bool:
    """Whether the environment's interpreter is there, runs (its base may have been removed) and is a supported one."""
    if not python.exists():
        return False
    question = f"import sys, pip; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    return subprocess.run([str(python), "-c", question], check=False, capture_output=True).returncode == 0


def _make_app_importable() -> None:
    """Put the clone on the environment's path, so that `-m app` works from any folder."""
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([str(PYTHON), "-c", question], check=True, capture_output=True, text=True)
    (Path(asked.stdout.strip()) / "patchbay.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def _what_qt_is_for(arguments: list[str]) -> set[str]:
    """The displays that Qt may use on this run: none for a command of the terminal, headless, or without a display."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    if sys.platform != "linux" or "--headless" in arguments or (command and arguments[0] == command):
        return set()
    shown = {"x11": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}
    return {purpose for purpose, variable in shown.items() if os.environ.get(variable)}


def _check(name: str, command: list[str]) -> bool:
    print(f"\n== {name}", flush=True)
    start_s = time.monotonic()
    done = subprocess.run([str(PYTHON), "-m", *command], check=False, cwd=ROOT)
    if name != "pytest" or done.returncode != 0:
        print(f"   {'ok' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - start_s:.1f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
