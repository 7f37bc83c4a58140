"""The neutral request -> a chat request that one particular upstream accepts, by its profile.

Deterministic: the same request gives the same bytes, or the vendors' prompt caches would never hit.
"""

from __future__ import annotations

import msgspec

from app.dialects import openai_schema, sampling, wording
from app.dialects.base import Written
from app.dialects.identity import short
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.dialects.openai_chat import wire
from app.dialects.openai_chat.effort import write_effort
from app.dialects.openai_chat.messages_write import MessageWriter
from app.dialects.openai_chat.tools_write import ToolWriter
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Format, FormatKind, Request

_ENCODER = msgspec.json.Encoder()


def write_request(request: Request, model: str, profile: Profile) -> Written:
    """The upstream's request. Raises PatchbayError UNSUPPORTED for what it cannot express."""
    if request.max_tokens == 0:
        raise PatchbayError(
            ErrorKind.UNSUPPORTED, "This upstream cannot answer with no token at all.", param="max_tokens"
        )
    notes = Notes()
    names = ToolNames((tool.name for tool in request.tools if tool.schema or not tool.kind), profile.tool_name_max)
    body = wire.Body(model=model, messages=[], tools=[], stop=[])
    ToolWriter(model, profile, names, notes).write(body, request)
    _write_format(body, request.format, profile, notes)
    body.messages = MessageWriter(model, profile, names, notes).write(request)
    _write_limits(body, request, profile, notes)
    write_effort(body, request.reasoning, profile, notes)
    _write_identity(body, request, profile)
    if request.stream:
        body.stream = True
        body.stream_options = wire.StreamOptions(include_usage=True) if profile.stream_usage else None
    return Written(_ENCODER.encode(body), names.map(), tuple(notes.dropped))


def _write_limits(body: wire.Body, request: Request, profile: Profile, notes: Notes) -> None:
    limit = request.max_tokens
    if limit is not None and profile.max_output_tokens:
        limit = min(limit, profile.max_output_tokens)
    if profile.max_tokens_field == "max_completion_tokens":
        body.max_completion_tokens = limit
    else:
        body.max_tokens = limit
    for name, value in sampling.taken(request, profile, notes).items():
        setattr(body, name, value)
    body.stop = sampling.stops(request, profile, notes)


def _write_format(body: wire.Body, wanted: Format | None, profile: Profile, notes: Notes) -> None:
    """Structured output, as well as the upstream can: by schema, as any JSON object, or only by asking for it."""
    if wanted is None:
        return
    if wanted.kind is FormatKind.JSON_SCHEMA and profile.response_format == "json_schema":
        strict = wanted.strict is not False and openai_schema.qualifies(wanted.schema)
        described = {
            "name": wanted.name or "output",
            "strict": strict,
            "schema": openai_schema.format_schema(wanted.schema),
        }
        body.response_format = {"type": "json_schema", "json_schema": described}
        return
    if profile.response_format != "none":
        body.response_format = {"type": "json_object"}
    asked = wording.JSON_ONLY
    if wanted.kind is FormatKind.JSON_SCHEMA:
        asked = wording.json_schema_wanted(bytes(openai_schema.format_schema(wanted.schema)).decode())
    elif profile.response_format != "none":
        return  # the client's own text says JSON already, or OpenAI refuses the request
    notes.system.append(asked)


def _write_identity(body: wire.Body, request: Request, profile: Profile) -> None:
    if request.user_id and profile.user_field in {"user", "safety_identifier"}:
        setattr(body, profile.user_field, short(request.user_id))
    if request.session_id and profile.session_cache_key:
        body.prompt_cache_key = short(request.session_id)
    if request.service_tier == "standard_only" and profile.kind in {"openai", "azure"}:
        body.service_tier = "default"
