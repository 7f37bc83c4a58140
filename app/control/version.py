"""Which Patchbay this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed version; "development" from a bare clone."""
    try:
        return metadata.version("patchbay")
    except metadata.PackageNotFoundError:
        return "development"
