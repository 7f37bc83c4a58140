"""What a real server would refuse, collected; and the rules that all servers share."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
OWN_HEADERS = {
    "anthropic": ("anthropic-", "x-claude-", "x-app", "x-stainless-"),
    "openai": ("openai-", "x-stainless-", "x-codex-", "x-openai-", "x-client-request-id", "originator"),
    "gemini": ("x-goog-",),
}
_MARKED = tuple(sorted({prefix for prefixes in OWN_HEADERS.values() for prefix in prefixes}))
_NEVER_IN_A_BODY = {
    "pxy1.": "an envelope of ours",
    '"pb_': "a client key",
    "cHh5MS4": "an envelope of ours, in base64",
}


class Findings(list[str]):
    """Complaints, each with its place."""

    def must(self, holds: object, words: str) -> bool:
        """Complain unless it holds."""
        if not holds:
            self.append(words)
        return bool(holds)

    def keys(
        self, where: str, found: Mapping[str, Any], allowed: Collection[str], needed: Collection[str] = ()
    ) -> None:
        """Unknown and missing members, which vendors refuse by name."""
        self.extend(f"{where}: unknown member {key}" for key in found if key not in allowed)
        self.extend(f"{where}: {key} is missing" for key in needed if key not in found)


def shared(found: Findings, vendor: str, headers: Mapping[str, str], body: Mapping[str, Any], key: str) -> None:
    """No header of another vendor, no secret or envelope of ours, the provider's key and nobody else's."""
    low = {name.lower(): value for name, value in headers.items()}
    own = OWN_HEADERS[vendor]
    for name in low:
        foreign = name.startswith(_MARKED) and not name.startswith(own)
        found.must(not foreign and not name.startswith("x-patchbay"), f"header {name} is no affair of {vendor}")
    if low.get("user-agent", "").lower().startswith("patchbay"):
        strays = [name for name in low if name.startswith(("x-stainless-", "x-codex-", "x-claude-", "x-app"))]
        found.must(not strays, f"a converted request bears its client's headers {strays}")
    found.must("json" in low.get("content-type", ""), "content-type is not JSON")
    shown = [name for name, value in low.items() if key and key in value]
    found.must(len(shown) == 1, f"the provider's key stands in {shown}, not in one header")
    text = json.dumps(body, ensure_ascii=False)
    for word, what in _NEVER_IN_A_BODY.items():
        found.must(word not in text, f"{what} went to {vendor}")
    if vendor != "anthropic":
        found.must("x-anthropic-billing-header" not in text, f"Claude Code's billing line went to {vendor}")


def object_schema(found: Findings, where: str, schema: Any) -> None:
    """A tool's schema is an object's, with its properties written down (llama.cpp, OpenAI)."""
    if found.must(isinstance(schema, dict), f"{where}: the schema is no object"):
        found.must(schema.get("type") == "object", f"{where}: type is {schema.get('type')!r}, not object")
        found.must(isinstance(schema.get("properties"), dict), f"{where}: an object schema without properties")


def strict_problem(schema: Any) -> str:
    """Why a schema cannot be strict for OpenAI; empty where it can."""
    if isinstance(schema, list):
        return next((problem for one in schema if (problem := strict_problem(one))), "")
    if not isinstance(schema, dict):
        return ""
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false"
        if set(schema.get("required", [])) != set(schema.get("properties", {})):
            return "'required' is required to be supplied and to be an array including every key in properties"
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("anyOf")]
    return next((problem for one in inner if (problem := strict_problem(one))), "")


def text_of(content: Any) -> str:
    """The readable text of a content that is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [] if isinstance(part, dict))
