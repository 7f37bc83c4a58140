"""Set Patchbay up and run it, from a bare clone: `python3 installer/bootstrap.py run|test|setup|e2e|bench`.

Needs Python 3.11 or newer and nothing else. Everything it makes lies in `.venv` beside this folder, except the shared
libraries that Qt needs from a Linux distribution, which it installs as root on Debian and names everywhere else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main() -> int:
    """Run the command named in the arguments and return the exit code."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    lock = ROOT / "installer" / "requirements-dev.lock"
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)], check=True)
    codes = [
        subprocess.run([str(PYTHON), "-m", *arguments], check=False, cwd=ROOT).returncode
        for arguments in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "--strict", "app"], ["pytest"])
    ]
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
