"""What the proxy sees of client keys at work, for control to write down: when they were used, and that they ended."""

from __future__ import annotations

from app.domain.client_key import ClientKey


class KeyUse:
    """Notes of one run of the program; belongs to the loop's thread."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}
        """Key id -> when it last opened something, UTC microseconds."""
        self.ended: set[tuple[str, int]] = set()
        """(key id, end) of every end that was seen to be past."""

    def is_over(self, key: ClientKey, now_us: int) -> bool:
        """Whether the key or this text of it opens nothing any more; once it did not, it does not again.

        The clock may be set back between the look that finds a key expired and the moment when that is on the disk.
        """
        if not key.ends:
            return key.expired
        if key.is_over(now_us):
            self.ended.update((key.id, end) for end in key.ends if end <= now_us)
            return True
        return any((key.id, end) in self.ended for end in key.ends)

    def take(self) -> dict[str, int]:
        """The moments of use since the last time that they were taken."""
        used, self.used = self.used, {}
        return used
