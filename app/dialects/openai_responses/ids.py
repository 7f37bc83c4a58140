"""Ids of a response and its items: made from the upstream's, so that the same answer always gets the same ones."""

from __future__ import annotations

import hashlib
import re
import secrets

RESPONSE = "resp_"
_OTHER = re.compile(r"[^A-Za-z0-9_-]")
_PREFIX = re.compile(r"^(?:chatcmpl-|msg_)")
_STEM_CHARS = 64


class Ids:
    """The ids of one response; `upstream` may be empty."""

    def __init__(self, upstream: str, created_s: int) -> None:
        if upstream.startswith(RESPONSE):
            self.response = upstream
        else:
            stem = _OTHER.sub("_", _PREFIX.sub("", upstream))[:_STEM_CHARS] or secrets.token_hex(16)
            self.response = RESPONSE + stem
        # Servers that count their answers from one give the same id in every conversation; items must not share one.
        seed = f"{self.response} {created_s}".encode("utf-8", "replace")
        self._stem = hashlib.blake2b(seed, digest_size=20).hexdigest()

    def item(self, prefix: str, index: int) -> str:
        """The id of the item at an index: `msg_…`, `fc_…`, `rs_…`."""
        return f"{prefix}_{self._stem}{index:04x}"
