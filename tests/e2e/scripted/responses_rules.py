"""What OpenAI refuses over Responses.

"Unknown parameter: 'x'", "Unsupported parameter: 'temperature' is not supported with this model", "No tool output found
for function call call_x", "No tool call found for function call output with call_id x", "Expected an ID that begins
with 'fc'", "Item 'rs_x' of type 'reasoning' was provided without its required following item", "... function_call was
provided without its required 'reasoning' item", "Invalid value: 'input_text'. Supported values are: 'output_text' and
'refusal'", "Invalid schema for function 'x'" (a tool that leaves `strict` out is strict).
"""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.program import PROVIDER_KEY
from tests.e2e.scripted.findings import FUNCTION_NAME, Findings, object_schema, shared, strict_problem

TOP = {
    *("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options"),
    *("max_output_tokens", "max_tool_calls", "reasoning", "text", "store", "include", "prompt_cache_key", "metadata"),
    *("prompt_cache_retention", "safety_identifier", "service_tier", "truncation", "user", "client_metadata"),
    *("context_management", "background", "previous_response_id", "temperature", "top_p"),
}
EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh"}
ITEMS: dict[str, tuple[set[str], set[str], str]] = {
    "message": ({"type", "id", "role", "content", "status", "phase"}, {"role", "content"}, "msg"),
    "reasoning": ({"type", "id", "summary", "content", "encrypted_content", "status"}, {"summary"}, "rs"),
    "function_call": (
        {"type", "id", "call_id", "name", "namespace", "arguments", "status"},
        {"call_id", "name", "arguments"},
        "fc",
    ),
    "function_call_output": ({"type", "id", "call_id", "output", "status"}, {"call_id", "output"}, ""),
    "custom_tool_call": ({"type", "id", "call_id", "name", "input", "status"}, {"call_id", "name", "input"}, "ctc"),
    "custom_tool_call_output": ({"type", "id", "call_id", "output", "status"}, {"call_id", "output"}, ""),
    "compaction": ({"type", "id", "encrypted_content"}, {"encrypted_content"}, "cmp"),
}
CALLS, OUTPUTS = {"function_call", "custom_tool_call"}, {"function_call_output", "custom_tool_call_output"}
TYPES = {"function", "custom", "namespace", "web_search", "tool_search"}
FUNCTION = {"type", "name", "description", "parameters", "strict", "defer_loading"}
PARTS_IN, PARTS_OUT = {"input_text", "input_image", "input_file"}, {"output_text", "refusal"}


def complaints(asked: Any) -> Findings:
    """Everything about a request that OpenAI would refuse."""
    found, body = Findings(), asked.body
    shared(found, "openai", asked.headers, body, PROVIDER_KEY)
    low = {name.lower(): value for name, value in asked.headers.items()}
    found.must(low.get("authorization", "").startswith("Bearer "), "no bearer key")
    found.keys("body", body, TOP, {"model", "input"})
    _settings(found, body)
    _tools(found, body)
    items = body["input"] if isinstance(body["input"], list) else []
    found.must(body["input"], "input: empty")
    for place, item in enumerate(items):
        _item(found, asked.script, f"input[{place}]", item)
    _pairing(found, items)
    _reasoning_followed(found, asked.script, items)
    return found


def _settings(found: Findings, body: dict[str, Any]) -> None:
    reasoning = body.get("reasoning") or {}
    found.keys("reasoning", reasoning, {"effort", "summary", "context"})
    found.must(reasoning.get("effort", "low") in EFFORTS, f"reasoning.effort: {reasoning.get('effort')}")
    found.must(reasoning.get("summary", "auto") in {"auto", "concise", "detailed"}, f"summary: {reasoning}")
    found.must(body.get("max_output_tokens") is None or body["max_output_tokens"] >= 16, "max_output_tokens below 16")
    for field in ("prompt_cache_key", "safety_identifier"):
        found.must(len(body.get(field) or "") <= 64, f"{field}: string too long")
    found.must(body.get("store") is False, "store: the proxy must leave nothing behind")
    sampled = [field for field in ("temperature", "top_p") if field in body and body["model"].startswith("gpt-5")]
    found.must(not sampled, f"Unsupported parameter: {sampled} is not supported with this model")
    found.must(isinstance(body.get("parallel_tool_calls", True), bool), "parallel_tool_calls: no boolean")


def _tools(found: Findings, body: dict[str, Any]) -> None:
    names = []
    for place, tool in enumerate(body.get("tools", [])):
        where = f"tools[{place}]"
        if not found.must(tool.get("type") in TYPES, f"{where}.type: {tool.get('type')}"):
            continue
        if tool["type"] == "function":
            _function(found, where, tool)
        elif tool["type"] == "custom":
            found.keys(where, tool, {"type", "name", "description", "format", "defer_loading"}, {"name"})
        if "name" in tool:
            names.append(tool["name"])
    found.must(len(names) == len(set(names)), "tool names must be unique")
    choice = body.get("tool_choice", "auto")
    known = isinstance(choice, dict) and (choice.get("name") in names or choice.get("type") != "function")
    found.must(choice in ("auto", "none", "required") or known, f"tool_choice: {choice}")


def _function(found: Findings, where: str, tool: dict[str, Any]) -> None:
    found.keys(where, tool, FUNCTION, {"name", "parameters"})
    found.must(FUNCTION_NAME.fullmatch(tool.get("name", "")), f"{where}.name: {tool.get('name')!r}")
    object_schema(found, f"{where} {tool.get('name')}", tool.get("parameters"))
    if tool.get("strict") is not False:
        problem = strict_problem(tool.get("parameters"))
        found.must(not problem, f"{where}: strict unless said otherwise, but invalid schema: {problem}")


def _item(found: Findings, script: Any, where: str, item: dict[str, Any]) -> None:
    kind = item.get("type", "message")
    if not found.must(kind in ITEMS, f"{where}: Invalid value: {kind!r}"):
        return
    allowed, needed, prefix = ITEMS[kind]
    found.keys(f"{where} {kind}", item, allowed, needed)
    given_id = item.get("id")
    if prefix and given_id is not None:
        found.must(given_id.startswith(prefix), f"{where}.id: Expected an ID that begins with {prefix!r}: {given_id!r}")
    if "call_id" in item:
        found.must(0 < len(item["call_id"]) <= 64, f"{where}.call_id: {len(item['call_id'])} characters")
    if kind == "message":
        _message(found, where, item)
    elif kind == "function_call":
        found.must(FUNCTION_NAME.fullmatch(item["name"]), f"{where}.name: {item['name']!r}")
        try:
            json.loads(item["arguments"])
        except ValueError:
            found.append(f"{where}.arguments: not JSON")
    elif kind == "function_call_output" and isinstance(item["output"], list):
        found.must(all(part.get("type") in PARTS_IN for part in item["output"]), f"{where}.output: {item['output']}")
    elif kind in {"reasoning", "compaction"}:
        sealed = item.get("encrypted_content")
        known = script.given.get(sealed or "")
        fits = known is not None and (given_id is None or kind == "compaction" or known == given_id)
        if found.must(fits, f"{where}: The encrypted content {sealed!r} of {given_id!r} could not be verified"):
            script.returned.append(sealed)


def _message(found: Findings, where: str, item: dict[str, Any]) -> None:
    role, content = item.get("role"), item["content"]
    found.must(role in {"user", "assistant", "system", "developer"}, f"{where}.role: {role}")
    found.must(content, f"{where}.content: empty")
    wanted = PARTS_OUT if role == "assistant" else PARTS_IN
    for part in content if isinstance(content, list) else []:
        kind = part.get("type")
        found.must(kind in wanted, f"{where}.content: Invalid value: {kind!r}. Supported values are: {sorted(wanted)}")


def _pairing(found: Findings, items: list[dict[str, Any]]) -> None:
    """Every call has its output behind it, every output its call before it."""
    open_calls: dict[str, str] = {}
    for place, item in enumerate(items):
        kind = item.get("type")
        if kind in CALLS:
            found.must(item["call_id"] not in open_calls, f"input[{place}]: call_id repeats: {item['call_id']}")
            open_calls[item["call_id"]] = f"{kind}_output"
        elif kind in OUTPUTS:
            wanted = open_calls.pop(item["call_id"], None)
            found.must(wanted == kind, f"input[{place}]: No tool call found for output with call_id {item['call_id']}")
    found.must(not open_calls, f"No tool output found for function calls {list(open_calls)}")


def _reasoning_followed(found: Findings, script: Any, items: list[dict[str, Any]]) -> None:
    """A reasoning item stands before an item of the same turn; a call that bears its own id stands behind its own."""
    reasons: set[str] = set()
    for place, item in enumerate(items):
        kind = item.get("type", "message")
        if kind == "reasoning":
            after = items[place + 1] if place + 1 < len(items) else {}
            own = after.get("type") in {*CALLS, "reasoning"} or after.get("role") == "assistant"
            found.must(own, f"input[{place}]: reasoning was provided without its required following item")
            reasons.add(script.given.get(item.get("encrypted_content") or "", ""))
        elif kind in CALLS and "_e2e_" in (item.get("id") or ""):
            wanted = f"rs_e2e_{item['id'].split('_')[2]}"
            found.must(wanted in reasons, f"input[{place}]: {kind} was provided without its required reasoning item")
