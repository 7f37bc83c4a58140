"""`python -m app` and the `patchbay` command."""

from __future__ import annotations

import sys

from app.main import run


def main() -> None:
    """Run the program with the process's arguments and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
