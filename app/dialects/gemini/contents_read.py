"""Contents of a Gemini client -> neutral messages, in the client's order and without repairs.

Gemini's calls need no ids: a result without one belongs to the first call of its name that has none yet. Gemini CLI
makes an id up for a call that had none, so an id that no call has is worth no more than the name beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from app.dialects.body import decode, invalid
from app.dialects.gemini import parts_read
from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.carried import restore
from app.domain.provider import DialectName
from app.domain.request import Foreign, Message, Part, Role, Text, Thinking, ToolCall, ToolResult

_ROLES = {"user": Role.USER, "model": Role.ASSISTANT, "function": Role.USER, "tool": Role.USER}
"""The last two are older words for the turn that holds results."""


class _Code(msgspec.Struct):
    code: str = ""
    output: str = ""


_CODE = msgspec.json.Decoder(_Code)
_VALUE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


@dataclass(frozen=True, slots=True)
class _Call:
    id: str
    name: str
    own: bool
    """The client gave the id."""


class ContentsReader:
    """Reads the contents of one request; remembers the calls that have no result yet."""

    def __init__(self, contents: list[wire.ContentIn]) -> None:
        self.dropped: dict[str, None] = {}
        self._contents = contents
        self._ids = {
            part.function_call.id
            for content in contents
            for part in content.parts or ()
            if part.function_call is not None and part.function_call.id
        }
        self._count = 0
        self._open: list[_Call] = []

    def read(self) -> tuple[Message, ...]:
        """The turns; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
        messages = []
        for index, content in enumerate(self._contents):
            at = f"contents.{index}"
            role = _role(content, f"{at}.role")
            parts: list[Part] = []
            for number, part in enumerate(content.parts or ()):
                parts += self._part(part, role, f"{at}.parts.{number}")
            if parts:
                messages.append(Message(role, tuple(parts)))
        return tuple(messages)

    def _part(self, part: wire.PartIn, role: Role, at: str) -> Iterator[Part]:
        if part.thought:
            return
        thoughts, signature = restore(part.thought_signature) if part.thought_signature else ((), "")
        if role is Role.ASSISTANT:
            yield from thoughts
            if signature and part.function_call is None:
                yield Thinking(signature=signature)
        if part.text is not None and (part.text or not part.thought_signature):
            yield Text(part.text)
        if part.inline_data is not None:
            yield parts_read.blob(part.inline_data, f"{at}.inlineData")
        if part.file_data is not None:
            yield parts_read.file(part.file_data, f"{at}.fileData")
        if part.function_call is not None:
            yield self._call(part.function_call, signature, role, f"{at}.functionCall")
        if part.function_response is not None:
            yield self._result(part.function_response, role, f"{at}.functionResponse")
        if _is_rare(part):
            yield from _code(part)
            self._drop(part)

    def _call(self, call: wire.FunctionCallIn, signature: str, role: Role, at: str) -> ToolCall:
        if role is not Role.ASSISTANT:
            raise invalid('a function call stands in contents of the role "model" only', at)
        if not call.name:
            raise invalid("field required", f"{at}.name")
        known = _Call(call.id or self._new_id(), call.name, own=bool(call.id))
        self._open.append(known)
        if wire.given(call.partial_args):
            self.dropped["contents.parts.functionCall.partialArgs"] = None
        return ToolCall(known.id, call.name, _arguments(call.args, f"{at}.args"), signature=signature)

    def _result(self, response: wire.FunctionResponseIn, role: Role, at: str) -> ToolResult:
        if role is not Role.USER:
            raise invalid('a function response stands in contents of the role "user" only', at)
        parts, failed = _said(response.response, f"{at}.response")
        for index, part in enumerate(response.parts or ()):
            place = f"{at}.parts.{index}"
            if part.inline_data is not None:
                parts.append(parts_read.blob(part.inline_data, f"{place}.inlineData"))
            if part.file_data is not None:
                parts.append(parts_read.file(part.file_data, f"{place}.fileData"))
        if wire.given(response.scheduling):
            self.dropped["contents.parts.functionResponse.scheduling"] = None
        return ToolResult(self._answered(response, at), tuple(parts), failed)

    def _answered(self, response: wire.FunctionResponseIn, at: str) -> str:
        """The id of the call that a result answers."""
        if response.id in self._ids:
            self._open = [call for call in self._open if call.id != response.id]
            return str(response.id)
        if not response.name and not response.id:
            raise invalid("field required", f"{at}.name")
        for index, call in enumerate(self._open):
            if call.name == response.name and not (call.own and response.id):
                del self._open[index]
                return call.id
        return response.id or self._new_id()

    def _new_id(self) -> str:
        """An id that the client gave to no call; the same in every turn."""
        while True:
            self._count += 1
            if (made := f"call_{self._count}") not in self._ids:
                return made

    def _drop(self, part: wire.PartIn) -> None:
        for name, value in (
            ("contents.parts.videoMetadata", part.video_metadata),
            ("contents.parts.mediaResolution", part.media_resolution),
            ("contents.parts.partMetadata", part.part_metadata),
        ):
            if wire.given(value):
                self.dropped[name] = None


def read_system(given: wire.ContentIn | list[wire.PartIn] | str | None) -> tuple[Text, ...]:
    """The instructions, whichever of Google's forms they have; raises PatchbayError INVALID_REQUEST with the place."""
    if given is None or isinstance(given, str):
        return (Text(given),) if given else ()
    at = "systemInstruction"
    if isinstance(given, wire.ContentIn):
        at, given = f"{at}.parts", given.parts or []
    texts = []
    for index, part in enumerate(given):
        if part.text is None:
            raise invalid("only text may stand here", f"{at}.{index}")
        if part.text and not part.thought:
            texts.append(Text(part.text))
    return tuple(texts)


def _role(content: wire.ContentIn, at: str) -> Role:
    if not content.role:
        called = any(part.function_call is not None for part in content.parts or ())
        return Role.ASSISTANT if called else Role.USER
    role = _ROLES.get(content.role)
    if role is None:
        raise invalid(f'Expected "user" or "model", got "{content.role[:40]}"', at)
    return role


def _arguments(given: msgspec.Raw, at: str) -> str:
    if not wire.given(given):
        return "{}"
    data = bytes(given)
    if not data.startswith(b"{"):
        raise invalid("Expected an object", at)
    return data.decode("utf-8", "replace")


def _said(given: msgspec.Raw, at: str) -> tuple[list[Part], bool]:
    """What a function answered, and whether it failed: `output`, `result` or `error` where it stands alone, else all.

    Source: google-genai, `FunctionResponse.response`; `result` is what its automatic calling writes.
    """
    if not wire.given(given):
        return [], False
    data = bytes(given)
    if not data.startswith(b"{"):
        raise invalid("Expected an object", at)
    members = decode(_VALUE, data, at)
    if len(members) == 1:
        name, inner = next(iter(members.items()))
        if name in ("output", "result", "error"):
            return [Text(_shown(bytes(inner), f"{at}.{name}"))], name == "error"
    return [Text(data.decode("utf-8", "replace"))], False


def _shown(value: bytes, at: str) -> str:
    return decode(_TEXT, value, at) if value.startswith(b'"') else value.decode("utf-8", "replace")


def _is_rare(part: wire.PartIn) -> bool:
    """Whether there is more to a part than most have: a question for each of thousands of parts."""
    return (
        part.executable_code is not wire.NOTHING
        or part.code_execution_result is not wire.NOTHING
        or part.tool_call is not wire.NOTHING
        or part.tool_response is not wire.NOTHING
        or part.video_metadata is not wire.NOTHING
        or part.media_resolution is not wire.NOTHING
        or part.part_metadata is not wire.NOTHING
    )


def _code(part: wire.PartIn) -> Iterator[Foreign]:
    """What Google's own tools did in an earlier turn; other models are shown the code and what it printed."""
    blocks = (
        ("executableCode", part.executable_code),
        ("codeExecutionResult", part.code_execution_result),
        ("toolCall", part.tool_call),
        ("toolResponse", part.tool_response),
    )
    for name, raw in blocks:
        if not wire.given(raw):
            continue
        try:
            code = _CODE.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            code = _Code()
        shown = code.code or code.output
        text = f"```\n{shown}\n```" if shown else ""
        yield Foreign(DialectName.GEMINI, name, b'{"%b":%b}' % (name.encode(), bytes(raw)), text)
