"""What Anthropic refuses.

Texts of its 400s: "X: Extra inputs are not permitted", "tool_use ids were found without tool_result blocks immediately
after", "text content blocks must be non-empty", "Invalid signature in thinking block", "This model does not support
assistant message prefill", "max_tokens: Field required", "A maximum of 4 blocks with cache_control may be provided".
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.e2e.program import PROVIDER_KEY
from tests.e2e.scripted.findings import Findings, shared

TOP = {
    *("model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "temperature", "top_p", "top_k"),
    *("stop_sequences", "thinking", "output_config", "metadata", "service_tier", "context_management", "container"),
    *("mcp_servers", "cache_control", "speed", "inference_geo", "diagnostics"),
}
BLOCKS: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"type", "text", "cache_control", "citations"}, {"text"}),
    "thinking": ({"type", "thinking", "signature"}, {"thinking", "signature"}),
    "redacted_thinking": ({"type", "data"}, {"data"}),
    "tool_use": ({"type", "id", "name", "input", "cache_control", "caller"}, {"id", "name", "input"}),
    "tool_result": ({"type", "tool_use_id", "content", "is_error", "cache_control"}, {"tool_use_id"}),
    "image": ({"type", "source", "cache_control"}, {"source"}),
    "document": ({"type", "source", "title", "context", "citations", "cache_control"}, {"source"}),
}
TOOL = {
    "name",
    "description",
    "input_schema",
    "strict",
    "type",
    "cache_control",
    "defer_loading",
    "eager_input_streaming",
}
ID = re.compile(r"[a-zA-Z0-9_-]+")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def complaints(asked: Any) -> Findings:
    """Everything about a request that Anthropic would refuse."""
    found, body = Findings(), asked.body
    shared(found, "anthropic", asked.headers, body, PROVIDER_KEY)
    low = {name.lower() for name in asked.headers}
    found.must("anthropic-version" in low, "anthropic-version: header is required")
    found.must(("x-api-key" in low) != ("authorization" in low), "not exactly one of x-api-key and authorization")
    found.keys("body", body, TOP, {"model", "max_tokens", "messages"})
    found.must(isinstance(body.get("max_tokens"), int) and body["max_tokens"] >= 1, "max_tokens: must be at least 1")
    found.must(json.dumps(body).count('"cache_control": {') <= 4, "more than 4 blocks with cache_control")
    _sampling(found, body)
    _tools(found, body)
    _messages(found, asked.script, body)
    return found


def _sampling(found: Findings, body: dict[str, Any]) -> None:
    """Of today's models: no sampling, no thinking budget, no tool forced while it thinks."""
    thinking = body.get("thinking") or {}
    found.must(thinking.get("type") != "enabled", '"thinking.type.enabled" is not supported for this model')
    for field in ("temperature", "top_p", "top_k"):
        found.must(field not in body, f"{field} is deprecated for this model")
    if thinking.get("type") == "adaptive":
        choice = (body.get("tool_choice") or {}).get("type")
        found.must(choice not in {"any", "tool"}, "Thinking may not be enabled when tool_choice forces tool use")
    found.keys("output_config", body.get("output_config") or {}, {"effort", "format", "task_budget"})
    found.keys("metadata", body.get("metadata") or {}, {"user_id"})


def _tools(found: Findings, body: dict[str, Any]) -> None:
    names = []
    for place, tool in enumerate(body.get("tools", [])):
        where = f"tools.{place}"
        if tool.get("type", "custom") != "custom":
            continue  # a server's own
        found.keys(where, tool, TOOL, {"name", "input_schema"})
        names.append(tool.get("name", ""))
        found.must(NAME.fullmatch(tool.get("name", "")), f"{where}.name: {tool.get('name')!r}")
        found.must((tool.get("input_schema") or {}).get("type") == "object", f"{where}.input_schema.type: not object")
    found.must(len(names) == len(set(names)), "tools: Tool names must be unique.")
    choice = body.get("tool_choice")
    if choice is not None:
        found.must(body.get("tools"), "tool_choice may only be specified while providing tools")
        found.must(choice.get("type") in {"auto", "any", "tool", "none"}, f"tool_choice.type: {choice.get('type')}")


def _messages(found: Findings, script: Any, body: dict[str, Any]) -> None:
    messages = body["messages"]
    if not found.must(messages, "messages: at least one message is required"):
        return
    found.must(messages[0]["role"] == "user", "messages: first message must use the user role")
    found.must(messages[-1]["role"] != "assistant", "This model does not support assistant message prefill.")
    if isinstance(body.get("system"), list):
        for block in body["system"]:
            found.must(block.get("text", "").strip(), "system: text content blocks must be non-empty")
    open_calls: list[str] = []
    for place, message in enumerate(messages):
        where = f"messages.{place}"
        # Claude Code gives the effort once more beside a system message.
        beside = {"output_config"} if message["role"] == "system" else set()
        found.keys(where, message, {"role", "content"} | beside, {"role", "content"})
        found.must(message["role"] in {"user", "assistant", "system"}, f"{where}.role: {message['role']}")
        content = message["content"]
        found.must(content, f"{where}: all messages must have non-empty content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for at, block in enumerate(blocks):
            _block(found, script, f"{where}.content.{at}", block)
        if message["role"] != "system":
            open_calls = _pairing(found, where, blocks, open_calls)
    found.must(not open_calls, f"tool_use ids were found without tool_result blocks at the end: {open_calls}")
    uses = any(
        block.get("type") == "tool_use" for one in messages for block in one["content"] if isinstance(block, dict)
    )
    found.must(not uses or body.get("tools"), "requests with tool_use blocks must define tools")


def _pairing(found: Findings, where: str, blocks: list[dict[str, Any]], open_calls: list[str]) -> list[str]:
    """Check that the results answer all open calls, first in their message; the calls that this one opens."""
    kinds = [block.get("type") for block in blocks]
    answered = [block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"]
    found.must(set(answered) >= set(open_calls), f"{where}: tool_use without tool_result: {open_calls} got {answered}")
    found.must(set(answered) <= set(open_calls), f"{where}: unexpected tool_use_id in {answered}")
    found.must(len(answered) == len(set(answered)), f"{where}: each tool_use must have a single result")
    found.must(
        all(kind == "tool_result" for kind in kinds[: len(answered)]), f"{where}: tool_result after other blocks"
    )
    return [block["id"] for block in blocks if block.get("type") == "tool_use"]


def _block(found: Findings, script: Any, where: str, block: dict[str, Any]) -> None:
    kind = block.get("type", "")
    if not found.must(kind in BLOCKS, f"{where}: Input tag {kind!r} does not match any of the expected tags"):
        return
    allowed, needed = BLOCKS[kind]
    found.keys(where, block, allowed, needed)
    if kind == "text":
        found.must(block["text"].strip(), f"{where}: text content blocks must contain non-whitespace text")
    elif kind == "tool_use":
        found.must(ID.fullmatch(block["id"]), f"{where}.id: {block['id']!r}")
        found.must(isinstance(block["input"], dict), f"{where}.input: Input should be an object")
    elif kind == "thinking":
        known = script.given.get(block["signature"])
        if found.must(known == block["thinking"], f"{where}: Invalid `signature` in `thinking` block"):
            script.returned.append(block["signature"])
