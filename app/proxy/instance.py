"""Who this process is: the mark by which it knows its own requests, and the proof that a port is really ours."""

from __future__ import annotations

import hashlib
import hmac


class Instance:
    """The identity of one running Patchbay, from a secret that only this user's files hold."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        mark = hashlib.blake2b(self._secret, digest_size=6, person=b"patchbay-via").hexdigest()
        self.via = f"1.1 patchbay-{mark}"
        """The `Via` value (RFC 9110 section 7.6.3) that we add to what we send and refuse to receive."""

    def is_own(self, via: str) -> bool:
        """Whether a request's `Via` header says that it has been here before."""
        return self.via in via

    def proof(self, nonce: str) -> str:
        """What `GET /health?nonce=…` answers: only the holder of the secret can, so a squatter on the port cannot."""
        return hmac.digest(self._secret, f"health:{nonce}".encode(), "sha256").hex()
