"""What a provider refused once and what to leave out from then on: retries that repair the request, never repeat it.

OpenAI-compatible servers differ in which parameters a model takes, and say so only in the text of a 400
(protocol notes: "Unsupported parameter: 'max_tokens' ... use 'max_completion_tokens'"). Each deviation is a change of
the capability profile; it is remembered per provider and model until the process ends.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from app.dialects.base import Operation
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName, MidSystem, Profile, Provider
from app.domain.request import Request, Thinking, ToolCall

_REFUSED = re.compile(
    r"unsupported (?:parameter|value)|unrecognized request argument|unknown (?:parameter|field|name)|not supported"
    r"|does not support|is deprecated|extra inputs are not permitted|unexpected keyword|must be verified to",
    re.IGNORECASE,
)
_CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    # A word of the error's text or its `param` -> what the profile says from then on.
    ("parallel_tool_calls", {"parallel_tool_calls": False}),
    ("reasoning_effort", {"effort": (), "reasoning_object": False}),
    ("reasoning.effort", {"effort": ()}),
    ("reasoning.summary", {"reasoning_summary": False}),
    ("reasoning summaries", {"reasoning_summary": False}),
    ("Thinking level", {"effort": ()}),
    ("Thinking budget", {"effort": ()}),
    ("parametersJsonSchema", {"parameters_schema": True}),
    ("text.format", {"response_format": "none"}),
    ("stream_options", {"stream_usage": False}),
    ("prompt_cache_key", {"session_cache_key": False}),
    ("response_format", {"response_format": "none"}),
    ("tool_choice", {"tool_choice": False}),
    ("temperature", {"sampling": "none"}),
    ("top_p", {"sampling": "temp_only"}),
    ("top_k", {"top_k": False}),
    ("safety_identifier", {"user_field": ""}),
    ("'user'", {"user_field": ""}),
    ("stop", {"stop_max": 0}),
)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_OFFERED = re.compile(r"supported values are:?(?P<values>[^.]*)", re.IGNORECASE)
_SYSTEM_ROLE = re.compile(r"role.{0,20}system.{0,20}(?:not supported|unsupported)", re.IGNORECASE)
_SIGNATURE = re.compile(r"invalid.{0,10}signature.{0,20}thinking", re.IGNORECASE)
_THOUGHT = re.compile(r"thought[_ ]?signature", re.IGNORECASE)
_UNSIGNED = re.compile(r"missing a thought[_ ]?signature", re.IGNORECASE)
_RESPONSES = re.compile(r"tools with reasoning_effort are not supported|use /v1/responses", re.IGNORECASE)
_BETA = re.compile(r"anthropic-beta", re.IGNORECASE)
_BETA_TOKEN = re.compile(r"[`'\"]([A-Za-z0-9_.-]+)[`'\"]")
_SIGNED = re.compile(rb'("thought_?[Ss]ignature"\s*:\s*)"[^"\\]*"')
"""Inside a string the quotes would be escaped."""
_SENTINEL = rb'\1"skip_thought_signature_validator"'
"""Google's word for a signature that is not there (ai.google.dev, thought signatures)."""


class Memory:
    """Profiles as experience corrected them, by provider and model."""

    def __init__(self) -> None:
        self._learned: dict[tuple[str, str, str], Profile] = {}
        self._closed: set[tuple[str, str, DialectName, Operation]] = set()
        self._responses: set[tuple[str, str, str]] = set()
        self._betas: dict[tuple[str, str], frozenset[str]] = {}

    def profile(self, provider: Provider, model: str) -> Profile:
        """What to assume of a provider for a model."""
        if not self._learned:
            return provider.profile
        return self._learned.get((provider.name, provider.base_url, model), provider.profile)

    def learn(self, provider: Provider, model: str, profile: Profile) -> None:
        """Assume this from now on."""
        self._learned[provider.name, provider.base_url, model] = profile

    def close(self, provider: Provider, operation: Operation) -> None:
        """The server has no endpoint for this in the dialect that `provider` speaks here."""
        self._closed.add((provider.name, provider.base_url, provider.dialect, operation))

    def is_closed(self, provider: Provider, operation: Operation) -> bool:
        """Whether that was found out."""
        return bool(self._closed) and (provider.name, provider.base_url, provider.dialect, operation) in self._closed

    def take_responses(self, provider: Provider, model: str) -> None:
        """The model's function tools work over the Responses dialect only."""
        self._responses.add((provider.name, provider.base_url, model))

    def needs_responses(self, provider: Provider, model: str) -> bool:
        """Whether that was found out."""
        return bool(self._responses) and (provider.name, provider.base_url, model) in self._responses

    def refuse_betas(self, provider: Provider, betas: frozenset[str]) -> None:
        """The provider does not take these values of `anthropic-beta`."""
        self._betas[provider.name, provider.base_url] = self.refused_betas(provider) | betas

    def refused_betas(self, provider: Provider) -> frozenset[str]:
        """The values of `anthropic-beta` that it does not take."""
        return self._betas.get((provider.name, provider.base_url), frozenset())


def wants_responses(error: PatchbayError) -> bool:
    """Whether the chat endpoint sends a request with function tools to the Responses one."""
    return error.kind is ErrorKind.UPSTREAM_INVALID_REQUEST and _RESPONSES.search(error.message) is not None


def refused_betas(error: PatchbayError, sent: str) -> frozenset[str]:
    """Which of the values in `sent`, an `anthropic-beta` header, the provider complains of; empty where of none."""
    if error.kind is not ErrorKind.UPSTREAM_INVALID_REQUEST or not _BETA.search(error.message):
        return frozenset()
    named = frozenset(_BETA_TOKEN.findall(error.message))
    return named & frozenset(one.strip() for one in sent.split(","))


def signature_refused(error: PatchbayError) -> bool:
    """Whether Gemini complains of a thought signature that is corrupted, of another model, or missing."""
    return error.kind is ErrorKind.UPSTREAM_INVALID_REQUEST and _THOUGHT.search(error.message) is not None


def with_sentinels(body: bytes) -> bytes:
    """A Gemini request whose thought signatures all say that there is none; the same object without any."""
    return _SIGNED.sub(_SENTINEL, body) if _SIGNED.search(body) else body


def without_signatures(error: PatchbayError, request: Request) -> Request | None:
    """The request without signatures, which the writer then says are not there; None where none were."""
    if not signature_refused(error):
        return None
    messages = tuple(
        dataclasses.replace(
            message,
            parts=tuple(
                dataclasses.replace(part, signature="") if isinstance(part, ToolCall) else part
                for part in message.parts
                if not isinstance(part, Thinking)
            ),
        )
        for message in request.messages
    )
    return dataclasses.replace(request, messages=messages) if messages != request.messages else None


def better_profile(error: PatchbayError, profile: Profile) -> Profile | None:
    """The profile that avoids what this error complains of; None where it complains of something else."""
    if error.kind is not ErrorKind.UPSTREAM_INVALID_REQUEST:
        return None
    text = f"{error.message} {error.param or ''}"
    if _SYSTEM_ROLE.search(text):
        return _changed(profile, {"mid_system": MidSystem.USER_REMINDER})
    if _UNSIGNED.search(text):
        return _changed(profile, {"signed_calls": True})
    if not _REFUSED.search(text):
        return None
    if "max_completion_tokens" in text and "max_tokens" in text:
        other = "max_completion_tokens" if profile.max_tokens_field == "max_tokens" else "max_tokens"
        return _changed(profile, {"max_tokens_field": other})
    for word, changes in _CHANGES:
        if word in text:
            return _changed(profile, {**changes, **_offered(text, profile)} if "effort" in changes else changes)
    return None


def _offered(text: str, profile: Profile) -> dict[str, Any]:
    """The efforts that the provider names in place of the one it refused, where that is something new."""
    found = _OFFERED.search(text)
    words = tuple(word for word in _EFFORTS if found is not None and f"'{word}'" in found["values"])
    return {"effort": words, "reasoning_object": profile.reasoning_object} if words not in ((), profile.effort) else {}


def without_thinking(error: PatchbayError, request: Request) -> Request | None:
    """The request without replayed reasoning, where the provider no longer accepts its signature; else None."""
    if error.kind is not ErrorKind.UPSTREAM_INVALID_REQUEST or not _SIGNATURE.search(error.message):
        return None
    messages = tuple(
        dataclasses.replace(message, parts=tuple(part for part in message.parts if not isinstance(part, Thinking)))
        for message in request.messages
    )
    return dataclasses.replace(request, messages=messages) if messages != request.messages else None


def _changed(profile: Profile, changes: dict[str, Any]) -> Profile | None:
    """None where nothing would change: the error is about something else, and a retry would only repeat it."""
    changed = dataclasses.replace(profile, **changes)
    return changed if changed != profile else None
