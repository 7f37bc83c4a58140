"""Requests that were turned away before they became exchanges: no row tells of them, a count by reason does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from app.domain.errors import ErrorKind

_REASONS = {
    ErrorKind.HOST_NOT_ALLOWED: "host",
    ErrorKind.ORIGIN_NOT_ALLOWED: "origin",
    ErrorKind.UPGRADE_REFUSED: "upgrade",
    ErrorKind.LOOP_DETECTED: "loop",
    ErrorKind.PATH_NOT_FOUND: "path",
    ErrorKind.METHOD_NOT_ALLOWED: "method",
    ErrorKind.UNAUTHENTICATED: "auth",
    ErrorKind.BUSY: "busy",
    ErrorKind.MEDIA_TYPE: "media_type",
    ErrorKind.EXPECTATION_FAILED: "expectation",
    ErrorKind.TOO_LARGE: "too_large",
    ErrorKind.BODY_TIMEOUT: "body_timeout",
    ErrorKind.INVALID_REQUEST: "invalid",
}


class Rejections:
    """Counts by reason since the start; beside these words: connections, connections_per_ip, and http (none at all)."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many, by reason."""
        return dict(self._counts)

    def count(self, reason: str) -> None:
        """One more."""
        self._counts[reason] += 1

    def refused(self, kind: ErrorKind) -> None:
        """One more for the reason that a kind of error is."""
        self.count(_REASONS.get(kind, kind.word))
