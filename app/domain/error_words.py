"""Kinds of failure in two or three words, for rows that have no room for a sentence."""

from __future__ import annotations

_WORDS = {
    "rate_limited": "rate limited",
    "billing": "quota used up",
    "credential_rejected": "key rejected",
    "upstream_error": "server error",
    "overloaded": "overloaded",
    "upstream_timeout": "no answer in time",
    "upstream_stalled": "fell silent",
    "upstream_unreachable": "unreachable",
    "tls_verification_failed": "certificate not trusted",
    "upstream_redirect_refused": "redirects elsewhere",
    "bad_upstream_reply": "no model's reply",
    "upstream_stream_cut": "answer cut off",
}


def in_words(kind: str) -> str:
    """`ErrorKind.word` as people read it; what is no single word of the record stays as it is."""
    return _WORDS.get(kind) or (kind.replace("_", " ") if kind.replace("_", "").isalpha() else kind)
