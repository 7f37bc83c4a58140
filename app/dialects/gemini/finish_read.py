"""Why the model stopped: Gemini's finish reasons, and prompts that were never answered.

Source: google-genai's `FinishReason` and `BlockedReason`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import StopReason

_REFUSED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_OTHER",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
        "ESCALATION",
    }
)
_BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "MALFORMED_RESPONSE",
    }
)
"""The model's answer could not be used by Google itself."""
_UNSAID = frozenset({"", "BLOCKED_REASON_UNSPECIFIED", "FINISH_REASON_UNSPECIFIED"})


@dataclass(slots=True)
class Finish:
    """What an answer said of its end."""

    reason: str = ""
    """The finish reason; empty before there was one."""
    message: str = ""
    blocked: str = ""
    """Why the prompt was not answered."""

    def block(self, reason: str, message: str) -> None:
        """Take a prompt feedback's reason; not every feedback has one."""
        if reason not in _UNSAID:
            self.blocked = reason
            self.message = message

    def read(self, *, said: bool, called: bool) -> tuple[StopReason, str]:
        """The reason, and the explanation of a refusal.

        Raises PatchbayError UPSTREAM_ERROR where the answer broke before anything was said or called.
        """
        if self.blocked:
            return StopReason.REFUSAL, self.message or f"The prompt was blocked ({self.blocked})."
        if self.reason in _REFUSED:
            return StopReason.REFUSAL, self.message or f"The answer was blocked ({self.reason})."
        if self.reason in _BROKEN and not (said or called):
            why = f"{self.reason}: {self.message}" if self.message else self.reason
            raise PatchbayError(ErrorKind.UPSTREAM_ERROR, f"The upstream broke the answer off ({why}).")
        if self.reason == "MAX_TOKENS":
            return StopReason.MAX_TOKENS, ""
        return (StopReason.TOOL_USE if called else StopReason.END_TURN), ""
