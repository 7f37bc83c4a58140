"""Requests for tests: turns in few words, and what our writer makes of them, judged by the vendor's own types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import TypeAdapter

from app.dialects.base import Written
from app.dialects.openai_responses.request_write import write_request
from app.domain.errors import PatchbayError
from app.domain.provider import Profile
from app.domain.request import Message, Part, Request, Role, Text
from app.vendors import profiles

MODEL = "gpt-5.6"
_WHOLE: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)
_STREAM: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsStreaming)


def user(*said: str | Part) -> Message:
    return Message(Role.USER, tuple(Text(one) if isinstance(one, str) else one for one in said))


def assistant(*said: str | Part) -> Message:
    return Message(Role.ASSISTANT, tuple(Text(one) if isinstance(one, str) else one for one in said))


def system(text: str) -> Message:
    return Message(Role.SYSTEM, (Text(text),))


def written(*messages: Message, profile: Profile = profiles.OPENAI, model: str = MODEL, **more: Any) -> Written:
    return write_request(Request("asked", messages or (user("hi"),), **more), model, profile)


def body(*messages: Message, profile: Profile = profiles.OPENAI, model: str = MODEL, **more: Any) -> dict[str, Any]:
    found = dict(json.loads(written(*messages, profile=profile, model=model, **more).body))
    if profile.kind in {"openai", "azure"}:
        assert_typed(found)
    return found


def items(*messages: Message, profile: Profile = profiles.OPENAI, **more: Any) -> list[dict[str, Any]]:
    """The items as the upstream gets them."""
    return list(body(*messages, profile=profile, **more)["input"])


def refused(*messages: Message, profile: Profile = profiles.OPENAI, **more: Any) -> PatchbayError:
    """The error of a request that this upstream cannot be asked."""
    try:
        written(*messages, profile=profile, **more)
    except PatchbayError as error:
        return error
    raise AssertionError("the request was written")


def assert_typed(found: dict[str, Any]) -> None:
    """The SDK's types take the request, and know every member of it."""
    assert _plain((_STREAM if found.get("stream") else _WHOLE).validate_python(found)) == found


def _plain(value: Any) -> Any:
    """What validation leaves, with its lazy lists read to their end."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, Iterator)):
        return [_plain(one) for one in value]
    return value
