"""A provider's refusal in the client's own dialect: where nobody else answers, it goes on as it came."""

from __future__ import annotations

from app.domain.errors import PatchbayError
from app.proxy.headers import Pairs


class Refused(Exception):  # noqa: N818 (an answer, though not the one that was wanted)
    """`error` is what it means."""

    def __init__(self, error: PatchbayError, status: int, body: bytes, headers: Pairs) -> None:
        super().__init__(error.message)
        self.error = error
        self.status = status
        self.body = body
        self.headers = headers
