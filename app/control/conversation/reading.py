"""From the stored sides of an exchange to its conversation."""

from __future__ import annotations

from dataclasses import replace

from app.control.conversation import reply as replies
from app.control.conversation import request as requests
from app.control.conversation.loose import parse, plain_body
from app.control.conversation.turns import Block, BlockKind, Conversation, Speaker, Turn
from app.domain.exchange import Detail, StoredSide

SIDES = ("client_request", "upstream_request", "upstream_reply", "client_reply")
MOST_BYTES = 8 * 1024 * 1024
"""Beyond this a body is only offered raw; reading it would take seconds."""


def conversation(detail: Detail) -> Conversation:
    """What was said in an exchange, as the client saw it; never raises. Blocking: call it in a thread.

    The client's own sides come first; where a body is gone (dropped for the byte budget, or never recorded) the
    upstream's stands in, and for the answer the text of the search index.
    """
    try:
        return _read(detail)
    except RecursionError:
        return Conversation((), notes=("The bodies are nested too deeply for this view; the Raw tab shows them.",))


def _read(detail: Detail) -> Conversation:
    row, notes = detail.row, list[str]()
    dialect, side = _kept(detail, (row.client_dialect, "client_request"), (row.upstream_dialect, "upstream_request"))
    body = parse(plain_body(side)) if side is not None and len(side.body) <= MOST_BYTES else None
    turns = requests.turns(dialect, body)
    if not turns:
        notes.append(_missing("request", detail.client_request))
    dialect, side = _kept(detail, (row.client_dialect, "client_reply"), (row.upstream_dialect, "upstream_reply"))
    said = replies.reply(dialect, plain_body(side)) if side is not None and len(side.body) <= MOST_BYTES else ()
    if not said and detail.answer:
        said = (Block(BlockKind.TEXT, detail.answer),)
    if said:
        turns = (*turns, Turn(Speaker.ASSISTANT, said, is_reply=True))
    elif row.duration_ms is not None:
        notes.append(_missing("reply", detail.client_reply))
    return Conversation(turns, requests.tools(body), tuple(notes))


def _kept(detail: Detail, *wanted: tuple[str, str]) -> tuple[str, StoredSide | None]:
    """The first of these sides whose bytes are there, be it as another side's."""
    for dialect, name in wanted:
        side = side_of(detail, name)
        if side.body:
            return dialect, side
    return "", None


def side_of(detail: Detail, name: str) -> StoredSide:
    """A side by its name, with the bytes that it shares with another side."""
    side: StoredSide = getattr(detail, name)
    if side.body or side.same_as not in SIDES or side.same_as == name:
        return side
    other: StoredSide = getattr(detail, side.same_as)
    return replace(side, body=other.body, headers=side.headers or other.headers)


def _missing(what: str, side: StoredSide) -> str:
    if side.locked:
        return f"The {what}'s body is encrypted, and its key is not in the keyring."
    if side.dropped:
        return f"The {what}'s body was removed to keep the history within its size."
    if len(side.body) > MOST_BYTES:
        return f"The {what} is too large for this view; the Raw tab shows it."
    if side.body:
        return f"The {what} is not in a form that this view can read; the Raw tab shows it."
    return f"The {what}'s body was not recorded."
