"""The Python SDK of Anthropic."""

from __future__ import annotations

from typing import Any

import anthropic

from tests.e2e.clients.client import (
    LOOKED_UP,
    QUESTION,
    SCHEMA,
    SDK_ASKS,
    TOOL,
    TOOL_ABOUT,
    Client,
    Outcome,
    Setting,
    look_up,
)

MODEL = "claude-opus-4-8"


async def ask(setting: Setting) -> Outcome:
    messages: list[dict[str, Any]] = [{"role": "user", "content": QUESTION}]
    usages, thoughts = [], ""
    async with anthropic.AsyncAnthropic(
        base_url=setting.base_url, auth_token=setting.key, api_key=None, max_retries=0
    ) as client:
        while True:
            reply = await _turn(client, messages, streaming=setting.streaming)
            usages.append(_counts(reply.usage))
            thoughts += "".join(block.thinking for block in reply.content if block.type == "thinking")
            calls = [block for block in reply.content if block.type == "tool_use"]
            assert reply.stop_reason == ("tool_use" if calls else "end_turn")
            if not calls:
                break
            messages.append({"role": "assistant", "content": reply.content})
            results = [
                {"type": "tool_result", "tool_use_id": call.id, "content": look_up(**call.input)} for call in calls
            ]
            messages.append({"role": "user", "content": results})
    answer = "".join(block.text for block in reply.content if block.type == "text")
    return Outcome(answer, usages=usages, thoughts=thoughts)


async def _turn(client: Any, messages: list[dict[str, Any]], *, streaming: bool) -> Any:
    arguments = {
        "model": MODEL,
        "max_tokens": 4000,
        "messages": messages,
        "system": "Be short.",
        "tools": [{"name": TOOL, "description": TOOL_ABOUT, "input_schema": SCHEMA}],
        "thinking": {"type": "adaptive"},
    }
    if not streaming:
        return await client.messages.create(**arguments)
    async with client.messages.stream(**arguments) as stream:
        return await stream.get_final_message()


def _counts(usage: Any) -> dict[str, int]:
    return {
        "input": usage.input_tokens,
        "cache_read": usage.cache_read_input_tokens or 0,
        "cache_write": usage.cache_creation_input_tokens or 0,
        "output": usage.output_tokens,
    }


ANTHROPIC_SDK = Client(
    name="anthropic SDK",
    dialect="anthropic_messages",
    asks=SDK_ASKS,
    says=LOOKED_UP,
    recorded_as="anthropic-python",
    ask=ask,
)
