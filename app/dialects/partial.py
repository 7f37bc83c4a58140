"""The little that routing rules ask of a body, read without building the rest and without ever raising.

Each member is decoded by itself, so that one of a wrong type hides no other: what is wrong with it is the upstream's
to say, or the full reader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from app.dialects.body import without_lone_surrogates

T = TypeVar("T")
Members = dict[str, msgspec.Raw]

_OBJECT = msgspec.json.Decoder(Members)
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_REMINDER = re.compile(r"<system-reminder>.*?(?:</system-reminder>|\Z)", re.DOTALL)
_COUNT = msgspec.json.Decoder(int, strict=False)


class Spoken(msgspec.Struct):
    """A message of any dialect, as far as its texts are wanted."""

    role: str | None = None
    content: msgspec.Raw = msgspec.Raw()
    parts: msgspec.Raw = msgspec.Raw()


class Part(msgspec.Struct):
    """A part of a message that may be a text."""

    text: str | None = None


_MESSAGES = msgspec.json.Decoder(list[msgspec.Raw])
_SPOKEN = msgspec.json.Decoder(Spoken)
_PARTS = msgspec.json.Decoder(list[Part])
_TEXT = msgspec.json.Decoder(str)


def members(data: bytes | msgspec.Raw) -> Members:
    """The members of an object; none where there is no object."""
    return value(_OBJECT, data, None) or {}


def value(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw | None, otherwise: T | None) -> T | None:
    """A value, or `otherwise` where there is none of that type."""
    if data is None:
        return otherwise
    try:
        return decoder.decode(data)
    except _WRONG:
        pass
    mended = without_lone_surrogates(bytes(data))
    try:
        return decoder.decode(mended)
    except _WRONG:
        return otherwise


def text(data: msgspec.Raw | None) -> str:
    """A string; empty where it is none."""
    return value(_TEXT, data, "") or ""


def either(given: Members, *names: str) -> msgspec.Raw | bytes:
    """The first of these members that is there, or nothing."""
    return next((given[name] for name in names if name in given), b"")


def most(*data: msgspec.Raw | None) -> int:
    """The largest of these; 0 where none is a number above it. Which of several a server heeds nobody knows."""
    return max(0, *(value(_COUNT, one, 0) or 0 for one in data))


def first_user_text(messages: msgspec.Raw | None, roles: Iterable[str | None] = ("user",)) -> str:
    """What the user said first, without what an agent put around it; empty where it cannot be found."""
    wanted = frozenset(roles)
    for one in value(_MESSAGES, messages, None) or ():
        message = value(_SPOKEN, one, None)
        if message is not None and message.role in wanted and (said := _said(message)):
            return said
    return ""


def without_reminders(said: str) -> str:
    """A text without the reminders that Claude Code adds, which come and go from one turn to the next."""
    return _REMINDER.sub("", said).strip() if "<system-reminder>" in said else said.strip()


def _said(message: Spoken) -> str:
    data = message.content if bytes(message.content) else message.parts
    parts = value(_PARTS, data, None)
    texts = [text(data)] if parts is None else [part.text or "" for part in parts]
    return "\n".join(said for one in texts if (said := without_reminders(one)))
