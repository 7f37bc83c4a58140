"""A conversation as another vendor's upstream may see it: what are its instructions, and which turns say anything.

What is here is alike for all of them; what each makes of a turn stands in its own package.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.dialects import wording
from app.dialects.notes import Notes
from app.domain.provider import MidSystem, Profile
from app.domain.request import Document, Foreign, Image, Message, Part, Request, Role, Search, Text, Thinking


def instructions(request: Request, profile: Profile) -> tuple[list[Text], list[Message]]:
    """The texts of the system, and the messages that stay; where the upstream wants them there, later words as well."""
    system = [text for text in request.system if not text.text.startswith(wording.BILLING_HEADER)]
    if profile.mid_system is not MidSystem.MERGE:
        return system, list(request.messages)
    later = (message.parts for message in request.messages if message.role is Role.SYSTEM)
    system += [part for parts in later for part in parts if isinstance(part, Text)]
    return system, [message for message in request.messages if message.role is not Role.SYSTEM]


def says(part: Part) -> bool:
    """Whether a part leaves something for the upstream; reasoning alone does not."""
    return bool(part.text) if isinstance(part, (Text, Foreign)) else not isinstance(part, (Thinking, Search))


def speaking(message: Message, notes: Notes) -> Iterator[Message]:
    """The message without what OpenAI's dialects have no room for in an answer; none where nothing is left of it."""
    shown = message.parts
    if message.role is Role.ASSISTANT:
        shown = tuple(part for part in shown if not isinstance(part, (Image, Document)))
        if len(shown) < len(message.parts):
            notes.drop("messages: a picture or document of the assistant's")
    if any(says(part) for part in shown):
        yield Message(message.role, shown)
