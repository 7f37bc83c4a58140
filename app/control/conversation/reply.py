"""A reply body, whole or streamed, as the blocks that the model said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from app.control.conversation import blocks
from app.control.conversation.loose import mapping, objects, parse, stream, text
from app.control.conversation.request import chat_message, response_item
from app.control.conversation.turns import Block
from app.domain.provider import DialectName

Chunks = Iterable[tuple[str, Mapping[str, Any]]]


def reply(dialect: str, body: bytes) -> tuple[Block, ...]:
    """The blocks of a reply; an error body gives its message, an unreadable one nothing."""
    if dialect not in READERS:
        return ()
    whole, gathered = READERS[dialect]
    value = parse(body)
    failure: list[Block] = []
    if value is None:
        value = gathered(_watched(stream(body), failure))
    elif isinstance(value, list):  # Gemini without alt=sse streams one JSON array
        value = gathered(_watched((("", one) for one in objects(value)), failure))
    elif (said := blocks.error(value)) is not None:
        failure.append(said)
    made = (block for block in whole(mapping(value)) if block.text or block.title)
    return (*made, *failure)


def _watched(chunks: Chunks, failure: list[Block]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The chunks as they come; the error a stream ends with is kept aside."""
    for name, chunk in chunks:
        said = blocks.error(chunk)
        if said is None:
            yield name, chunk
        else:
            failure.append(said)


def _anthropic(body: Mapping[str, Any]) -> Iterator[Block]:
    return blocks.content(body.get("content"))


def _gather_anthropic(chunks: Chunks) -> Mapping[str, Any]:
    parts: dict[Any, dict[str, Any]] = {}
    pieces: dict[Any, list[str]] = {}
    grows = {"text": "text", "thinking": "thinking", "tool_use": "input", "server_tool_use": "input"}
    for _, chunk in chunks:
        index, kind = chunk.get("index"), text(chunk.get("type"))
        if kind == "content_block_start":
            parts[index] = dict(mapping(chunk.get("content_block")))
            pieces[index] = []
        elif kind == "content_block_delta" and index in parts:
            delta = mapping(chunk.get("delta"))
            pieces[index].append(text(delta.get("text") or delta.get("thinking") or delta.get("partial_json")))
    for index, part in parts.items():
        field = grows.get(text(part.get("type")))
        if field and any(pieces[index]):
            part[field] = text(part.get(field)) + "".join(pieces[index])
    return {"content": list(parts.values())}


def _chat(body: Mapping[str, Any]) -> Iterator[Block]:
    for choice in objects(body.get("choices")):
        yield from chat_message(mapping(choice.get("message")))


def _gather_chat(chunks: Chunks) -> Mapping[str, Any]:
    said: dict[str, list[str]] = {"content": [], "reasoning": [], "refusal": []}
    calls: dict[Any, dict[str, Any]] = {}
    for _, chunk in chunks:
        choice = next((one for one in objects(chunk.get("choices")) if one.get("index") in (0, None)), {})
        delta = mapping(choice.get("delta"))
        said["content"].append(text(delta.get("content")))
        said["reasoning"].append(text(delta.get("reasoning_content") or delta.get("reasoning")))
        said["refusal"].append(text(delta.get("refusal")))
        for made in objects(delta.get("tool_calls")):
            function = mapping(made.get("function"))
            held = calls.setdefault(made.get("index", len(calls)), {"name": "", "pieces": []})
            held["name"] = held["name"] or text(function.get("name"))
            held["pieces"].append(text(function.get("arguments")))
    message: dict[str, Any] = {"role": "assistant", **{key: "".join(pieces) for key, pieces in said.items()}}
    message["tool_calls"] = [
        {"function": {"name": held["name"], "arguments": "".join(held["pieces"])}} for held in calls.values()
    ]
    return {"choices": [{"message": message}]}


def _responses(body: Mapping[str, Any]) -> Iterator[Block]:
    for item in objects(body.get("output")):
        yield from response_item(item).blocks


def _gather_responses(chunks: Chunks) -> Mapping[str, Any]:
    """The final response where it came; else the finished items, and the text of the unfinished one."""
    done: list[Any] = []
    open_text: dict[Any, list[str]] = {}
    for name, chunk in chunks:
        kind = text(chunk.get("type")) or name
        if kind in {"response.completed", "response.incomplete"}:
            return mapping(chunk.get("response"))
        if kind == "response.output_item.done":
            done.append(chunk.get("item"))
            open_text.pop(chunk.get("output_index"), None)
        elif kind == "response.output_text.delta":
            open_text.setdefault(chunk.get("output_index"), []).append(text(chunk.get("delta")))
    unfinished = ({"type": "message", "content": "".join(pieces)} for pieces in open_text.values())
    return {"output": [*done, *unfinished]}


def _gemini(body: Mapping[str, Any]) -> Iterator[Block]:
    for candidate in objects(body.get("candidates")):
        yield from blocks.gemini(mapping(candidate.get("content")).get("parts"))


def _gather_gemini(chunks: Chunks) -> Mapping[str, Any]:
    parts: list[Any] = []
    for _, chunk in chunks:
        for candidate in objects(chunk.get("candidates")):
            parts.extend(objects(mapping(candidate.get("content")).get("parts")))
    return {"candidates": [{"content": {"parts": parts}}]}


READERS: dict[str, tuple[Callable[[Mapping[str, Any]], Iterator[Block]], Callable[[Chunks], Mapping[str, Any]]]] = {
    DialectName.ANTHROPIC_MESSAGES: (_anthropic, _gather_anthropic),
    DialectName.OPENAI_CHAT: (_chat, _gather_chat),
    DialectName.OPENAI_RESPONSES: (_responses, _gather_responses),
    DialectName.GEMINI: (_gemini, _gather_gemini),
}
"""How each dialect's whole reply is read, and how its stream is gathered into the form of a whole one."""
