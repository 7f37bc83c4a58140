"""Every kind of client over every kind of upstream: what is asked and what is answered arrives, or its loss is named.

Both ends of a road are dialects of ours in their other role: the client's request is written by its dialect as if to an
upstream of its own, and what the upstream gets is read by its dialect as if from a client of its own. Whether each
dialect writes what the vendors take is shown by the recorded cases and the vendors' own libraries, beside this.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.dialects import DIALECTS
from app.dialects.base import Dialect, Road, Written
from app.dialects.fold import Fold, reply_events
from app.dialects.road import road_for
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, MessageStop, Reply
from app.domain.provider import DialectName, Profile
from app.domain.request import (
    Document,
    Image,
    Part,
    Reasoning,
    Request,
    Role,
    Search,
    Text,
    Thinking,
    ToolCall,
    ToolChoiceMode,
    ToolResult,
)
from app.vendors import profiles
from tests.dialects.conversations import PLAIN, REPLIES, REQUESTS

MODELS = {
    DialectName.ANTHROPIC_MESSAGES: "claude-opus-4-5",
    DialectName.OPENAI_CHAT: "gpt-5.2",
    DialectName.OPENAI_RESPONSES: "gpt-5.5",
    DialectName.GEMINI: "gemini-3.1-pro-preview",
}
PROFILES = {
    DialectName.ANTHROPIC_MESSAGES: profiles.ANTHROPIC,
    DialectName.OPENAI_CHAT: profiles.OPENAI,
    DialectName.OPENAI_RESPONSES: profiles.OPENAI,
    DialectName.GEMINI: profiles.GEMINI,
}
ROADS = [(client, upstream) for client in DIALECTS for upstream in DIALECTS]
EACH_ROAD = pytest.mark.parametrize(
    ("client", "upstream"), ROADS, ids=[f"{client.name}-{upstream.name}" for client, upstream in ROADS]
)
UNASKABLE: frozenset[tuple[DialectName, str]] = frozenset()
"""What a dialect has no words for, so that no client of it can ask."""
SIZES = (1, 7, 100_000)
TRAILING = (b"", b"\n\n", b": bye\n\n", b'data: {"late":1}\n\n')


def written(dialect: Dialect, request: Request) -> Written | PatchbayError:
    """The request as an upstream of that dialect gets it, or why it cannot."""
    try:
        return dialect.write_request(request, MODELS[dialect.name], profile(dialect))
    except PatchbayError as refusal:
        return refusal


def profile(dialect: Dialect) -> Profile:
    return PROFILES[dialect.name]


def asked(client: Dialect, request: Request) -> Request | None:
    """The request as a client of that dialect would have sent it; None where such a client cannot ask it."""
    sent = written(client, request)
    return None if isinstance(sent, PatchbayError) else client.read_request(sent.body)


@EACH_ROAD
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_arrives_or_its_loss_is_named(client: Dialect, upstream: Dialect, name: str) -> None:
    request = asked(client, REQUESTS[name])
    if request is None:
        assert (client.name, name) in UNASKABLE
        return
    sent = written(upstream, request)
    if isinstance(sent, PatchbayError):
        assert sent.kind is ErrorKind.UNSUPPORTED
        assert sent.param, "a refusal names the field"
        return
    assert written(upstream, request) == sent, "the same request gives the same bytes"
    assert b"pxy1." not in sent.body
    arrived = upstream.read_request(sent.body)
    lost = {fact for fact, value in facts(request).items() if not survives(fact, value, facts(arrived))}
    named = " ".join((*request.dropped, *sent.dropped))
    silent = {fact for fact in lost if not any(word in named for word in WORDS.get(fact, (fact,)))}
    assert not silent, f"{silent} lost without a word: {facts(request)} became {facts(arrived)}; named: {named!r}"


WORDS = {
    # a fact -> how the fields that hold it are spelled, in whatever dialect
    "stop": ("stop",),
    "reasoning": ("reasoning", "thinking", "effort"),
    "choice": ("tool_choice", "toolConfig"),
    "parallel": ("parallel",),
    "format": ("response_format", "output_config", "format"),
    "pictures": ("image",),
    "documents": ("document", "file"),
    "top_k": ("top_k", "topK"),
    "top_p": ("top_p", "topP"),
}


def facts(request: Request) -> dict[str, Any]:
    """What a request says, apart from how its messages are cut."""
    parts = [(message.role, part) for message in request.messages for part in message.parts]
    choice = request.tool_choice
    mode = choice.mode if choice else ToolChoiceMode.AUTO
    return {
        "system": "\n\n".join(text.text for text in request.system),
        "talk": [*_talk(parts), *(document.text for document in _inside(parts, Document) if document.text)],
        "calls": [(part.name, json.loads(part.arguments)) for _, part in parts if isinstance(part, ToolCall)],
        "results": _results(parts),
        "pairs": _pairs(parts),
        "pictures": sorted(image.data or image.url for image in _inside(parts, Image)),
        "documents": sorted(document.data for document in _inside(parts, Document) if document.data),
        "tools": [(tool.name, tool.description) for tool in request.tools],
        "choice": (mode, choice.name if choice else ""),
        "parallel": request.parallel_tool_calls is not False,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop": request.stop,
        "reasoning": _wish(request.reasoning),
        "format": request.format.kind if request.format else None,
        "user_id": request.user_id,
    }


def survives(fact: str, value: Any, arrived: dict[str, Any]) -> bool:  # noqa: PLR0911 (a rule a fact)
    """Whether a fact arrived: as it was, or in the words that a dialect has for it."""
    other = arrived[fact]
    if value == other or not value:
        return True
    if fact == "talk":  # instructions and captions that the upstream's form demands may join, nothing may go
        everything = " ".join([arrived["system"], *arrived["talk"], *map(str, arrived["results"])])
        return all(text in everything for text in value)
    if fact == "system":
        return value in other or all(value in text for text in arrived["talk"][:1])
    if fact == "results":
        return len(value) == len(other) and all(one in two for one, two in zip(value, other, strict=True))
    if fact == "tools":  # names may be shortened
        return [text for _, text in value] == [text for _, text in other]
    if fact == "calls":
        return [arguments for _, arguments in value] == [arguments for _, arguments in other]
    if fact == "format":
        return "JSON" in arrived["system"]
    if fact == "reasoning":
        return bool(other) or value == "none"  # no word is "none" where thinking has to be asked for
    if fact == "max_tokens":
        return other is not None
    return False


def _talk(parts: list[tuple[Role, Part]]) -> list[str]:
    return [part.text for _, part in parts if isinstance(part, Text)]


def _results(parts: list[tuple[Role, Part]]) -> list[str]:
    answers = [part for _, part in parts if isinstance(part, ToolResult)]
    return ["\n".join(one.text for one in answer.parts if isinstance(one, Text)) for answer in answers]


def _pairs(parts: list[tuple[Role, Part]]) -> list[int]:
    """For each result the place of its call."""
    ids = [part.id for _, part in parts if isinstance(part, ToolCall)]
    return [ids.index(part.call_id) for _, part in parts if isinstance(part, ToolResult)]


def _inside(parts: list[tuple[Role, Part]], kind: type[Any]) -> list[Any]:
    found = [part for _, part in parts if isinstance(part, kind)]
    for _, part in parts:
        if isinstance(part, ToolResult):
            found += [one for one in part.parts if isinstance(one, kind)]
    return found


def _wish(wanted: Reasoning) -> str:
    """none, or that thinking is wanted."""
    if wanted.enabled is False:
        return "none"
    return "wanted" if wanted.enabled or wanted.effort or wanted.budget_tokens or wanted.adaptive else ""


def road(client: Dialect, upstream: Dialect) -> Road:
    """The road of a client that reads everything."""
    request = asked(client, PLAIN)
    sent = written(upstream, PLAIN)
    assert request
    assert isinstance(sent, Written)
    made = road_for(request, sent, MODELS[upstream.name], profile(upstream), 1_790_000_000)
    return replace(made, show_thinking=True, include_usage=True, opaque_thinking=True)


def said(reply: Reply) -> dict[str, Any]:
    """What an answer says: neighbors of one kind are one, for not every dialect keeps them apart."""
    texts = "".join(part.text for part in reply.parts if isinstance(part, Text))
    return {
        "text": texts,
        "thinking": "".join(part.text for part in reply.parts if isinstance(part, Thinking)),
        "calls": [
            (part.id, part.name, json.loads(part.arguments or "{}"))
            for part in reply.parts
            if isinstance(part, ToolCall)
        ],
        "stop": reply.stop,
        "hits": [hit.url for part in reply.parts if isinstance(part, Search) for hit in part.hits],
        "prompt": reply.usage.prompt_tokens,
        "cached": reply.usage.cache_read_tokens,
        "output": reply.usage.output_tokens,
        "reasoning": reply.usage.reasoning_tokens,
    }


def same_answer(found: Reply, reply: Reply) -> None:
    got, want = said(found), said(reply)
    if reply.refusal:  # the explanation is text to dialects that have no place for it
        assert got.pop("text").startswith(want.pop("text"))
    if not reply.usage.reasoning_tokens:
        del got["reasoning"], want["reasoning"]
    assert got == want


@EACH_ROAD
@pytest.mark.parametrize("name", REPLIES)
def test_a_whole_answer_arrives(client: Dialect, upstream: Dialect, name: str) -> None:
    way = road(client, upstream)
    body = upstream.write_reply(REPLIES[name], road(upstream, upstream))
    reply = upstream.read_reply(body, way)
    same_answer(client.read_reply(client.write_reply(reply, way), road(client, client)), REPLIES[name])


@EACH_ROAD
@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("size", SIZES)
def test_a_streamed_answer_arrives_however_it_is_cut(client: Dialect, upstream: Dialect, name: str, size: int) -> None:
    stream = upstream.stream_writer(road(upstream, upstream)).write(reply_events(REPLIES[name]))
    for trailing in TRAILING:
        sent = over(client, upstream, stream + trailing, size)
        same_answer(folded(client, sent), REPLIES[name])


@EACH_ROAD
def test_a_stream_that_is_cut_is_never_taken_for_a_whole_one(client: Dialect, upstream: Dialect) -> None:
    stream = upstream.stream_writer(road(upstream, upstream)).write(reply_events(REPLIES["text_and_calls"]))
    for end in range(0, len(stream), 17):
        reader = upstream.stream_reader(road(client, upstream))
        events = reader.feed(stream[:end])
        if reader.finished:
            break
        events += reader.close()
        if events and isinstance(events[-1], MessageStop):  # only the counts may be missing, and are marked as such
            found = folded(client, client.stream_writer(road(client, upstream)).write(events))
            got, want = said(found), said(REPLIES["text_and_calls"])
            assert [got[name] for name in ("text", "calls", "stop")] == [
                want[name] for name in ("text", "calls", "stop")
            ]
        else:
            with pytest.raises(PatchbayError):
                folded(client, client.stream_writer(road(client, upstream)).write(events))


@EACH_ROAD
def test_an_error_in_mid_stream_reaches_the_client_as_an_error(client: Dialect, upstream: Dialect) -> None:
    begun = list(reply_events(REPLIES["text"]))[:3]
    writer = upstream.stream_writer(road(upstream, upstream))
    error = PatchbayError(ErrorKind.OVERLOADED, "Overloaded, come back later.")
    stream = writer.write(begun) + writer.fail(error)
    fold = Fold()
    for event in events_of(client, over(client, upstream, stream, 7)):
        fold.add(event)
    assert fold.error is not None
    assert "come back later" in fold.error.message


def over(client: Dialect, upstream: Dialect, stream: bytes, size: int) -> bytes:
    """What the client gets of an upstream's stream that arrives in pieces of that size."""
    way = road(client, upstream)
    reader, writer = upstream.stream_reader(way), client.stream_writer(way)
    sent = [writer.write(reader.feed(stream[at : at + size])) for at in range(0, len(stream), size)]
    return b"".join(sent) + writer.write(reader.close())


def events_of(client: Dialect, stream: bytes) -> list[Event]:
    reader = client.stream_reader(road(client, client))
    return reader.feed(stream) + reader.close()


def folded(client: Dialect, stream: bytes) -> Reply:
    """The answer as a client of that dialect reads it."""
    fold = Fold(client.name)
    for event in events_of(client, stream):
        fold.add(event)
    return fold.reply()
