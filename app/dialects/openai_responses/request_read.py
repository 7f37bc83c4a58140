"""A Responses request body -> the neutral request; nothing is repaired, nothing swallowed without being named."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.dialects.base import Peek
from app.dialects.body import invalid, members, read, without_lone_surrogates
from app.dialects.notes import Notes
from app.dialects.openai_files import unsupported
from app.dialects.openai_responses import wire_in
from app.dialects.openai_responses.compact import as_compaction
from app.dialects.openai_responses.echo import Meant, write_echo
from app.dialects.openai_responses.items_read import ItemReader
from app.dialects.openai_responses.tools_read import TOOL_SEARCH, ToolReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Format, FormatKind, Message, Reasoning, Request, Role, Text

ENCRYPTED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"
SOURCES = "web_search_call.action.sources"


class _Peek(msgspec.Struct):
    model: str
    stream: bool | None = None
    prompt_cache_key: str | None = None


_REQUEST = msgspec.json.Decoder(wire_in.RequestIn)
_PEEK = msgspec.json.Decoder(_Peek)
_KNOWN = frozenset(wire_in.RequestIn.__struct_fields__)
_NOTHING = (b"null", b"[]", b"{}", b"false")
_USUAL = {"truncation": b'"disabled"'}


def peek(body: bytes) -> Peek:
    """Model, stream flag and session; raises as `base.Dialect.peek` says."""
    found = read(_PEEK, body)
    return Peek(found.model, bool(found.stream), found.prompt_cache_key or "")


def read_request(body: bytes) -> Request:
    """The neutral request; raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""
    return _read(body, by_path=False)


def read_compact_request(body: bytes) -> Request:
    """The request whose answer is the conversation in short form; raises as `read_request` does."""
    return _read(body, by_path=True)


def _read(body: bytes, *, by_path: bool) -> Request:
    body = without_lone_surrogates(body) if b"\\u" in body else body
    wired = read(_REQUEST, body)
    given = members(body)
    if "model" not in given:
        raise invalid("field required", "model")
    _refuse(wired)
    notes = Notes()
    tools = ToolReader(notes)
    tools.add(wired.tools or (), "tools")
    items = ItemReader(tools, notes)
    messages = _messages(wired, items)
    wired = _updated(wired, items.updates)
    offered = tools.tools(wired.tool_choice)
    compacting = by_path or items.compacting
    meant = Meant(
        tool_search=any(tool.kind == TOOL_SEARCH for tool in offered),
        compacting=compacting,
        users=[msgspec.Raw(one) for one in items.users] if by_path else [],
    )
    request = Request(
        model=wired.model,
        messages=messages,
        system=(*_instructions(wired), *items.system),
        tools=offered,
        tool_choice=tools.choice(wired.tool_choice),
        parallel_tool_calls=wired.parallel_tool_calls,
        max_tokens=wired.max_output_tokens,
        temperature=wired.temperature,
        top_p=wired.top_p,
        stream=bool(wired.stream) and not by_path,
        reasoning=_reasoning(wired),
        format=_format(wired.text.format if wired.text else None),
        user_id=wired.safety_identifier or wired.user or "",
        session_id=wired.prompt_cache_key or "",
        service_tier=wired.service_tier or "",
        echo=write_echo({name: msgspec.Raw(body[place]) for name, place in given.items()}, meant),
        dropped=_dropped(body, given, wired, notes),
    )
    return as_compaction(request) if compacting else request


def _messages(wired: wire_in.RequestIn, items: ItemReader) -> tuple[Message, ...]:
    if isinstance(wired.input, str):
        items.users.append(msgspec.json.encode({"type": "message", "role": "user", "content": wired.input}))
        return (Message(Role.USER, (Text(wired.input),)),)
    return items.read(wired.input or ())


def _instructions(wired: wire_in.RequestIn) -> tuple[Text, ...]:
    return (Text(wired.instructions),) if wired.instructions else ()


def _refuse(wired: wire_in.RequestIn) -> None:
    """Raise for what would change the answer and has no counterpart here: above all, state that we do not keep."""
    if wired.previous_response_id:
        raise PatchbayError(
            ErrorKind.INVALID_REQUEST,
            f"Previous response with id '{wired.previous_response_id[:80]}' not found: Patchbay keeps no responses, so "
            "send the whole conversation in `input`.",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    wishes = (
        ("background", bool(wired.background), "an answer in the background"),
        ("conversation", wire_in.given(wired.conversation), "a stored conversation"),
        ("prompt", wire_in.given(wired.prompt), "a stored prompt"),
        ("top_logprobs", bool(wired.top_logprobs), "log probabilities"),
        ("include", LOGPROBS in (wired.include or ()), "log probabilities"),
    )
    for param, wished, what in wishes:
        if wished:
            raise unsupported(what, param)


def _dropped(body: bytes, given: dict[str, slice], wired: wire_in.RequestIn, notes: Notes) -> tuple[str, ...]:
    """Members that no other dialect knows, as the client spelled them."""
    unknown = [
        name
        for name, place in given.items()
        if name not in _KNOWN and body[place] not in _NOTHING and body[place] != _USUAL.get(name)
    ]
    if wired.text and wired.text.verbosity:
        unknown.append("text.verbosity")
    if any(one not in (ENCRYPTED, SOURCES) for one in wired.include or ()):
        unknown.append("include")
    return (*unknown, *notes.dropped)


def _updated(wired: wire_in.RequestIn, updates: list[wire_in.UpdateIn]) -> wire_in.RequestIn:
    """The request as its items changed it; the last word counts."""
    for update in updates:
        if update.reasoning is not None and update.reasoning.effort:
            reasoning = wired.reasoning or wire_in.ReasoningOptions()
            changed = msgspec.structs.replace(reasoning, effort=update.reasoning.effort)
            wired = msgspec.structs.replace(wired, reasoning=changed)
        if update.text is not None and update.text.format is not None:
            text = wired.text or wire_in.TextOptions()
            changed_text = msgspec.structs.replace(text, format=update.text.format)
            wired = msgspec.structs.replace(wired, text=changed_text)
    return wired


def _reasoning(wired: wire_in.RequestIn) -> Reasoning:
    """What was said about thinking: it is shown as a summary, and handed back only where the client wants it."""
    options = wired.reasoning or wire_in.ReasoningOptions()
    summary = options.summary or options.generate_summary
    shown = Reasoning(show=summary not in (None, "none"), opaque=ENCRYPTED in (wired.include or ()))
    if options.effort == "none":
        return replace(shown, enabled=False)
    return replace(shown, enabled=True, effort=options.effort) if options.effort else shown


def _format(wanted: wire_in.FormatIn | None) -> Format | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return Format(FormatKind.JSON_OBJECT)
    if wanted.type != "json_schema":
        forms = '"text", "json_object" or "json_schema"'
        raise invalid(f'Expected {forms}, got "{wanted.type[:40]}"', "text.format.type")
    if not wire_in.given(wanted.schema):
        raise invalid("a schema is required", "text.format.schema")
    return Format(FormatKind.JSON_SCHEMA, bytes(wanted.schema), wanted.name, wanted.strict)
