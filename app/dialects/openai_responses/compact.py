"""A conversation in short form, for upstreams that have no such operation: an ordinary request asks for a summary.

Codex asks in two ways: by `/responses/compact`, whose reply lists the user's messages and one `compaction` item, and
by an item `compaction_trigger` in an ordinary request, whose reply must hold exactly one such item (openai/codex
pull request 22809). The item's `encrypted_content` is our envelope, so that any upstream can go on from it.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.dialects.base import Road
from app.dialects.openai_responses.echo import read_echo
from app.dialects.openai_responses.ids import Ids
from app.dialects.openai_responses.output_items import compaction_item
from app.dialects.openai_responses.usage import utf8_bytes, write_usage
from app.dialects.road import settled
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.request import Message, Request, Role, Text, ToolChoice, ToolChoiceMode

PROMPT = (
    "The conversation so far will be replaced by what you write now. Write a complete hand-over for the one who goes "
    "on with it and sees nothing else: what the user wants, in their own words where these matter; what was decided "
    "and why; what was done, with the names of files, functions, commands and their results; what is still open, what "
    "failed and must not be tried again; and the exact next step. Leave out nothing that is needed to continue, add "
    "nothing that was not there, and answer with the hand-over alone."
)
_CUT = frozenset({StopReason.MAX_TOKENS, StopReason.CONTEXT_FULL, StopReason.REFUSAL})


def as_compaction(request: Request) -> Request:
    """The request with the question for a hand-over at its end; the tools stay for the prompt cache, but unused."""
    return replace(
        request,
        messages=(*request.messages, Message(Role.USER, (Text(PROMPT),))),
        tool_choice=ToolChoice(ToolChoiceMode.NONE) if request.tools else None,
        format=None,
    )


def summary(texts: str, stop: StopReason) -> str:
    """The hand-over; raises PatchbayError BAD_REPLY where there is none or where it is not complete."""
    if stop in _CUT:
        raise PatchbayError(ErrorKind.BAD_REPLY, f"The summary of the conversation was cut off ({stop.value}).")
    if not texts.strip():
        raise PatchbayError(ErrorKind.BAD_REPLY, "The model gave no summary of the conversation.")
    return texts.strip()


def write_compact_reply(reply: Reply, road: Road) -> bytes:
    """The answer to `/responses/compact`; raises PatchbayError BAD_REPLY where the summary is not whole."""
    texts = "".join(part.text for part in reply.parts if isinstance(part, Text))
    text = summary(texts, reply.stop)
    ids = Ids(reply.id, road.created_s)
    usage = settled(reply.usage, road, utf8_bytes(texts))
    users = read_echo(road.echo).meant.users
    return msgspec.json.encode(
        {
            "id": ids.response,
            "object": "response.compaction",
            "created_at": road.created_s,
            "output": [*users, compaction_item(ids.item("cmp", len(users)), text)],
            "usage": write_usage(usage),
        }
    )
