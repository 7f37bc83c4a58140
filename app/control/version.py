"""Which Patchbay this is; the same number as in `pyproject.toml`, because a bare clone is not installed."""

from __future__ import annotations

VERSION = "0.1.0"


def version() -> str:
    """The version."""
    return VERSION
