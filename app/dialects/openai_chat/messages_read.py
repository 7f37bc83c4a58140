"""Messages of a chat client -> neutral ones, in the client's order and without repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.dialects import openai_files
from app.dialects.body import invalid
from app.dialects.openai_chat import wire
from app.dialects.openai_chat.reasoning import Details
from app.dialects.openai_files import unsupported
from app.dialects.signatures import is_ours
from app.domain.request import CacheMark, Message, Part, Role, Text, Thinking, ToolCall, ToolResult

_SYSTEM = ("system", "developer")
_OWN_SEAL = ("anthropic", "unknown")
"""Formats of `reasoning_details` whose signature says itself whose it is; another vendor's would reach a wrong one."""
_ROLES = '"system", "developer", "user", "assistant", "tool" or "function"'


class MessageReader:
    """Reads the messages of one request; remembers the calls of the old `functions` form, which have no ids."""

    def __init__(self) -> None:
        self._legacy: list[tuple[str, str]] = []
        """(function name, id of ours) of the calls that have no result yet."""
        self._legacy_count = 0

    def read(self, messages: list[wire.MessageIn]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
        """The leading instructions, and the turns; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
        system: list[Text] = []
        turns: list[Message] = []
        for index, message in enumerate(messages):
            at = f"messages.{index}"
            if message.role in _SYSTEM and not turns:
                system += self._texts(message, at)
            else:
                turns.append(self._message(message, at))
        return tuple(system), tuple(turns)

    def _message(self, message: wire.MessageIn, at: str) -> Message:
        if message.role in _SYSTEM:
            return Message(Role.SYSTEM, tuple(self._texts(message, at)))
        if message.role == "user":
            return Message(Role.USER, tuple(_content(message, at)))
        if message.role == "assistant":
            return Message(Role.ASSISTANT, tuple(self._assistant(message, at)))
        if message.role in {"tool", "function"}:
            return Message(Role.USER, (self._result(message, at),))
        raise invalid(f'Expected {_ROLES}, got "{message.role[:40]}"', f"{at}.role")

    def _texts(self, message: wire.MessageIn, at: str) -> Iterator[Text]:
        for part in _content(message, at):
            if not isinstance(part, Text):
                raise invalid("only text may stand here", f"{at}.content")
            if part.text:
                yield part

    def _assistant(self, message: wire.MessageIn, at: str) -> Iterator[Part]:
        if wire.given(message.audio):
            raise unsupported("audio", f"{at}.audio")
        yield from _thoughts(message)
        yield from _content(message, at)
        if message.refusal:
            yield Text(message.refusal)
        for index, call in enumerate(message.tool_calls or ()):
            yield _call(call, f"{at}.tool_calls.{index}")
        if message.function_call is not None:
            yield self._legacy_call(message.function_call, f"{at}.function_call")

    def _legacy_call(self, call: wire.FunctionCall, at: str) -> ToolCall:
        if not call.name:
            raise invalid("the function's name is required", f"{at}.name")
        own = f"call_legacy_{self._legacy_count}"
        self._legacy_count += 1
        self._legacy.append((call.name, own))
        return ToolCall(own, call.name, _arguments(call.arguments))

    def _result(self, message: wire.MessageIn, at: str) -> ToolResult:
        parts = tuple(_content(message, at))
        if message.role == "tool":
            if message.tool_call_id is None:
                raise invalid("the id of the call is required", f"{at}.tool_call_id")
            return ToolResult(message.tool_call_id, parts)
        for index, (name, own) in enumerate(self._legacy):
            if name == message.name:
                del self._legacy[index]
                return ToolResult(own, parts)
        return ToolResult("call_legacy", parts)


def _content(message: wire.MessageIn, at: str) -> Iterator[Part]:
    if isinstance(message.content, str):
        yield Text(message.content)
        return
    for index, part in enumerate(message.content or ()):
        yield _part(part, f"{at}.content.{index}")


def _part(part: wire.PartIn, at: str) -> Part:
    cache = _mark(part)
    if part.type in {"text", "refusal", "input_text", "output_text"}:
        return Text(part.text if part.text is not None else part.refusal or "", cache)
    if part.type == "image_url" and part.image_url is not None:
        given = part.image_url
        return openai_files.image(given if isinstance(given, str) else given.url, f"{at}.image_url", cache)
    if part.type == "file" and part.file is not None:
        return openai_files.file(part.file, f"{at}.file", cache)
    if part.type in {"image_url", "file"}:
        raise invalid("the field is required", f"{at}.{part.type}")
    raise unsupported(f"content of type {part.type[:40]}", f"{at}.type")


def _mark(part: wire.PartIn) -> CacheMark | None:
    if part.cache_control is not None:
        return CacheMark(part.cache_control.ttl or "")
    return CacheMark() if wire.given(part.prompt_cache_breakpoint) else None


def _thoughts(message: wire.MessageIn) -> Iterator[Thinking]:
    """Reasoning that the client replays, whole or in the pieces it came in; the details alone carry signatures."""
    found = False
    details = Details()
    details.add(message.reasoning_details or ())
    for one in details.whole():
        text, signature, data = _text_of(one, "text"), _sealed(one, "signature"), _sealed(one, "data")
        if text or signature or data or _text_of(one, "summary"):
            found = True
            yield Thinking(text or _text_of(one, "summary"), signature, data)
    spoken = message.reasoning_content or message.reasoning
    if spoken and not found:
        yield Thinking(spoken)


def _sealed(detail: dict[str, Any], name: str) -> str:
    """What one vendor sealed; nothing where that is another one than those whose seal stands for itself."""
    value = _text_of(detail, name)
    vendor = _text_of(detail, "format")
    return value if is_ours(value) or not vendor or vendor.startswith(_OWN_SEAL) else ""


def _text_of(detail: dict[str, Any], name: str) -> str:
    value = detail.get(name)
    return value if isinstance(value, str) else ""


def _call(call: wire.CallIn, at: str) -> ToolCall:
    if call.id is None:
        raise invalid("the call's id is required", f"{at}.id")
    if call.custom is not None and call.custom.name:
        given = {"input": call.custom.input or ""}
        arguments = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        return ToolCall(call.id, call.custom.name, arguments, signature=_signature(call))
    if call.function is None or not call.function.name:
        raise invalid("the function's name is required", f"{at}.function.name")
    return ToolCall(call.id, call.function.name, _arguments(call.function.arguments), signature=_signature(call))


def _signature(call: wire.CallIn) -> str:
    """The signature that we gave the client with a call; one that Google's chat endpoint gave it fits nobody else."""
    extra = call.extra_content
    google = extra.get("google") if isinstance(extra, dict) else None
    given = google.get("thought_signature") if isinstance(google, dict) else None
    return given if isinstance(given, str) and is_ours(given) else ""


def _arguments(given: str | dict[str, Any] | None) -> str:
    if isinstance(given, dict):
        return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    return given or ""
