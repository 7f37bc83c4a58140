"""Token counts for a Responses client: every count is there, because Codex reads no answer without them."""

from __future__ import annotations

from typing import Any

from app.domain.usage import Usage


def write_usage(usage: Usage) -> dict[str, Any]:
    """The `usage` object: what came from the cache or went to it is part of the input here."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }


def utf8_bytes(text: str) -> int:
    """The size of a text that may hold lone surrogates."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
