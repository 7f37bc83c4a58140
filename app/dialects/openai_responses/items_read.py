"""Items of a Responses request -> messages, in the client's order and without repairs.

An item is smaller than a message: what the model said, thought and called in a row becomes one answer of it, and the
results in a row become one message. Tools that items bring along go to the tool list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from app.dialects.body import decode, invalid
from app.dialects.notes import Notes
from app.dialects.openai_files import unsupported
from app.dialects.openai_responses import wire_in
from app.dialects.openai_responses.files_read import read_file, read_image
from app.dialects.openai_responses.hosted_read import HOSTED, read_hosted, read_search
from app.dialects.openai_responses.sealed import open_reasoning, open_summary
from app.dialects.openai_responses.tools_read import TOOL_SEARCH, ToolReader, flat_name
from app.domain.request import CacheMark, Message, Part, Role, Text, Thinking, Tool, ToolCall, ToolResult

SUMMARY = "[summary of earlier conversation]\n"
LOST = "[an earlier part of this conversation was put in short form by its vendor and cannot be read here]"
TRIGGER = "compaction_trigger"
_LINE_CHARS = 200

T = TypeVar("T", bound=msgspec.Struct)
_HEAD = msgspec.json.Decoder(wire_in.HeadIn)
_MESSAGE = msgspec.json.Decoder(wire_in.MessageIn)
_REASONING = msgspec.json.Decoder(wire_in.ReasoningIn)
_CALL = msgspec.json.Decoder(wire_in.CallIn)
_OUTPUT = msgspec.json.Decoder(wire_in.OutputIn)
_TOOL_SEARCH = msgspec.json.Decoder(wire_in.ToolSearchIn)
_COMPACTION = msgspec.json.Decoder(wire_in.CompactionIn)
_UPDATE = msgspec.json.Decoder(wire_in.UpdateIn)
_TEXT = msgspec.json.Decoder(str)
_PARTS = msgspec.json.Decoder(list[wire_in.PartIn])
_SPOKEN = frozenset({"input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text"})
_SYSTEM = frozenset({"system", "developer"})


class ItemReader:
    """Reads the items of one request."""

    def __init__(self, tools: ToolReader, notes: Notes) -> None:
        self._tools = tools
        self._notes = notes
        self._turns: list[tuple[Role, list[Part]]] = []
        self._row = ""
        """What the last turn is made of: "answer", "results" or "message"; only the first two grow."""
        self.system: list[Text] = []
        self.users: list[bytes] = []
        """The user's messages as they were."""
        self.compacting = False
        """The client asks for the conversation in short form."""
        self.updates: list[wire_in.UpdateIn] = []
        self._known: dict[str, Callable[[msgspec.Raw, str], None]] = {
            "message": self._message,
            "reasoning": self._reasoning,
            "function_call": self._function_call,
            "custom_tool_call": self._custom_call,
            "function_call_output": self._result,
            "custom_tool_call_output": self._result,
            "tool_search_call": self._tool_search,
            "tool_search_output": self._tools_found,
            "additional_tools": self._more_tools,
            "web_search_call": lambda raw, at: self._answer(read_search(raw, at)),
            "compaction": self._compaction,
            "compaction_summary": self._compaction,
            "context_compaction": self._compaction,
            "configuration_update": lambda raw, at: self.updates.append(decode(_UPDATE, raw, at)),
            TRIGGER: self._trigger,
        }

    def read(self, items: Sequence[msgspec.Raw]) -> tuple[Message, ...]:
        """The turns; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
        for index, raw in enumerate(items):
            at = f"input.{index}"
            head = decode(_HEAD, raw, at)
            kind = head.type or ("message" if head.role else "")
            known = self._known.get(kind)
            if known is not None:
                known(raw, at)
            elif kind in HOSTED:
                role, part = read_hosted(kind, raw, at)
                self._grow(role, "answer" if role is Role.ASSISTANT else "results", part)
            elif kind == "item_reference":
                raise unsupported("a reference to a stored item", at)
            elif not kind:
                raise invalid("a type is required", f"{at}.type")
            else:
                self._notes.drop(f"input.{kind[:40]}")
        return tuple(Message(role, tuple(parts)) for role, parts in self._turns)

    def _grow(self, role: Role, row: str, part: Part) -> None:
        if self._row != row:
            self._turns.append((role, []))
            self._row = row
        self._turns[-1][1].append(part)

    def _answer(self, part: Part) -> None:
        self._grow(Role.ASSISTANT, "answer", part)

    def _say(self, role: Role, parts: list[Part]) -> None:
        self._turns.append((role, parts))
        self._row = "message"

    def _message(self, raw: msgspec.Raw, at: str) -> None:
        message = decode(_MESSAGE, raw, at)
        if message.phase:
            self._notes.drop("input.phase")
        content = message.content
        parts: list[Part] = (
            [Text(content)] if isinstance(content, str) else [*self._parts(content or (), f"{at}.content")]
        )
        if message.role == "assistant":
            for part in parts:
                self._answer(part)
        elif message.role == "user":
            self.users.append(bytes(raw))
            self._say(Role.USER, parts)
        elif message.role in _SYSTEM:
            self._instruct(parts, at)
        else:
            roles = '"user", "assistant", "system" or "developer"'
            raise invalid(f'Expected {roles}, got "{message.role[:40]}"', f"{at}.role")

    def _instruct(self, parts: list[Part], at: str) -> None:
        texts = [part for part in parts if isinstance(part, Text)]
        if len(texts) < len(parts):
            raise invalid("only text may stand here", f"{at}.content")
        texts = [part for part in texts if part.text]
        if not self._turns:
            self.system += texts
        elif texts:
            self._say(Role.SYSTEM, [*texts])

    def _parts(self, parts: Sequence[wire_in.PartIn], at: str) -> Iterator[Part]:
        for index, part in enumerate(parts):
            place = f"{at}.{index}"
            cache = CacheMark() if wire_in.given(part.prompt_cache_breakpoint) else None
            if part.detail not in (None, "auto"):
                self._notes.drop("input.content.detail")
            if part.type in _SPOKEN:
                yield Text(part.text if part.text is not None else part.refusal or "", cache)
            elif part.type in {"input_image", "image_url", "computer_screenshot"}:
                yield read_image(part, place, cache)
            elif part.type == "input_file":
                yield read_file(part, place, cache)
            else:
                raise unsupported(f"content of type {part.type[:40]}", f"{place}.type")

    def _reasoning(self, raw: msgspec.Raw, at: str) -> None:
        item = decode(_REASONING, raw, at)
        thought = open_reasoning(item.encrypted_content or "")
        text = "\n\n".join(one.text for one in item.summary or item.content or () if one.text)
        if thought is None:
            if item.encrypted_content:
                self._notes.drop("input.encrypted_content")
            thought = Thinking(text)
        elif not thought.text and not thought.redacted:
            thought = Thinking(text, thought.signature)
        if thought.text or thought.signature or thought.redacted:
            self._answer(thought)

    def _function_call(self, raw: msgspec.Raw, at: str) -> None:
        call = decode(_CALL, raw, at)
        given = call.arguments
        text = given or "" if isinstance(given, str | None) else msgspec.json.encode(given).decode()
        self._answer(ToolCall(call.call_id, flat_name(call.name, call.namespace), text))

    def _custom_call(self, raw: msgspec.Raw, at: str) -> None:
        call = decode(_CALL, raw, at)
        text = msgspec.json.encode({"input": call.input or ""}).decode()
        self._answer(ToolCall(call.call_id, flat_name(call.name, call.namespace), text))

    def _result(self, raw: msgspec.Raw, at: str) -> None:
        result = decode(_OUTPUT, raw, at)
        parts = tuple(self._output(result.output, f"{at}.output"))
        self._grow(Role.USER, "results", ToolResult(result.call_id, parts))

    def _output(self, output: msgspec.Raw, at: str) -> Iterator[Part]:
        """A text, content parts, or any other JSON as the text that it is."""
        data = bytes(output)
        if data.startswith(b'"'):
            yield Text(decode(_TEXT, output, at))
            return
        if data.startswith(b"["):
            try:
                parts = _PARTS.decode(output)
            except msgspec.DecodeError:
                pass
            else:
                yield from self._parts(parts, at)
                return
        if wire_in.given(output):
            yield Text(data.decode("utf-8", "replace"))

    def _tool_search(self, raw: msgspec.Raw, at: str) -> None:
        """A search that the client ran is a call; one that OpenAI ran shows in the tools that it found."""
        search = decode(_TOOL_SEARCH, raw, at)
        if search.execution == "client" and search.call_id:
            arguments = bytes(search.arguments).decode() if wire_in.given(search.arguments) else "{}"
            self._answer(ToolCall(search.call_id, TOOL_SEARCH, arguments))

    def _tools_found(self, raw: msgspec.Raw, at: str) -> None:
        search = decode(_TOOL_SEARCH, raw, at)
        found = self._tools.add(search.tools or (), f"{at}.tools")
        if search.execution == "client" and search.call_id:
            said = "\n".join(map(_introduced, found)) or "No tool was found."
            self._grow(Role.USER, "results", ToolResult(search.call_id, (Text(said),)))

    def _more_tools(self, raw: msgspec.Raw, at: str) -> None:
        self._tools.add(decode(_TOOL_SEARCH, raw, at).tools or (), f"{at}.tools")

    def _compaction(self, raw: msgspec.Raw, at: str) -> None:
        text = open_summary(decode(_COMPACTION, raw, at).encrypted_content)
        if text is None:
            self._notes.drop("input.compaction")
        self._say(Role.USER, [Text(LOST if text is None else SUMMARY + text)])

    def _trigger(self, raw: msgspec.Raw, at: str) -> None:
        self.compacting = True


def _introduced(tool: Tool) -> str:
    """A tool that was found, in a line; all of its description stands with the tools."""
    lines = tool.description.strip().split("\n", 1)
    return f"{tool.name}: {lines[0][:_LINE_CHARS]}"
