"""The text and the words in an upstream's error body, whatever its shape.

Known shapes: Anthropic `{"type": "error", "error": {"type", "message"}}`; OpenAI `{"error": {"message", "type",
"param", "code"}}`; Gemini `{"error": {"code", "message", "status", "details"}}`, at times in an array; Ollama
`{"error": "text"}`; OpenRouter with `error.metadata.raw`; FastAPI `{"detail": ...}`; llama.cpp with `n_prompt_tokens`
and `n_ctx`; HTML pages of gateways; plain text.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass

import msgspec

PLAIN_CHARS = 200
"""How much of a body that is no JSON is worth showing."""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|h|m|s)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]{0,1000}>", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class ErrorBody:
    """What could be read of an error body."""

    message: str = ""
    words: tuple[str, ...] = ()
    """Its type, code and status words and the reasons in its details, lower case."""
    code: str | None = None
    param: str | None = None
    status: int = 0
    retry_after_s: float | None = None
    tokens: tuple[int, int] | None = None
    """(prompt, maximum) where they are members of their own (llama.cpp)."""
    flagged: bool = False
    """OpenRouter's moderation says in `metadata` why it refused the text."""


def read_body(body: bytes) -> ErrorBody:
    """What an error body says; never raises."""
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ErrorBody(_text_of(body))
    if isinstance(value, list) and value:
        value = value[0]  # Gemini wraps its error in an array
    if not isinstance(value, dict):
        return ErrorBody(value if isinstance(value, str) else "")
    inner = value.get("error")
    found = ErrorBody(_message(value))
    sources = [one for one in (inner, value) if isinstance(one, dict)]
    for one in sources:
        _read_members(found, one)
    return found


def _read_members(found: ErrorBody, source: dict[str, object]) -> None:
    code = source.get("code")
    nested = source.get("details")
    if isinstance(nested, dict) and isinstance(nested.get("error_code"), str):
        code = code or nested["error_code"]
    words = [str(one) for one in (code, source.get("type"), source.get("status")) if isinstance(one, str)]
    found.words += tuple(word.lower() for word in words)
    if isinstance(code, str) and found.code is None:
        found.code = code
    status = code if isinstance(code, int) else source.get("status")
    if isinstance(status, int) and not found.status:
        found.status = status
    if isinstance(source.get("param"), str):
        found.param = str(source["param"])
    prompt, maximum = source.get("n_prompt_tokens"), source.get("n_ctx")
    if isinstance(prompt, int) and isinstance(maximum, int):
        found.tokens = (prompt, maximum)
    extra = source.get("metadata")
    found.flagged |= isinstance(extra, dict) and bool(extra.get("reasons") or extra.get("flagged_input"))
    _read_details(found, source)


def _read_details(found: ErrorBody, source: dict[str, object]) -> None:
    """When to come again and why: in Google's details, or as the backend of Codex says it of a plan that is used up."""
    resets = source.get("resets_in_seconds")
    if isinstance(resets, int | float) and resets >= 0:
        found.retry_after_s = float(resets)
    details = source.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("retryDelay"), str):
            found.retry_after_s = duration_s(detail["retryDelay"])
        if isinstance(detail, dict) and isinstance(detail.get("reason"), str):
            found.words += (detail["reason"].lower(),)


def _message(value: dict[str, object]) -> str:
    """`error.message`, `error`, `message`, `detail`, `errors[0].message`: the first that is a text."""
    inner = value.get("error")
    if isinstance(inner, dict):
        extra = inner.get("metadata")
        if isinstance(extra, dict) and isinstance(extra.get("raw"), str) and extra["raw"]:
            return _nested(extra["raw"])  # OpenRouter: what its own upstream said
        inner = inner.get("message")
    for text in (inner, value.get("message"), value.get("detail")):
        if isinstance(text, str) and text:
            return text
    detail = value.get("detail")
    if isinstance(detail, (list, dict)) and detail:
        return _detail(detail)
    many = value.get("errors")
    if isinstance(many, list) and many:
        first = many[0]
        return str(first.get("message", "")) if isinstance(first, dict) else str(first)
    return msgspec.json.encode(value).decode("utf-8", "replace") if value else ""


def _detail(detail: list[object] | dict[str, object]) -> str:
    """FastAPI: `[{"loc": ["body", "model"], "msg": "field required"}]`, or an object of the server's own."""
    parts = []
    for one in detail if isinstance(detail, list) else [detail]:
        if isinstance(one, dict) and isinstance(one.get("msg"), str):
            where = one.get("loc")
            place = ".".join(map(str, where)) + ": " if isinstance(where, list) else ""
            parts.append(place + one["msg"])
        else:
            parts.append(one if isinstance(one, str) else msgspec.json.encode(one).decode("utf-8", "replace"))
    return "; ".join(parts)


def _nested(raw: str) -> str:
    inner = read_body(raw.encode("utf-8", "replace")) if raw.lstrip().startswith(("{", "[")) else None
    return inner.message if inner is not None and inner.message else raw


def _text_of(body: bytes) -> str:
    """The readable beginning of a body that is no JSON: a gateway's HTML page, or plain text."""
    text = body[: 8 * 1024].decode("utf-8", "replace")
    if "<" in text:
        text = html.unescape(_TAG.sub(" ", text))
    return " ".join(text.split())[:PLAIN_CHARS]


def duration_s(text: str) -> float | None:
    """Seconds in "1.5s", "6m0s", "20ms" or a bare number; None where it is none of these."""
    spans = _SPAN.findall(text.replace("seconds", "s").replace("second", "s"))
    if spans:
        return sum(float(count) * _UNIT_S[unit] for count, unit in spans)
    return number(text)


def number(text: str) -> float | None:
    """A finite number that is not negative; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
