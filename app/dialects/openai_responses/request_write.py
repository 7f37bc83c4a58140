"""The neutral request -> a Responses request that one particular upstream accepts, by its profile.

Deterministic: the same request gives the same bytes, or the vendors' prompt caches would never hit. Nothing is stored
at the vendor (`store: false`); its reasoning comes encrypted, to be handed back with the next turn.
"""

from __future__ import annotations

import msgspec

from app.dialects import openai_schema, sampling, wording
from app.dialects.base import Written
from app.dialects.effort import snapped, wanted
from app.dialects.identity import short
from app.dialects.names import ToolNames
from app.dialects.notes import Notes
from app.dialects.openai_responses import wire_out
from app.dialects.openai_responses.items_write import ItemWriter
from app.dialects.openai_responses.tools_write import ToolWriter, free_text_tools
from app.dialects.tool_offer import is_function
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Profile
from app.domain.request import Format, FormatKind, Reasoning, Request

LEAST_OUTPUT_TOKENS = 16
"""A smaller `max_output_tokens` answers 400."""
ENCRYPTED = "reasoning.encrypted_content"

_OPENAI = frozenset({"openai", "azure"})
_UNREASONING = ("gpt-3", "gpt-4", "chatgpt-4")
"""OpenAI's models that answer 400 to every field about reasoning ("Encrypted content is not supported")."""
_TIERS = {"standard_only": "default", "default": "default", "flex": "flex", "priority": "priority"}
_ENCODER = msgspec.json.Encoder()
_COUNTED = ("model", "instructions", "tools", "input", "tool_choice", "parallel_tool_calls", "reasoning", "text")
"""What the token count takes of a request."""


def write_request(request: Request, model: str, profile: Profile) -> Written:
    """The upstream's request. Raises PatchbayError UNSUPPORTED for what it cannot express."""
    if request.max_tokens == 0:
        raise PatchbayError(
            ErrorKind.UNSUPPORTED, "This upstream cannot answer with no token at all.", param="max_tokens"
        )
    notes = Notes()
    names = ToolNames((tool.name for tool in request.tools if is_function(tool)), profile.tool_name_max)
    body = _prompt(request, model, profile, names, notes)
    _write_limits(body, request, profile, notes)
    _write_identity(body, request, profile, notes)
    body.store = False
    if _reasons(model):
        body.include = [ENCRYPTED]
    body.stream = request.stream
    return Written(_ENCODER.encode(body), names.map(), tuple(notes.dropped))


def write_count_request(request: Request, model: str, profile: Profile) -> bytes | None:
    """The question how many tokens a request has (`/responses/input_tokens`); None for all but OpenAI itself."""
    if profile.kind != "openai":
        return None
    names = ToolNames((tool.name for tool in request.tools if is_function(tool)), profile.tool_name_max)
    body = msgspec.to_builtins(_prompt(request, model, profile, names, Notes()), builtin_types=(msgspec.Raw,))
    return _ENCODER.encode({name: body[name] for name in _COUNTED if name in body})


def _prompt(request: Request, model: str, profile: Profile, names: ToolNames, notes: Notes) -> wire_out.Body:
    """What the model gets to see."""
    body = wire_out.Body(model=model, tools=[])
    ToolWriter(profile, names, notes).write(body, request)
    _write_format(body, request.format, profile, notes)
    ItemWriter(model, profile, names, notes, free_text_tools(request)).write(body, request)
    _write_reasoning(body, request.reasoning, profile, notes)
    return body


def _reasons(model: str) -> bool:
    return not model.rpartition("/")[2].startswith(_UNREASONING)


def _write_reasoning(body: wire_out.Body, reasoning: Reasoning, profile: Profile, notes: Notes) -> None:
    effort = wanted(reasoning)
    word = snapped(effort, profile.effort) if effort and _reasons(body.model) else ""
    if word:
        body.reasoning["effort"] = word
    elif effort and effort != "none":
        notes.drop("reasoning_effort")
    asked = reasoning.enabled or (effort and effort != "none")
    if asked and reasoning.show and not reasoning.omit_text and profile.reasoning_summary and _reasons(body.model):
        body.reasoning["summary"] = "auto"


def _write_format(body: wire_out.Body, format: Format | None, profile: Profile, notes: Notes) -> None:  # noqa: A002
    """Structured output, as well as the upstream can: by schema, as any JSON object, or only by asking for it."""
    if format is None:
        return
    schema = openai_schema.format_schema(format.schema)
    if format.kind is FormatKind.JSON_SCHEMA and profile.response_format == "json_schema":
        strict = format.strict is not False and openai_schema.qualifies(format.schema)
        name = ToolNames(()).upstream(format.name or "output")
        body.text = {"format": {"type": "json_schema", "name": name, "schema": schema, "strict": strict}}
        return
    if profile.response_format != "none":
        body.text = {"format": {"type": "json_object"}}
    if format.kind is FormatKind.JSON_SCHEMA:
        notes.system.append(wording.json_schema_wanted(bytes(schema).decode()))
    elif profile.response_format == "none":
        notes.system.append(wording.JSON_ONLY)


def _write_limits(body: wire_out.Body, request: Request, profile: Profile, notes: Notes) -> None:
    limit = request.max_tokens
    if limit is not None:
        limit = min(limit, profile.max_output_tokens) if profile.max_output_tokens else limit
        body.max_output_tokens = max(limit, LEAST_OUTPUT_TOKENS)
    for name, value in sampling.taken(request, profile, notes).items():
        setattr(body, name, value)
    if any(request.stop):
        notes.drop("stop")  # the API has no stop sequences


def _write_identity(body: wire_out.Body, request: Request, profile: Profile, notes: Notes) -> None:
    if request.user_id and profile.user_field in {"user", "safety_identifier"}:
        setattr(body, profile.user_field, short(request.user_id))
    if request.session_id and profile.session_cache_key:
        body.prompt_cache_key = short(request.session_id)
    if profile.kind in _OPENAI:
        body.service_tier = _TIERS.get(request.service_tier)
    if request.service_tier not in {"", "auto", "standard_only"} and not body.service_tier:
        notes.drop("service_tier")
