"""The Python SDK of Google."""

from __future__ import annotations

from typing import Any

from google import genai
from google.genai import types

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

MODEL = "gemini-3.1-pro-preview"


async def ask(setting: Setting) -> Outcome:
    contents: list[Any] = [types.Content(role="user", parts=[types.Part(text=QUESTION)])]
    usages: list[dict[str, int]] = []
    thoughts = ""
    client = genai.Client(api_key=setting.key, http_options=types.HttpOptions(base_url=setting.base_url))
    try:
        while True:
            parts, usage = await _turn(client.aio.models, contents, streaming=setting.streaming)
            usages.append(_counts(usage))
            thoughts += "".join(part.text or "" for part in parts if part.thought)
            calls = [part.function_call for part in parts if part.function_call]
            if not calls:
                break
            contents.append(types.Content(role="model", parts=parts))
            contents.append(types.Content(role="user", parts=[_run(call) for call in calls]))
    finally:
        await client.aio.aclose()
        client.close()
    return Outcome("".join(part.text or "" for part in parts if not part.thought), usages=usages, thoughts=thoughts)


def _run(call: Any) -> Any:
    answer = types.FunctionResponse(id=call.id, name=call.name, response={"output": look_up(**call.args)})
    return types.Part(function_response=answer)


async def _turn(models: Any, contents: list[Any], *, streaming: bool) -> tuple[list[Any], Any]:
    declaration = types.FunctionDeclaration(name=TOOL, description=TOOL_ABOUT, parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(
        system_instruction="Be short.",
        tools=[types.Tool(function_declarations=[declaration])],
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_level=types.ThinkingLevel.HIGH),
    )
    arguments = {"model": MODEL, "contents": contents, "config": config}
    if not streaming:
        chunks = [await models.generate_content(**arguments)]
    else:
        chunks = [chunk async for chunk in await models.generate_content_stream(**arguments)]
    candidates = [candidate for chunk in chunks for candidate in chunk.candidates or []]
    assert [one.finish_reason for one in candidates if one.finish_reason] == [types.FinishReason.STOP]
    parts = [part for one in candidates if one.content for part in one.content.parts or []]
    kept = [part for part in parts if part.text != "" or part.thought_signature]
    return kept, chunks[-1].usage_metadata


def _counts(usage: Any) -> dict[str, int]:
    return {
        "prompt": usage.prompt_token_count,
        "cache_read": usage.cached_content_token_count or 0,
        "output": (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "reasoning": usage.thoughts_token_count or 0,
    }


GENAI_SDK = Client(
    name="google-genai SDK",
    dialect="gemini",
    asks=SDK_ASKS,
    says=LOOKED_UP,
    recorded_as="google-genai",
    ask=ask,
)
