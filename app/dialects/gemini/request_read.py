"""A Gemini request body -> the neutral request; nothing is repaired, nothing swallowed without being named.

The model and whether a stream is wanted stand in the path; the pipeline adds both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import msgspec

from app.dialects.base import Peek
from app.dialects.body import invalid, read
from app.dialects.gemini import generation_read
from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.contents_read import ContentsReader, read_system
from app.dialects.gemini.parts_read import unsupported
from app.dialects.gemini.spelling import read_spelled
from app.dialects.gemini.tools_read import ToolReader
from app.domain.errors import PatchbayError
from app.domain.request import Request

MODELS = "models/"
_PEEK = msgspec.json.Decoder(wire.PeekIn)
_INNER = "generateContentRequest"


def peek(body: bytes) -> Peek:
    """Only the checks that `base.Dialect.peek` names: the body tells neither model nor stream."""
    read(_PEEK, body)
    return Peek("", stream=False)


def read_request(body: bytes) -> Request:
    """The neutral request; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
    spelled = read_spelled(wire.RequestIn, body)
    try:
        request, dropped = _request(spelled.value)
    except PatchbayError as error:
        raise spelled.error(error) from None
    return dataclasses.replace(request, dropped=(*map(spelled.path, dropped), *spelled.unknown))


def read_count_request(body: bytes) -> Request:
    """The request whose tokens are to be counted: the one in `generateContentRequest`, or one of contents alone."""
    spelled = read_spelled(wire.CountIn, body)
    inner = spelled.value.generate_content_request
    try:
        if inner is not None and spelled.value.contents:
            raise invalid(f"only one of contents and {_INNER} may be given", "contents")
        return _request(inner or spelled.value)[0]
    except PatchbayError as error:
        if inner is not None and error.param not in (None, "contents"):
            place = f"{_INNER}.{error.param}"
            error.message, error.param = error.message.replace(str(error.param), place, 1), place
        raise spelled.error(error) from None


def _request(wired: wire.RequestIn) -> tuple[Request, tuple[str, ...]]:
    """The request, and what was dropped in Google's spelling."""
    if not wired.contents:
        raise invalid("field required", "contents")
    if wired.cached_content:
        raise unsupported("a context that is cached at Google", "cachedContent")
    config = wired.generation_config or wire.GenerationConfigIn()
    generation_read.refuse(config)
    contents, tools = ContentsReader(wired.contents), ToolReader()
    choice, offered = tools.choice(wired.tool_config, tools.tools(wired.tools or []))
    request = Request(
        model=(wired.model or "").removeprefix(MODELS),
        messages=contents.read(),
        system=read_system(wired.system_instruction),
        tools=offered,
        tool_choice=choice,
        max_tokens=config.max_output_tokens,
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=None if config.top_k is None else round(config.top_k),
        stop=tuple(config.stop_sequences or ()),
        reasoning=generation_read.read_reasoning(config),
        format=generation_read.read_format(config),
    )
    return request, (*contents.dropped, *tools.dropped, *generation_read.dropped(config), *_dropped(wired))


def _dropped(wired: wire.RequestIn) -> Iterator[str]:
    """Members of the request that only Google's own servers have a use for."""
    for name, raw in (
        ("safetySettings", wired.safety_settings),
        ("labels", wired.labels),
        ("serviceTier", wired.service_tier),
        ("store", wired.store),
    ):
        if wire.given(raw):
            yield name
