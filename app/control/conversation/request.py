"""A request body as the turns that were sent with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.control.conversation import blocks
from app.control.conversation.breath import Breath
from app.control.conversation.loose import items, mapping, objects, text
from app.control.conversation.turns import Block, BlockKind, Speaker, Turn
from app.domain.provider import DialectName

_SPEAKERS = {
    "system": Speaker.SYSTEM,
    "developer": Speaker.SYSTEM,
    "user": Speaker.USER,
    "assistant": Speaker.ASSISTANT,
    "model": Speaker.ASSISTANT,
    "tool": Speaker.TOOL,
    "function": Speaker.TOOL,
}


def turns(dialect: str, body: Any) -> tuple[Turn, ...]:
    """The turns of a request in that dialect; neighbouring ones of the same speaker stay apart as they were sent."""
    read = READERS.get(dialect)
    if read is None:
        return ()
    breath, made = Breath(), list[Turn]()
    for turn in read(mapping(body)):
        breath()
        if turn.blocks:
            made.append(turn)
    return tuple(made)


def tools(body: Any) -> tuple[str, ...]:
    """Names of the tools that the model was offered, in any dialect's form."""
    names: list[str] = []
    for tool in objects(mapping(body).get("tools")):
        declared = tuple(objects(tool.get("functionDeclarations"))) or (tool,)
        for one in declared:
            name = text(one.get("name") or mapping(one.get("function")).get("name") or one.get("type"))
            names.append(name or "unnamed")
    return tuple(names)


def _speaker(role: Any) -> Speaker:
    return _SPEAKERS.get(text(role), Speaker.USER)


def _anthropic(body: Mapping[str, Any]) -> Iterator[Turn]:
    yield Turn(Speaker.SYSTEM, tuple(blocks.content(body.get("system"))))
    for message in objects(body.get("messages")):
        made = tuple(blocks.content(message.get("content")))
        speaker = _speaker(message.get("role"))
        if speaker is Speaker.USER and made and all(block.kind is BlockKind.TOOL_RESULT for block in made):
            speaker = Speaker.TOOL
        yield Turn(speaker, made)


def _chat(body: Mapping[str, Any]) -> Iterator[Turn]:
    for message in objects(body.get("messages")):
        yield Turn(_speaker(message.get("role")), tuple(chat_message(message)))


def chat_message(message: Mapping[str, Any]) -> Iterator[Block]:
    """Blocks of a chat message: of a request, or of a choice's `message`."""
    thought = text(message.get("reasoning_content") or message.get("reasoning"))
    if thought:
        yield Block(BlockKind.THINKING, thought)
    if _speaker(message.get("role")) is Speaker.TOOL:
        yield Block(BlockKind.TOOL_RESULT, blocks.flat(message.get("content")), text(message.get("name")))
        return
    yield from blocks.content(message.get("content"))
    if text(message.get("refusal")):
        yield Block(BlockKind.TEXT, text(message["refusal"]), "refusal")
    for made in objects(message.get("tool_calls")):
        function = mapping(made.get("function")) or mapping(made.get("custom"))
        yield blocks.call(function.get("name"), function.get("arguments") or function.get("input"))


def _responses(body: Mapping[str, Any]) -> Iterator[Turn]:
    if text(body.get("instructions")):
        yield Turn(Speaker.SYSTEM, (Block(BlockKind.TEXT, text(body["instructions"])),))
    if isinstance(body.get("input"), str):
        yield Turn(Speaker.USER, tuple(blocks.content(body["input"])))
    for item in items(body.get("input")):
        yield response_item(mapping(item))


def response_item(item: Mapping[str, Any]) -> Turn:
    """One item of a Responses `input` or `output`."""
    kind = text(item.get("type"))
    if kind in {"", "message"}:
        return Turn(_speaker(item.get("role")), tuple(blocks.content(item.get("content"))))
    if kind.endswith("_call_output"):
        return Turn(Speaker.TOOL, (Block(BlockKind.TOOL_RESULT, blocks.flat(item.get("output"))),))
    if kind in {"function_call", "custom_tool_call"}:
        made = blocks.call(item.get("name"), item.get("arguments") or item.get("input"))
        return Turn(Speaker.ASSISTANT, (made,))
    if kind == "reasoning":
        said = "\n".join(block.text for key in ("summary", "content") for block in blocks.content(item.get(key)))
        shown = Block(BlockKind.THINKING, said) if said else blocks.typed({"type": "redacted_thinking"})
        return Turn(Speaker.ASSISTANT, (shown,))
    return Turn(Speaker.ASSISTANT, (blocks.typed(item),))


def _gemini(body: Mapping[str, Any]) -> Iterator[Turn]:
    system = mapping(body.get("systemInstruction") or body.get("system_instruction"))
    yield Turn(Speaker.SYSTEM, tuple(blocks.gemini(system.get("parts"))))
    for message in objects(body.get("contents")):
        made = tuple(blocks.gemini(message.get("parts")))
        results = made and all(block.kind is BlockKind.TOOL_RESULT for block in made)
        yield Turn(Speaker.TOOL if results else _speaker(message.get("role")), made)


READERS: dict[str, Callable[[Mapping[str, Any]], Iterator[Turn]]] = {
    DialectName.ANTHROPIC_MESSAGES: _anthropic,
    DialectName.OPENAI_CHAT: _chat,
    DialectName.OPENAI_RESPONSES: _responses,
    DialectName.GEMINI: _gemini,
}
"""How each dialect's request is read."""
