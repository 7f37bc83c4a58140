"""What a strict OpenAI-compatible server refuses: OpenAI's own 400s, and vLLM's and llama.cpp's templates.

"An assistant message with 'tool_calls' must be followed by tool messages", "messages with role 'tool' must be a
response to a preceding message with 'tool_calls'", "[] is too short - 'tools'", "string too long ... maximum length
64", "System message must be at the beginning" (templates), "Unrecognized request argument supplied".
"""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.program import PROVIDER_KEY
from tests.e2e.scripted.findings import FUNCTION_NAME, Findings, object_schema, shared, strict_problem

TOP = {
    *("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options", "max_tokens"),
    *("max_completion_tokens", "temperature", "top_p", "stop", "n", "response_format", "reasoning_effort", "seed"),
    *("user", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "store", "verbosity"),
    *("metadata", "service_tier", "prompt_cache_key", "safety_identifier", "web_search_options"),
}
MESSAGES = {
    "system": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", "refusal"},
    "tool": {"role", "content", "tool_call_id"},
}
PARTS = {"text": {"type", "text"}, "image_url": {"type", "image_url"}, "file": {"type", "file"}}
IDS_MAX = 64


def complaints(asked: Any) -> Findings:
    """Everything about a request that such a server would refuse."""
    found, body = Findings(), asked.body
    shared(found, "openai", asked.headers, body, PROVIDER_KEY)
    low = {name.lower(): value for name, value in asked.headers.items()}
    found.must(low.get("authorization", "").startswith("Bearer "), "You didn't provide an API key in a bearer header")
    found.keys("body", body, TOP, {"model", "messages"})
    found.must("max_tokens" not in body or "max_completion_tokens" not in body, "both max_tokens fields")
    found.must("stream_options" not in body or body.get("stream"), "stream_options is only allowed with stream")
    stop = body.get("stop", [])
    found.must(isinstance(stop, str) or (isinstance(stop, list) and len(stop) <= 4), "stop: more than 4")
    _tools(found, body)
    converted = low.get("user-agent", "").lower().startswith("patchbay")
    _messages(found, body["messages"], converted=converted)
    return found


def _tools(found: Findings, body: dict[str, Any]) -> None:
    tools = body.get("tools")
    if tools is None:
        found.must("tool_choice" not in body, "'tool_choice' is only allowed when 'tools' are specified")
        found.must("parallel_tool_calls" not in body, "'parallel_tool_calls' is only allowed with 'tools'")
        return
    found.must(0 < len(tools) <= 128, f"tools: {len(tools)} of them")
    names = []
    for place, tool in enumerate(tools):
        where = f"tools[{place}]"
        found.keys(where, tool, {"type", "function"}, {"type", "function"})
        found.must(tool.get("type") == "function", f"{where}.type: {tool.get('type')}")
        function = tool["function"]
        found.keys(f"{where}.function", function, {"name", "description", "parameters", "strict"}, {"name"})
        names.append(function["name"])
        found.must(FUNCTION_NAME.fullmatch(function["name"]), f"{where}.function.name: {function['name']!r}")
        if "parameters" in function:
            object_schema(found, f"{where} {function['name']}", function["parameters"])
        if function.get("strict"):
            problem = strict_problem(function.get("parameters", {}))
            found.must(not problem, f"{where}: Invalid schema for function {function['name']!r}: {problem}")
    found.must(len(names) == len(set(names)), "tool names must be unique")
    choice = body.get("tool_choice", "auto")
    named = isinstance(choice, dict) and choice.get("function", {}).get("name") in names
    found.must(choice in ("auto", "none", "required") or named, f"tool_choice: {choice}")


def _messages(found: Findings, messages: list[dict[str, Any]], *, converted: bool) -> None:
    open_calls: list[str] = []
    said_something = False
    for place, message in enumerate(messages):
        where = f"messages[{place}]"
        role = message.get("role")
        if not found.must(role in MESSAGES, f"{where}.role: {role}"):
            continue
        # A client of this dialect hands back what this server gave it, as DeepSeek wants; nobody else knows the word.
        replayed = set() if converted or role != "assistant" else {"reasoning_content"}
        found.keys(where, message, MESSAGES[role] | replayed, {"content"})
        if role == "system":
            found.must(place == 0, f"{where}: System message must be at the beginning.")
        said_something = said_something or role != "system"
        if role == "tool":
            known = message["tool_call_id"] in open_calls
            if found.must(known, f"{where}: tool message without a preceding call {message['tool_call_id']}"):
                open_calls.remove(message["tool_call_id"])
        else:
            found.must(not open_calls, f"{where}: tool_calls without a tool message: {open_calls}")
            open_calls = []
        if role == "assistant":
            open_calls = _assistant(found, where, message)
        else:
            found.must(message["content"], f"{where}.content: empty")
        _parts(found, where, message["content"])
    found.must(said_something, "messages: nothing but a system message")
    found.must(not open_calls, f"tool_calls without a tool message at the end: {open_calls}")


def _assistant(found: Findings, where: str, message: dict[str, Any]) -> list[str]:
    """Check an assistant message; the ids of its calls."""
    calls = message.get("tool_calls")
    found.must(calls is None or calls, f"{where}.tool_calls: [] is too short")
    found.must(message.get("content") or calls, f"{where}: neither content nor tool_calls")
    ids = []
    for call in calls or []:
        found.keys(f"{where}.tool_calls", call, {"id", "type", "function"}, {"id", "type", "function"})
        found.must(0 < len(call["id"]) <= IDS_MAX, f"{where}: tool call id of {len(call['id'])} characters")
        found.must(FUNCTION_NAME.fullmatch(call["function"]["name"]), f"{where}: {call['function']['name']!r}")
        found.keys(f"{where}.function", call["function"], {"name", "arguments"}, {"name", "arguments"})
        arguments = call["function"]["arguments"]
        try:
            found.must(isinstance(json.loads(arguments), dict), f"{where}: arguments are no object")
        except ValueError:
            found.append(f"{where}: arguments are not JSON: {arguments!r}")
        ids.append(call["id"])
    found.must(len(ids) == len(set(ids)), f"{where}: call ids repeat: {ids}")
    return ids


def _parts(found: Findings, where: str, content: Any) -> None:
    for part in content if isinstance(content, list) else []:
        kind = part.get("type")
        if found.must(kind in PARTS, f"{where}.content: part type {kind}"):
            found.keys(f"{where}.content", part, PARTS[kind], PARTS[kind])
