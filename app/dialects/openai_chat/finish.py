"""Why the model stopped: chat's finish reasons, with every vendor's own words, and back."""

from __future__ import annotations

from app.dialects.openai_chat import wire_reply as wire
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason

_READ = {
    "length": StopReason.MAX_TOKENS,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_length": StopReason.MAX_TOKENS,  # Mistral
    "model_context_window_exceeded": StopReason.CONTEXT_FULL,  # GLM
    "content_filter": StopReason.REFUSAL,
    "sensitive": StopReason.REFUSAL,  # GLM
}
_FAILED = frozenset({"error", "network_error", "insufficient_system_resource", "abort"})
"""OpenRouter, GLM, DeepSeek, vLLM and SGLang: the answer was broken off."""
_WRITE = {
    StopReason.END_TURN: "stop",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.PAUSE: "stop",
    StopReason.TOOL_USE: "tool_calls",
    StopReason.MAX_TOKENS: "length",
    StopReason.CONTEXT_FULL: "length",
    StopReason.REFUSAL: "content_filter",
}
REFUSED = "The model refused."


def check(choice: wire.Choice) -> None:
    """Raise PatchbayError OVERLOADED or UPSTREAM_ERROR where the upstream itself broke the answer off."""
    word = (choice.finish_reason or "").lower()
    if word in _FAILED:
        kind = ErrorKind.OVERLOADED if word == "insufficient_system_resource" else ErrorKind.UPSTREAM_ERROR
        raise PatchbayError(kind, f"The upstream broke the answer off (finish_reason: {word}).")


def read_stop(
    choice: wire.Choice, stop: tuple[str, ...], *, tools: bool, refused: bool
) -> tuple[StopReason, str | None]:
    """The reason and the stop sequence that matched, of a choice that passed `check`.

    Many servers say `stop` where they call tools, so a tool call decides. Which stop sequence matched only vLLM and
    SGLang tell.
    """
    word = (choice.finish_reason or "").lower()
    if word in _READ:
        return _READ[word], None
    if tools:
        return StopReason.TOOL_USE, None
    if refused:
        return StopReason.REFUSAL, None
    for matched in (choice.stop_reason, choice.matched_stop):
        if isinstance(matched, str) and matched in stop:
            return StopReason.STOP_SEQUENCE, matched
    return StopReason.END_TURN, None


def write_finish(reason: StopReason) -> str:
    """The finish reason for a client."""
    return _WRITE[reason]
