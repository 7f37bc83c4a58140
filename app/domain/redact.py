"""Masking secrets in every stored or shown copy; the wire is never touched.

Exact matches of the secrets that are loaded come first, known key shapes second. The patterns are linear-time, and a
cheap substring test stands before each, so a clean 100 kB body costs microseconds.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "[secret]"

_SHAPES: tuple[tuple[bytes, re.Pattern[bytes]], ...] = (
    (b"sk-", re.compile(rb"\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{16,}")),
    (b"pb_", re.compile(rb"\bpb_[A-Za-z0-9_-]{20,}")),
    (b"AIza", re.compile(rb"\bAIza[A-Za-z0-9_-]{30,}")),
    (b"gh", re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{20,}")),
    (b"github_pat_", re.compile(rb"\bgithub_pat_[A-Za-z0-9_]{20,}")),
    (b"AKIA", re.compile(rb"\bAKIA[A-Z0-9]{16}\b")),
    (b"xox", re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    (b"eyJ", re.compile(rb"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
    (
        b"PRIVATE KEY-----",
        re.compile(rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,10000}-----END [A-Z ]{0,30}KEY-----"),
    ),
    (b"earer ", re.compile(rb"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,}")),
)
_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "x-patchbay-key",
        "cookie",
        "set-cookie",
    }
)


class Redactor:
    """Masks secrets in bytes, text and headers; immutable, made anew when the set of loaded secrets changes."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= 8 for form in _forms(secret)}
        self._exact = tuple(sorted((form.encode() for form in forms), key=len, reverse=True))

    def data(self, body: bytes) -> bytes:
        """A copy of `body` with every secret masked; the same object where there is none."""
        mask = MASK.encode()
        for form in self._exact:
            if form in body:
                body = body.replace(form, mask)
        for mark, shape in _SHAPES:
            if mark in body:
                body = shape.sub(mask, body)
        return body

    def text(self, text: str) -> str:
        """The same for text."""
        return self.data(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with credential values masked whole and every other value searched."""
        return tuple((name, MASK if name.lower() in _SECRET_HEADERS else self.text(value)) for name, value in headers)


def _forms(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())


def hint(secret: str) -> str:
    """How a key may be shown to its owner: vendor prefix and the last four characters, if it is long enough."""
    if len(secret) < 24:
        return "…"
    prefix = re.match(r"(?:sk-(?:ant-|proj-|or-)?|AIza|pb_)?", secret)
    return f"{prefix.group() if prefix else ''}…{secret[-4:]}"
