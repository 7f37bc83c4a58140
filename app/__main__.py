"""`python -m app` and the `patchbay` command."""

from __future__ import annotations

import sys

from app.main import run
from app.system.threads import end_process


def main() -> None:
    """Run the program with the process's arguments and end the process with its exit code."""
    end_process(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
