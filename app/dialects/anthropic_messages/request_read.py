"""A Messages request body -> the neutral request; nothing is repaired, nothing swallowed without being named."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from app.dialects.anthropic_messages import wire
from app.dialects.anthropic_messages.blocks_read import BlockReader, text_only, unsupported
from app.dialects.anthropic_messages.tools_read import read_tools, with_changes
from app.dialects.anthropic_messages.wire import given
from app.dialects.base import Peek
from app.dialects.body import decode, invalid, members, read
from app.domain.request import (
    Format,
    FormatKind,
    Message,
    Reasoning,
    Request,
    Role,
    Text,
    Tool,
    ToolChoice,
    ToolChoiceMode,
)

_REQUEST = msgspec.json.Decoder(wire.Request)
_PEEK = msgspec.json.Decoder(wire.Peek)
_HEAD = msgspec.json.Decoder(wire.Head)
_METADATA = msgspec.json.Decoder(wire.Metadata)
_SESSION = msgspec.json.Decoder(wire.Session)
_KNOWN = frozenset(wire.Request.__struct_fields__)
_NATIVE_ONLY = ("mcp_servers", "container", "thread", "compaction")
"""Without these the model would answer to something else than the client asked."""
_EMPTY = (b"null", b"[]", b"{}")
_TOOL_CHANGES = ("tool_addition", "tool_removal")
_OLD_SESSION = re.compile(r"_session_([0-9a-f-]{8,64})$")
_CHOICES = {
    "auto": ToolChoiceMode.AUTO,
    "any": ToolChoiceMode.REQUIRED,
    "none": ToolChoiceMode.NONE,
    "tool": ToolChoiceMode.NAMED,
}


def peek(body: bytes) -> Peek:
    """Model, stream flag and session; raises as `base.Dialect.peek` says."""
    found = read(_PEEK, body)
    try:
        user = _METADATA.decode(given(found.metadata) or b"{}").user_id or ""
    except msgspec.DecodeError:
        user = ""  # the upstream will say what is wrong with it
    return Peek(found.model, bool(found.stream), _session(user))


def read_request(body: bytes) -> Request:
    """The neutral request; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
    wired = read(_REQUEST, body)
    dropped = _unknown_members(body)
    reader = BlockReader()
    changes: list[tuple[str, msgspec.Raw, str]] = []
    messages = _messages(wired.messages, reader, changes)
    choice = wired.tool_choice
    user = (wired.metadata.user_id if wired.metadata else None) or ""
    return Request(
        model=wired.model,
        messages=messages,
        system=text_only(reader, wired.system, "system") if wired.system else (),
        tools=_tools(wired.tools or (), changes),
        tool_choice=_tool_choice(choice),
        parallel_tool_calls=False if choice and choice.disable_parallel_tool_use else None,
        max_tokens=wired.max_tokens,
        temperature=wired.temperature,
        top_p=wired.top_p,
        top_k=wired.top_k,
        stop=tuple(wired.stop_sequences or ()),
        stream=bool(wired.stream),
        reasoning=_reasoning(wired.thinking, wired.output_config),
        format=_format(wired.output_config),
        user_id=user,
        session_id=_session(user),
        service_tier=wired.service_tier or "",
        dropped=dropped,
    )


def _unknown_members(body: bytes) -> tuple[str, ...]:
    """Top-level members that have no neutral form; raises UNSUPPORTED for those that must not be dropped."""
    dropped = []
    for name, place in members(body).items():
        if name in _KNOWN or body[place] in _EMPTY:
            continue
        if name in _NATIVE_ONLY:
            raise unsupported(f"requests with {name}", name)
        dropped.append(name)
    return tuple(dropped)


def _messages(
    wired: Sequence[wire.Message], reader: BlockReader, changes: list[tuple[str, msgspec.Raw, str]]
) -> tuple[Message, ...]:
    last_user = max((index for index, one in enumerate(wired) if one.role == "user"), default=-1)
    messages = []
    for index, one in enumerate(wired):
        at = f"messages.{index}"
        if one.role == "system":
            texts = _instruction(one, f"{at}.content", reader, changes)
            cleared = one.clear_at == "next_user_message" and index < last_user
            if texts and not cleared:
                messages.append(Message(Role.SYSTEM, texts))
        elif one.role in ("user", "assistant"):
            messages.append(Message(Role(one.role), reader.parts(one.content, f"{at}.content")))
        else:
            raise invalid(f'Expected "user", "assistant" or "system", got "{one.role[:40]}"', f"{at}.role")
    return tuple(messages)


def _instruction(
    message: wire.Message, at: str, reader: BlockReader, changes: list[tuple[str, msgspec.Raw, str]]
) -> tuple[Text, ...]:
    """The text of a system message in mid-conversation; tool changes in it are collected."""
    if isinstance(message.content, str):
        return text_only(reader, message.content, at)
    texts: list[Text] = []
    for index, raw in enumerate(message.content):
        kind = decode(_HEAD, raw, f"{at}.{index}").type
        if kind in _TOOL_CHANGES:
            changes.append((kind, raw, f"{at}.{index}"))
        else:
            texts += (part for part in reader.parts([raw], at) if isinstance(part, Text) and part.text)
    return tuple(texts)


def _tools(raws: Sequence[msgspec.Raw], changes: Sequence[tuple[str, msgspec.Raw, str]]) -> tuple[Tool, ...]:
    tools = read_tools(raws)
    return with_changes(tools, changes) if changes else tools


def _tool_choice(choice: wire.ToolChoice | None) -> ToolChoice | None:
    if choice is None:
        return None
    mode = _CHOICES.get(choice.type)
    if mode is None:
        raise invalid(f'Expected "auto", "any", "tool" or "none", got "{choice.type[:40]}"', "tool_choice.type")
    if mode is ToolChoiceMode.NAMED and not choice.name:
        raise invalid("the name of the tool is required", "tool_choice.name")
    return ToolChoice(mode, choice.name if mode is ToolChoiceMode.NAMED else "")


def _reasoning(thinking: wire.Thinking | None, output: wire.OutputConfig | None) -> Reasoning:
    effort = (output.effort if output else None) or ""
    if thinking is None:
        return Reasoning(effort=effort)
    on = thinking.type in ("enabled", "adaptive")
    if not on and thinking.type not in ("disabled", "between_tools"):
        raise invalid(f'Expected "enabled", "adaptive" or "disabled", got "{thinking.type[:40]}"', "thinking.type")
    return Reasoning(
        enabled=on,
        effort=effort,
        budget_tokens=thinking.budget_tokens if on else None,
        adaptive=thinking.type == "adaptive",
        show=on,
        omit_text=thinking.display == "omitted",
    )


def _format(output: wire.OutputConfig | None) -> Format | None:
    wanted = output.format if output else None
    if wanted is None:
        return None
    if wanted.type != "json_schema":
        raise unsupported(f"output formats of type {wanted.type[:40]}", "output_config.format.type")
    schema = given(wanted.schema)
    if not schema:
        raise invalid("a schema is required", "output_config.format.schema")
    return Format(FormatKind.JSON_SCHEMA, schema, wanted.name)


def _session(user: str) -> str:
    """The session in Claude Code's `metadata.user_id`: JSON today, `user_…_account_…_session_<uuid>` before."""
    if user.startswith("{"):
        try:
            return _SESSION.decode(user).session_id
        except msgspec.DecodeError:
            return ""
    old = _OLD_SESSION.search(user)
    return old[1] if old else ""
