"""The wire languages: bytes <-> the neutral form, without I/O.

What it is for: reading and writing what clients and upstreams speak, one package per dialect. May import: `app.domain`
and msgspec. Thread: any; a dialect is stateless, its stream readers and writers belong to one stream. No I/O, no clock.

Adding one: a package that offers an instance of `base.Dialect`, one line in `DIALECTS`, vectors in `tests/data/cases`.

What the dialects share: `sse` (splitting a stream), `body` (bounded JSON of clients), `names` (ids and tool names),
`signatures` (reasoning of other vendors), `upstream_error` and `error_body` (what an upstream's error means),
`openai_errors` (both of OpenAI's dialects), `losses` (the table of what is dropped or refused), `model_list`, `pieces`
(a body cut for the store), `road` (what both ends know of an exchange), `fold` (events to a reply), `error_headers`,
`no_compaction`. Readers of requests share `openai_files`; writers share `turns`, `pairing` (calls and their results),
`sampling`, `effort`, `openai_schema`, `web_search`, `tool_offer`, `identity`, `wording` (what stands in for what is
missing) and `notes` (what was dropped); readers of answers share `loose_json`, `counts` and `citations`.

Decisions: conversion goes through `domain.request` and `domain.events`, so N dialects cost N packages (lost: direct
converters, N times N). msgspec structs stay inside their package (lost: vendor SDK models, slow and forever changing).
JSON that nobody here interprets travels as bytes. An explicit tuple lists the dialects (lost: discovery by scanning,
which a frozen app does not survive). A dialect is a table of functions (lost: a method for each that only calls it);
mypy holds the table against `base.Dialect`.
"""

from __future__ import annotations

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.base import Dialect
from app.dialects.gemini import GEMINI
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.domain.provider import DialectName

DIALECTS: tuple[Dialect, ...] = (ANTHROPIC_MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES, GEMINI)


def dialect(name: DialectName) -> Dialect:
    """The dialect of that name; KeyError where it has no package yet."""
    for one in DIALECTS:
        if one.name == name:
            return one
    raise KeyError(name)
