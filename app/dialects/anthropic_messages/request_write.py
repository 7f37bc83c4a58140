"""The neutral request -> a Messages request body that the API accepts; deterministic to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from app.dialects.anthropic_messages.blocks_write import BlockWriter
from app.dialects.anthropic_messages.families import ThinkingStyle, family_of
from app.dialects.anthropic_messages.reasoning import Wanted, wanted
from app.dialects.anthropic_messages.repair import Turn, repaired, thinking_would_fail
from app.dialects.anthropic_messages.schema import for_output
from app.dialects.anthropic_messages.tools_write import ToolWriter, format_tool, stub_tools
from app.dialects.base import Written
from app.dialects.names import ToolNames
from app.domain.provider import Profile
from app.domain.request import FormatKind, Request, Text, ToolCall

STREAMING_TOKENS = 32_000
WHOLE_TOKENS = 8_192
"""What to ask for where the client said nothing; a long answer that is not streamed runs into timeouts."""
JSON_ONLY = Text("Reply with one valid JSON object and nothing else.")
USER_ID_CHARS = 256
_ANSWER_ONLY = frozenset(
    {"max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier"}
)
_TIERS = {"default": "standard_only", "standard_only": "standard_only"}


def write_request(request: Request, model: str, profile: Profile) -> Written:
    """The body, and what of the request it cannot say; raises PatchbayError UNSUPPORTED."""
    return _RequestWriter(request, model, profile).write()


def write_count_request(request: Request, model: str, profile: Profile) -> bytes:
    """The body of a token count: without what only an answer needs, which the endpoint refuses."""
    body: dict[str, Any] = msgspec.json.decode(write_request(request, model, profile).body)
    return msgspec.json.encode({name: value for name, value in body.items() if name not in _ANSWER_ONLY})


class _RequestWriter:
    def __init__(self, request: Request, model: str, profile: Profile) -> None:
        self._request = request
        self._model = model
        self._profile = profile
        self._family = family_of(model)
        self._names = ToolNames((tool.name for tool in request.tools if tool.name), profile.tool_name_max)
        self._blocks = BlockWriter(self._names, cache=profile.cache_control)
        self._tools = ToolWriter(request, self._family, profile, self._names, self._blocks)
        self._dropped = list(request.dropped)
        self._body: dict[str, Any] = {"model": model}

    def write(self) -> Written:
        request = self._request
        system, turns = repaired(request.system, request.messages, self._family, self._profile, self._dropped)
        wanted_format = request.format
        as_tool = False
        if wanted_format is not None and wanted_format.kind is FormatKind.JSON_OBJECT:
            system.append(JSON_ONLY)
        elif wanted_format is not None:
            as_tool = not self._family.output_format
        tools = self._write_tools(turns, json_tool=as_tool)
        thinking = self._thinking(turns, tools)
        self._body["max_tokens"] = thinking.max_tokens
        if request.stream:
            self._body["stream"] = True
        self._write_system(system)
        self._body |= tools
        self._body["messages"] = [
            {"role": turn.role.value, "content": self._blocks.content(turn.parts)} for turn in turns
        ]
        self._write_thinking(thinking, as_tool=as_tool)
        self._write_sampling(thinking)
        self._write_rest()
        self._blocks.trim_marks()
        dropped = (*self._dropped, *self._tools.dropped, *self._blocks.dropped)
        return Written(
            msgspec.json.encode(self._body), self._names.map(), tuple(dict.fromkeys(dropped)), json_tool=as_tool
        )

    def _write_tools(self, turns: Sequence[Turn], *, json_tool: bool) -> dict[str, Any]:
        tools = self._tools.tools()
        if json_tool and self._request.format is not None:
            tools.append(format_tool(self._request.format))
        if tools:
            choice = self._tools.choice(json_tool=json_tool)
            return {"tools": tools} | ({"tool_choice": choice} if choice else {})
        called = [part.name for turn in turns for part in turn.parts if isinstance(part, ToolCall)]
        if not called:
            return {}
        stubs = stub_tools([self._names.upstream(name) for name in called])
        return {"tools": stubs} | ({"tool_choice": {"type": "none"}} if self._profile.tool_choice else {})

    def _thinking(self, turns: Sequence[Turn], tools: dict[str, Any]) -> Wanted:
        request, family = self._request, self._family
        limit = self._profile.max_output_tokens or family.max_output_tokens
        tokens = request.max_tokens
        if tokens is None:
            tokens = STREAMING_TOKENS if request.stream else WHOLE_TOKENS
        tokens = min(tokens, limit) if limit else tokens
        forced = tools.get("tool_choice", {}).get("type") in ("any", "tool")
        budget = family.thinking is ThinkingStyle.BUDGET
        return wanted(
            request.reasoning, family, max(tokens, 1), forbidden=forced or (budget and thinking_would_fail(turns))
        )

    def _write_system(self, system: Sequence[Text]) -> None:
        if any(text.cache for text in system):
            self._body["system"] = self._blocks.content(system)
        elif system:
            self._body["system"] = "\n\n".join(text.text for text in system)

    def _write_thinking(self, thinking: Wanted, *, as_tool: bool) -> None:
        if thinking.thinking:
            self._body["thinking"] = {"type": thinking.thinking}
            if thinking.budget_tokens:
                self._body["thinking"]["budget_tokens"] = thinking.budget_tokens
        output: dict[str, Any] = {}
        if thinking.effort:
            output["effort"] = thinking.effort
        wanted_format = self._request.format
        if wanted_format is not None and wanted_format.kind is FormatKind.JSON_SCHEMA and not as_tool:
            output["format"] = {"type": "json_schema", "schema": for_output(wanted_format.schema)}
        if output:
            self._body["output_config"] = output

    def _write_sampling(self, thinking: Wanted) -> None:
        """Temperature before `top_p`: since 4.5 both together are an error, and so is either beside thinking."""
        request = self._request
        takes = self._family.sampling and self._profile.sampling != "none"
        if request.temperature is not None:
            if takes and not thinking.on:
                self._body["temperature"] = min(max(request.temperature, 0.0), 1.0)
            else:
                self._dropped.append("temperature")
        if request.top_p is not None:
            least = 0.95 if thinking.on else 0.0
            fits = takes and "temperature" not in self._body and least <= request.top_p <= 1
            if fits and self._profile.sampling == "full":
                self._body["top_p"] = request.top_p
            else:
                self._dropped.append("top_p")
        if request.top_k is not None:
            if takes and self._profile.top_k and not thinking.on:
                self._body["top_k"] = request.top_k
            else:
                self._dropped.append("top_k")

    def _write_rest(self) -> None:
        request, profile = self._request, self._profile
        stops = [stop for stop in request.stop if stop.strip()]
        if stops[: profile.stop_max]:
            self._body["stop_sequences"] = stops[: profile.stop_max]
        if len(stops[: profile.stop_max]) < len(request.stop):
            self._dropped.append("stop")
        if request.user_id:
            self._body["metadata"] = {"user_id": _user(request.user_id)}
        if request.service_tier in _TIERS:
            self._body["service_tier"] = _TIERS[request.service_tier]
        elif request.service_tier not in ("", "auto"):
            self._dropped.append("service_tier")


def _user(given: str) -> str:
    if len(given) <= USER_ID_CHARS:
        return given
    return "u_" + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32]
