"""The Python SDK of OpenAI, over Responses, without state on the server."""

from __future__ import annotations

import json
from typing import Any

import openai

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

MODEL = "gpt-5.5"
CUSTOM = "note"
"""A tool that takes free text; offered beside the other."""


async def ask(setting: Setting) -> Outcome:
    conversation: list[Any] = [{"role": "user", "content": QUESTION}]
    usages, thoughts = [], ""
    async with openai.AsyncOpenAI(base_url=f"{setting.base_url}/v1", api_key=setting.key, max_retries=0) as client:
        while True:
            reply = await _turn(client, conversation, streaming=setting.streaming)
            assert reply.status == "completed"
            usages.append(_counts(reply.usage))
            reasons = [item for item in reply.output if item.type == "reasoning"]
            thoughts += "".join(part.text for item in reasons for part in item.summary)
            outputs = [_run(item) for item in reply.output if item.type in {"function_call", "custom_tool_call"}]
            if not outputs:
                break
            conversation += [*(_sent_back(item) for item in reply.output), *outputs]
    return Outcome(reply.output_text, usages=usages, thoughts=thoughts)


def _sent_back(item: Any) -> dict[str, Any]:
    """An item as it came, without what the SDK's streaming adds to it."""
    given: dict[str, Any] = item.model_dump(exclude_unset=True, exclude_none=True, mode="json")
    given.pop("parsed_arguments", None)
    for part in given.get("content", []):
        part.pop("parsed", None)
    return given


def _run(item: Any) -> dict[str, Any]:
    if item.type == "custom_tool_call":
        return {"type": "custom_tool_call_output", "call_id": item.call_id, "output": f"noted {item.input}"}
    result = look_up(**json.loads(item.arguments))
    return {"type": "function_call_output", "call_id": item.call_id, "output": result}


async def _turn(client: Any, conversation: list[Any], *, streaming: bool) -> Any:
    function = {"type": "function", "name": TOOL, "description": TOOL_ABOUT, "parameters": SCHEMA, "strict": False}
    arguments = {
        "model": MODEL,
        "instructions": "Be short.",
        "input": conversation,
        "tools": [function, {"type": "custom", "name": CUSTOM, "description": "Take a note"}],
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    if not streaming:
        return await client.responses.create(**arguments)
    async with client.responses.stream(**arguments) as stream:
        return await stream.get_final_response()


def _counts(usage: Any) -> dict[str, int]:
    return {
        "prompt": usage.input_tokens,
        "cache_read": usage.input_tokens_details.cached_tokens,
        "output": usage.output_tokens,
        "reasoning": usage.output_tokens_details.reasoning_tokens,
    }


OPENAI_RESPONSES_SDK = Client(
    name="openai SDK, responses",
    dialect="openai_responses",
    asks=SDK_ASKS,
    says=LOOKED_UP,
    recorded_as="openai-python",
    ask=ask,
)
