"""The one table of what a conversion cannot carry: refused by name, or dropped and listed.

Reading a client's request, a member without a neutral form is dropped and named as the client spelled it, unless
leaving it out would change what the answer means; then the request is refused. Writing to an upstream, what its
dialect or its profile has no place for is treated the same way. What is dropped stands in the exchange's record and in
the header `x-patchbay-dropped`. A test proves that nothing is dropped or refused that is not in this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from app.domain.provider import DialectName

_ANTHROPIC = DialectName.ANTHROPIC_MESSAGES
_CHAT = DialectName.OPENAI_CHAT
_RESPONSES = DialectName.OPENAI_RESPONSES
_GEMINI = DialectName.GEMINI


class Side(StrEnum):
    """Where the field is lost."""

    READ = "read"
    """No other dialect could take it from the client's request."""
    WRITE = "write"
    """This upstream's dialect, or what its profile says of it, has no place for it."""


class Effect(StrEnum):
    """What becomes of a request with it."""

    DROPPED = "dropped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Loss:
    """A row: in `field` an asterisk stands for any text; no dialect means every one."""

    dialect: DialectName | None
    side: Side
    field: str
    effect: Effect
    why: str

    def covers(self, dialect: DialectName, side: Side, field: str, effect: Effect) -> bool:
        """Whether this row speaks of that field."""
        mine = self.dialect in (None, dialect) and self.side is side and self.effect is effect
        return mine and fnmatchcase(field, self.field.replace("[", "[[]"))


def _dropped(side: Side, dialect: DialectName | None, why: str, *fields: str) -> tuple[Loss, ...]:
    return tuple(Loss(dialect, side, field, Effect.DROPPED, why) for field in fields)


def _refused(side: Side, dialect: DialectName | None, why: str, *fields: str) -> tuple[Loss, ...]:
    return tuple(Loss(dialect, side, field, Effect.REFUSED, why) for field in fields)


READ: tuple[Loss, ...] = (
    *_dropped(
        Side.READ,
        _CHAT,
        "only OpenAI's own servers have a use for it; Anthropic's compatible endpoint leaves out the same",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "seed",
        "prediction",
        "store",
        "metadata",
        "verbosity",
        "moderation",
        "messages.name",
    ),
    *_dropped(
        Side.READ,
        _RESPONSES,
        "only OpenAI's own servers have a use for it",
        "store",
        "metadata",
        "client_metadata",
        "truncation",
        "context_management",
        "text.verbosity",
        "include",
        "input.*",
        "tools.*",
    ),
    *_dropped(
        Side.READ,
        _GEMINI,
        "only Google's own servers have a use for it",
        "safetySettings",
        "safety_settings",
        "labels",
        "store",
        "generationConfig.*",
        "generation_config.*",
        "tools.*",
        "contents.*",
    ),
    *_dropped(
        Side.READ,
        _ANTHROPIC,
        "only Anthropic's own servers have a use for it",
        "speed",
        "inference_geo",
        "diagnostics",
        "context_management",
        "fallbacks",
        "billing_policy",
        "output_config.task_budget",
    ),
    *_dropped(Side.READ, None, "a member that nobody here knows yet", "*"),
    *_refused(
        Side.READ,
        _ANTHROPIC,
        "it lives at Anthropic, and without it the model would see another conversation",
        "mcp_servers",
        "container",
        "thread",
        "compaction",
        "tools.*",
        "messages.*",
        "system.*",
    ),
    *_refused(Side.READ, _ANTHROPIC, "a form of answer without a counterpart", "output_config.format.type"),
    *_refused(
        Side.READ, _CHAT, "an answer of a form without a counterpart", "n", "logprobs", "top_logprobs", "modalities"
    ),
    *_refused(Side.READ, _CHAT, "sound has no neutral form", "audio", "messages.*.audio", "messages.*.type"),
    *_refused(Side.READ, _CHAT, "a file that is kept at OpenAI", "messages.*.file_id", "messages.*.file_data"),
    *_refused(
        Side.READ,
        _RESPONSES,
        "state or work that stays at OpenAI, or an answer of a form without a counterpart",
        "background",
        "conversation",
        "prompt",
        "top_logprobs",
        "include",
        "input.*",
        "tool_choice",
    ),
    *_refused(
        Side.READ,
        _GEMINI,
        "state that is kept at Google, or an answer of a form without a counterpart",
        "cachedContent",
        "cached_content",
        "generationConfig.*",
        "generation_config.*",
        "contents.*",
        "systemInstruction.*",
        "system_instruction.*",
        "tools.*",
    ),
)
"""Everything unknown is dropped by name; what must not be dropped is refused, and stands here one by one."""

WRITE: tuple[Loss, ...] = (
    *_dropped(Side.WRITE, None, "more tools than the upstream takes", "tools[*:]"),
    *_dropped(Side.WRITE, None, "a tool that only its own vendor can run", "tools.*"),
    *_dropped(Side.WRITE, None, "the upstream cannot be told which tool to call", "tool_choice"),
    *_dropped(Side.WRITE, None, "the upstream takes no such sampling", "temperature", "top_p", "top_k"),
    *_dropped(Side.WRITE, None, "the upstream takes fewer stop sequences or none", "stop", "stop[*:]"),
    *_dropped(Side.WRITE, None, "an API error otherwise", "messages: a second result of one tool call"),
    *_dropped(Side.WRITE, None, "only a user can show them", "messages: a picture or document of the assistant's"),
    *_dropped(Side.WRITE, None, "the upstream sees no pictures; the model is told", "image"),
    *_dropped(Side.WRITE, None, "the upstream reads no such documents; the model is told", "document"),
    *_dropped(Side.WRITE, None, "a block that only its own vendor knows and that holds no text", "messages: *"),
    *_dropped(Side.WRITE, None, "calls cannot be held to one at a time", "parallel_tool_calls"),
    *_dropped(Side.WRITE, None, "the upstream cannot be told how hard to think", "reasoning_effort"),
    *_dropped(Side.WRITE, None, "the upstream has no such tiers", "service_tier"),
    *_dropped(Side.WRITE, _GEMINI, "Google's API has no place for an end user", "user_id"),
    *_refused(Side.WRITE, None, "an answer without any token is Anthropic's alone", "max_tokens"),
    *_refused(Side.WRITE, None, "the tool that the client insists on cannot be had", "tools", "tool_choice"),
    *_refused(Side.WRITE, None, "pictures or documents in a form that the upstream cannot take", "messages"),
)

LOSSES = READ + WRITE


def explained(dialect: DialectName, side: Side, field: str, effect: Effect = Effect.DROPPED) -> str:
    """Why a field is lost; empty for one that the table does not know."""
    return next((loss.why for loss in LOSSES if loss.covers(dialect, side, field, effect)), "")


def told(client: DialectName, upstream: DialectName, dropped: Iterable[str]) -> tuple[str, ...]:
    """What was dropped on a road, each field with the reason: "top_k (the upstream takes no such sampling)"."""
    return tuple(_told(client, upstream, field) for field in dropped)


def _told(client: DialectName, upstream: DialectName, field: str) -> str:
    # The upstream's rows come first: reading has a row for everything.
    why = explained(upstream, Side.WRITE, field) or explained(client, Side.READ, field)
    return f"{field} ({why})" if why else field
