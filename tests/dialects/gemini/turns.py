"""Requests for tests: what our writer makes of a conversation, judged by Google's own typed models."""

from __future__ import annotations

import json
from typing import Any

from google.genai import types

from app.dialects.base import Written
from app.dialects.gemini.request_write import write_request
from app.domain.provider import Profile
from app.domain.request import Message, Part, Request, Role, Text, ToolResult
from app.vendors import profiles

MODEL = "gemini-3.8-flash"
OLDER = "gemini-2.5-flash"


def user(*said: str | Part) -> Message:
    return Message(Role.USER, tuple(Text(one) if isinstance(one, str) else one for one in said))


def assistant(*said: str | Part) -> Message:
    return Message(Role.ASSISTANT, tuple(Text(one) if isinstance(one, str) else one for one in said))


def system(text: str) -> Message:
    return Message(Role.SYSTEM, (Text(text),))


def result(own: str, *said: str | Part, is_error: bool = False) -> ToolResult:
    return ToolResult(own, tuple(Text(one) if isinstance(one, str) else one for one in said), is_error)


def written(*messages: Message, model: str = MODEL, profile: Profile = profiles.GEMINI, **more: Any) -> Written:
    return write_request(Request("asked", messages or (user("hi"),), **more), model, profile)


def checked(sent: dict[str, Any]) -> dict[str, Any]:
    """The body, once Google's typed models, which forbid any other member, have taken each part of it."""
    members = {
        "contents": lambda found: [types.Content.model_validate(one) for one in found],
        "systemInstruction": types.Content.model_validate,
        "tools": lambda found: [types.Tool.model_validate(one) for one in found],
        "toolConfig": types.ToolConfig.model_validate,
        "generationConfig": types.GenerationConfig.model_validate,
    }
    for name, value in sent.items():
        members[name](value)
    return sent


def body(*messages: Message, **more: Any) -> dict[str, Any]:
    return checked(json.loads(written(*messages, **more).body))


def contents(*messages: Message, **more: Any) -> list[dict[str, Any]]:
    """The turns as the upstream gets them."""
    return list(body(*messages, **more)["contents"])


def parts(*messages: Message, **more: Any) -> list[dict[str, Any]]:
    """The parts of the last turn."""
    return list(contents(*messages, **more)[-1]["parts"])
