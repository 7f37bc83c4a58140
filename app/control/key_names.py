"""What client keys are called, by their ids."""

from __future__ import annotations

from collections.abc import Callable

from app.control.snapshots import Snapshots


def key_names(snapshots: Snapshots) -> Callable[[str], str]:
    """A function from a key's id to its name; a key that is gone is named by its id."""

    def name(key_id: str) -> str:
        keys = snapshots.current.client_keys.values()
        return next((key.name for key in keys if key.id == key_id), f"{key_id} (revoked)")

    return name
