"""Masking secrets in every stored or shown copy; the wire is never touched.

Exact matches of the secrets that are loaded come first, known key shapes second. The patterns are linear-time, and a
cheap substring test stands before each: a clean body of 100 kB costs about a millisecond.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "[secret]"
_MASK = MASK.encode()


def _shape(
    mark: bytes, start: bytes, rest: bytes, word: bytes = b"A-Za-z0-9_"
) -> tuple[bytes, re.Pattern[bytes], bytes]:
    r"""A key shape that begins a word; after a JSON escape such as `\n` or `\u003d` a word begins as well.

    The condition stands behind `start`, not before it, so that `re` finds the literal start by a fast search: ten times
    faster than a leading `\b`. Where `rest` may fail behind any number of characters, `word` must hold them all:
    else every beginning inside one long run would read that run to its end, which takes minutes for 200 kB.
    """
    begins = rb"(?:(?<![%s]%s)|(?<=\\[nrtbf]%s)|(?<=\\u[0-9A-Fa-f]{4}%s))" % (word, start, start, start)
    return mark, re.compile(start + begins + rest), _MASK


_SHAPES = (
    _shape(b"sk-", rb"sk-", rb"[A-Za-z0-9_-]{16,}"),
    _shape(b"pb_", rb"pb_", rb"[A-Za-z0-9_-]{20,}"),
    _shape(b"AIza", rb"AIza", rb"[A-Za-z0-9_-]{30,}"),
    _shape(b"gh", rb"gh[pousr]_", rb"[A-Za-z0-9]{20,}"),
    _shape(b"github_pat_", rb"github_pat_", rb"[A-Za-z0-9_]{20,}"),
    _shape(b"AKIA", rb"AKIA", rb"[A-Z0-9]{16}\b"),
    _shape(b"xox", rb"xox[abprs]-", rb"[A-Za-z0-9-]{10,}"),
    _shape(b"eyJ", rb"eyJ", rb"[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}", rb"A-Za-z0-9_-"),
    (
        b"PRIVATE KEY-----",
        re.compile(rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,10000}-----END [A-Z ]{0,30}KEY-----"),
        _MASK,
    ),
    (b"earer ", re.compile(rb"earer (?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,}"), b"earer " + _MASK),
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
    """Masks secrets in bytes, text and headers; immutable, made anew when the set of loaded secrets changes.

    `rules` are the user's own (`redact_rules`).
    """

    def __init__(self, secrets: Iterable[str] = (), rules: Iterable[re.Pattern[bytes]] = ()) -> None:
        self._rules = tuple(rules)
        forms = {form for secret in secrets if len(secret) >= 8 for form in _forms(secret)}
        self._exact = tuple(sorted((form.encode() for form in forms), key=len, reverse=True))

    def data(self, body: bytes) -> bytes:
        """A copy of `body` with every secret masked; the same object where there is none."""
        for form in self._exact:
            if form in body:
                body = body.replace(form, _MASK)
        for mark, shape, masked in _SHAPES:
            if mark in body:
                body = shape.sub(masked, body)
        for rule in self._rules:
            if rule.search(body):
                body = rule.sub(_MASK, body)
        return body

    def spans(self, body: bytes) -> list[tuple[int, int]]:
        """Where the secrets stand, in order and without overlaps: (start, end) in bytes."""
        found = [match.span() for form in self._exact if form in body for match in re.finditer(re.escape(form), body)]
        for mark, shape, masked in _SHAPES:
            if mark in body:
                kept = len(masked) - len(_MASK)
                found += [(match.start() + kept, match.end()) for match in shape.finditer(body)]
        for rule in self._rules:
            found += [match.span() for match in rule.finditer(body)]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    def with_rules(self, rules: Iterable[re.Pattern[bytes]]) -> Redactor:
        """One that masks the same secrets, and what these rules find."""
        made = Redactor(rules=rules)
        made._exact = self._exact
        return made

    def text(self, text: str) -> str:
        """The same for text."""
        return self.data(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with credential values masked whole and every other value searched."""
        masked = tuple((name, MASK if name.lower() in _SECRET_HEADERS else value) for name, value in headers)
        values = "\n".join([value for _, value in masked])
        if self.text(values) == values:  # one search for all: the usual case
            return masked
        return tuple((name, self.text(value)) for name, value in masked)


def _forms(secret: str) -> tuple[str, ...]:
    return (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())


def hint(secret: str) -> str:
    """How a key may be shown to its owner: vendor prefix and the last four characters, if it is long enough."""
    if len(secret) < 24:
        return "…"
    prefix = re.match(r"(?:sk-(?:ant-|proj-|or-)?|AIza|pb_)?", secret)
    return f"{prefix.group() if prefix else ''}…{secret[-4:]}"
