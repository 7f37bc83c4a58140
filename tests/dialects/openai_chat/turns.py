"""Requests for tests: turns in few words, and the messages that our writer makes of them."""

from __future__ import annotations

import json
from typing import Any

from app.dialects.base import Written
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.provider import Profile
from app.domain.request import Message, Part, Request, Role, Text
from app.vendors import profiles


def user(*said: str | Part) -> Message:
    return Message(Role.USER, tuple(Text(one) if isinstance(one, str) else one for one in said))


def assistant(*said: str | Part) -> Message:
    return Message(Role.ASSISTANT, tuple(Text(one) if isinstance(one, str) else one for one in said))


def system(text: str) -> Message:
    return Message(Role.SYSTEM, (Text(text),))


def written(*messages: Message, profile: Profile = profiles.GENERIC, **more: Any) -> Written:
    return OPENAI_CHAT.write_request(Request("asked", messages or (user("hi"),), **more), "sent", profile)


def body(*messages: Message, profile: Profile = profiles.GENERIC, **more: Any) -> dict[str, Any]:
    return dict(json.loads(written(*messages, profile=profile, **more).body))


def write(*messages: Message, profile: Profile = profiles.GENERIC, **more: Any) -> list[dict[str, Any]]:
    """The messages as the upstream gets them."""
    return list(body(*messages, profile=profile, **more)["messages"])
