"""The command-line clients that the whole-program tests drive, from npm, each in a folder of its own below `.cache`.

    python3 installer/npm_programs.py       install what is missing

Running it again is quick: a stamp beside each program tells that it is whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache"
OLDEST_NODE = 20
INSTALL_LIMIT_S = 300


@dataclass(frozen=True)
class NpmProgram:
    """One client: its folder's name, its package, the version that the tests know, its command."""

    name: str
    package: str
    version: str
    command: str

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return CACHE / f"{self.name}-{self.version}"

    @property
    def executable(self) -> Path:
        """What to start."""
        suffix = ".cmd" if os.name == "nt" else ""
        return self.folder / "node_modules" / ".bin" / f"{self.command}{suffix}"

    @property
    def stamp(self) -> Path:
        """There once the installation is whole."""
        return self.folder / "installed"


CLAUDE_CODE = NpmProgram("claude-code", "@anthropic-ai/claude-code", "2.1.329", "claude")
CODEX = NpmProgram("codex", "@openai/codex", "0.169.0", "codex")
GEMINI_CLI = NpmProgram("gemini-cli", "@google/gemini-cli", "0.61.0", "gemini")
PROGRAMS = (CLAUDE_CODE, CODEX, GEMINI_CLI)


def provide(programs: tuple[NpmProgram, ...] = PROGRAMS) -> None:
    """Install those that are missing; exits with a clear message where that cannot be done."""
    missing = [one for one in programs if not (one.stamp.exists() and one.executable.exists())]
    if not missing:
        return
    npm = find_npm()
    for program in missing:
        _install(npm, program)


def find_npm() -> str:
    """The npm command; exits with a clear message where there is none, or Node.js is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise SystemExit(f"{_WANTED} Neither may be missing from the PATH.")
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout.strip()
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        raise SystemExit(f"{_WANTED} This one is {said or 'not one that runs'} ({node}).")
    return npm


_WANTED = (
    "Claude Code, Codex and Gemini CLI come from npm, so the whole-program tests need Node.js "
    f"{OLDEST_NODE} or newer and npm: install both from your system's packages or from nodejs.org, then run this again."
)


def _install(npm: str, program: NpmProgram) -> None:
    print(f"Installing {program.package} {program.version} into {program.folder.relative_to(CACHE.parent)}", flush=True)
    start_s = time.monotonic()
    program.folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error"]
    command = [npm, "install", *quiet, "--prefix", str(program.folder), f"{program.package}@{program.version}"]
    try:
        done = subprocess.run(command, check=False, timeout=INSTALL_LIMIT_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"npm did not install {program.package} within {INSTALL_LIMIT_S} s; run this again.") from None
    if done.returncode != 0 or not program.executable.exists():
        raise SystemExit(f"npm could not install {program.package} {program.version}; its own words stand above.")
    program.stamp.touch()
    print(f"  done in {time.monotonic() - start_s:.0f} s", flush=True)


if __name__ == "__main__":
    provide()
    sys.exit(0)
