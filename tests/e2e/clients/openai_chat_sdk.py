"""The Python SDK of OpenAI, over chat completions."""

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

MODEL = "gpt-5.2"


async def ask(setting: Setting) -> Outcome:
    messages: list[Any] = [{"role": "system", "content": "Be short."}, {"role": "user", "content": QUESTION}]
    usages, thoughts = [], ""
    async with openai.AsyncOpenAI(base_url=f"{setting.base_url}/v1", api_key=setting.key, max_retries=0) as client:
        while True:
            reply = await _turn(client, messages, streaming=setting.streaming)
            usages.append(_counts(reply.usage))
            message = reply.choices[0].message
            thoughts += getattr(message, "reasoning_content", "") or ""
            assert reply.choices[0].finish_reason == ("tool_calls" if message.tool_calls else "stop")
            if not message.tool_calls:
                break
            messages.append(_by_hand(message) if setting.streaming else message)
            for call in message.tool_calls:
                result = look_up(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    return Outcome(message.content, usages=usages, thoughts=thoughts)


def _by_hand(message: Any) -> dict[str, Any]:
    """The message as most programs rebuild it from a stream: nothing but what the documentation names."""
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in message.tool_calls
    ]
    return {"role": "assistant", "content": message.content, "tool_calls": calls}


async def _turn(client: Any, messages: list[Any], *, streaming: bool) -> Any:
    function = {"name": TOOL, "description": TOOL_ABOUT, "parameters": SCHEMA}
    arguments = {"model": MODEL, "messages": messages, "reasoning_effort": "medium"}
    arguments["tools"] = [{"type": "function", "function": function}]
    if not streaming:
        return await client.chat.completions.create(**arguments)
    async with client.chat.completions.stream(**arguments, stream_options={"include_usage": True}) as stream:
        return await stream.get_final_completion()


def _counts(usage: Any) -> dict[str, int]:
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return {
        "prompt": usage.prompt_tokens,
        "cache_read": prompt.cached_tokens or 0,
        "output": usage.completion_tokens,
        "reasoning": completion.reasoning_tokens or 0,
    }


OPENAI_CHAT_SDK = Client(
    name="openai SDK, chat",
    dialect="openai_chat",
    asks=SDK_ASKS,
    says=LOOKED_UP,
    recorded_as="openai-python",
    ask=ask,
    replays=False,
)
