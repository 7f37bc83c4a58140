"""What dialects say that cannot give a conversation in short form: only Responses asks for that."""

from __future__ import annotations

from app.dialects.base import Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply
from app.domain.request import Request


def no_compaction() -> PatchbayError:
    """The error of whoever asks for it all the same."""
    return PatchbayError(ErrorKind.PATH_NOT_FOUND, "This dialect has no compaction of its own.")


class NoCompaction:
    """That part of `base.Dialect`."""

    def read_compact_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        raise no_compaction()

    def write_compact_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        raise no_compaction()
