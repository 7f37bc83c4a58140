"""Where a conversation was answered last, so that it goes on there and the provider's prompt cache stays warm."""

from __future__ import annotations

from collections import OrderedDict

from app.proxy.fleet.candidate import Key

KEPT_S = 3600.0
"""As long as the longest prompt cache that a vendor offers (Anthropic's of one hour)."""
MOST = 4096


class Affinity:
    """The latest conversations, each with whose credential answered it; a model at a time, for so are caches kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[Key, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, session: str, model: str, now_s: float) -> Key | None:
        """Who answered last, if that is not too long ago."""
        found = self._kept.get((session, model))
        if found is None:
            return None
        if now_s - found[1] > KEPT_S:
            del self._kept[session, model]
            return None
        return found[0]

    def keep(self, session: str, model: str, key: Key, now_s: float) -> None:
        """That credential answered."""
        self._kept[session, model] = (key, now_s)
        self._kept.move_to_end((session, model))
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
