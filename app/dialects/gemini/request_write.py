"""The neutral request -> a `generateContent` request that one particular model accepts, by its name and profile.

Deterministic: the same request gives the same bytes, or Google's implicit cache would never hit.
"""

from __future__ import annotations

import msgspec

from app.dialects import sampling, wording
from app.dialects.base import Written
from app.dialects.gemini.contents_write import ContentWriter
from app.dialects.gemini.families import Family, family_of
from app.dialects.gemini.schema import parameters
from app.dialects.gemini.thinking_write import thinking
from app.dialects.gemini.tools_write import ToolWriter
from app.dialects.gemini.wire_out import Body, CountBody, GenerationOut
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Format, FormatKind, Request

_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()


def write_request(request: Request, model: str, profile: Profile) -> Written:
    """The upstream's request; its model stands in the path.

    Raises PatchbayError UNSUPPORTED for what it has no form for.
    """
    if request.max_tokens == 0:
        raise PatchbayError(
            ErrorKind.UNSUPPORTED, "This upstream cannot answer with no token at all.", param="max_tokens"
        )
    body, names, notes = _body(request, model, profile)
    return Written(_ENCODER.encode(body), names.map(), tuple(notes.dropped))


def write_count_request(request: Request, model: str, profile: Profile) -> bytes:
    """The body of `countTokens`: the whole request, but for the settings that have no tokens."""
    body, _, _ = _body(request, model, profile)
    body.model = f"models/{model.removeprefix('models/')}"
    body.generation_config = body.tool_config = None
    return _ENCODER.encode(CountBody(body))


def _body(request: Request, model: str, profile: Profile) -> tuple[Body, ToolNames, Notes]:
    notes = Notes()
    family = family_of(model)
    offered = (tool.name for tool in request.tools if tool.schema or tool.custom or not tool.kind)
    names = ToolNames(offered, profile.tool_name_max, no_digit_first=True)
    body, settings = Body(), GenerationOut()
    ToolWriter(family, profile, names, notes).write(body, request)
    _write_format(settings, request.format, family, profile, notes, tools=bool(body.tools))
    body.system_instruction, body.contents = ContentWriter(model, family, profile, names, notes).write(request)
    _write_limits(settings, request, profile, notes)
    settings.thinking_config = thinking(request.reasoning, family, profile, notes)
    if settings != GenerationOut():
        body.generation_config = settings
    if request.user_id:
        notes.drop("user_id")
    if request.service_tier:
        notes.drop("service_tier")
    return body, names, notes


def _write_limits(settings: GenerationOut, request: Request, profile: Profile, notes: Notes) -> None:
    settings.max_output_tokens = request.max_tokens
    if request.max_tokens is not None and profile.max_output_tokens:
        settings.max_output_tokens = min(request.max_tokens, profile.max_output_tokens)
    for name, value in sampling.taken(request, profile, notes).items():
        setattr(settings, name, value)
    settings.stop_sequences = sampling.stops(request, profile, notes)


def _write_format(
    settings: GenerationOut, wanted: Format | None, family: Family, profile: Profile, notes: Notes, *, tools: bool
) -> None:
    """Structured output, by schema or as any JSON; only asked for where the model refuses it beside its tools."""
    if wanted is None:
        return
    schema = wanted.schema.decode() if wanted.kind is FormatKind.JSON_SCHEMA else ""
    if profile.response_format == "none" or (tools and not family.third):
        notes.system.append(wording.json_schema_wanted(schema) if schema else wording.JSON_ONLY)
        return
    settings.response_mime_type = _JSON
    if schema and profile.response_format == "json_schema" and profile.parameters_schema:
        settings.response_schema = parameters(wanted.schema)
    elif schema and profile.response_format == "json_schema":
        settings.response_json_schema = msgspec.Raw(wanted.schema)
    elif schema:
        notes.system.append(wording.json_schema_wanted(schema))
