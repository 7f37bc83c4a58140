"""Who asks, as a vendor may know it: an id of bounded length that names nobody."""

from __future__ import annotations

import hashlib

ID_CHARS = 64
"""How long OpenAI lets `user`, `safety_identifier` and `prompt_cache_key` be."""


def short(identity: str) -> str:
    """The identity where it is short and plain, else a hash of it (Claude Code's is a JSON object)."""
    if len(identity) <= ID_CHARS and not identity.lstrip().startswith(("{", "[")):
        return identity
    return "u_" + hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
