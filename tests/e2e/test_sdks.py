from __future__ import annotations

import json

import anthropic
import openai
import pytest

from app.domain.exchange import State
from tests.e2e.program import KEY, PROVIDER_KEY, patchbay, provider
from tests.e2e.scripted import PLAIN, Script, serve

ROADS = ["anthropic", "openai"]
TOOL = "look_up"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def config_for(kind, upstream):
    vendor, base = {
        "anthropic": ("anthropic-compatible", upstream),
        "openai": ("openai-compatible", f"{upstream}/v1"),
    }[kind]
    return provider("Scripted", vendor, base, "scripted-model")


@pytest.fixture(params=ROADS)
def upstream_kind(request):
    return request.param


@pytest.fixture
async def setup(tmp_path, upstream_kind):
    script = Script(TOOL, {"city": "Zürich 漢"})
    async with serve(script) as upstream, patchbay(tmp_path / "data", config_for(upstream_kind, upstream)) as program:
        yield script, program


def claude_client(program):
    return anthropic.AsyncAnthropic(base_url=program.base_url, auth_token=KEY, api_key=None, max_retries=0)


def openai_client(program):
    return openai.AsyncOpenAI(base_url=f"{program.base_url}/v1", api_key=KEY, max_retries=0)


@pytest.mark.parametrize("streaming", [True, False])
async def test_the_anthropic_sdk_does_a_tool_round_trip(setup, streaming):
    script, program = setup
    messages = [{"role": "user", "content": "Where?"}]
    tools = [{"name": TOOL, "description": "Look a city up", "input_schema": SCHEMA}]
    async with claude_client(program) as client:

        async def turn():
            arguments = {"model": "claude-opus-4-8", "max_tokens": 500, "messages": messages, "tools": tools}
            if not streaming:
                return await client.messages.create(**arguments)
            async with client.messages.stream(**arguments) as stream:
                return await stream.get_final_message()

        first = await turn()
        [call] = [block for block in first.content if block.type == "tool_use"]
        assert first.stop_reason == "tool_use"
        assert call.input == {"city": "Zürich 漢"}
        messages.append(
            {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]}
        )
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "on the lake 🏔"}
        messages.append({"role": "user", "content": [result]})
        second = await turn()
    assert second.stop_reason == "end_turn"
    assert second.content[0].text == "The tool said: on the lake 🏔"
    assert second.usage.output_tokens == 17
    assert second.usage.cache_read_input_tokens == 50
    assert script.complaints == []
    rows = await program.rows(2)
    assert all(row.state is State.DONE and row.usage.prompt_tokens == 200 for row in rows)


@pytest.mark.parametrize("streaming", [True, False])
async def test_the_openai_sdk_does_a_tool_round_trip(setup, streaming):
    script, program = setup
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Where?"}]
    tools = [{"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}]
    async with openai_client(program) as client:

        async def turn():
            arguments = {"model": "gpt-5.2", "messages": messages, "tools": tools}
            if not streaming:
                return await client.chat.completions.create(**arguments)
            options = {"include_usage": True}
            async with client.chat.completions.stream(**arguments, stream_options=options) as stream:
                return await stream.get_final_completion()

        first = await turn()
        [call] = first.choices[0].message.tool_calls
        assert first.choices[0].finish_reason == "tool_calls"
        assert json.loads(call.function.arguments) == {"city": "Zürich 漢"}
        messages.append(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": TOOL, "arguments": call.function.arguments},
                    }
                ],
            }
        )
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "on the lake 🏔"})
        second = await turn()
    assert second.choices[0].message.content == "The tool said: on the lake 🏔"
    assert second.choices[0].finish_reason == "stop"
    assert second.usage.prompt_tokens == 200
    assert second.usage.completion_tokens == 17
    assert script.complaints == []
    rows = await program.rows(2)
    assert all(row.state is State.DONE and row.usage.cache_read_tokens == 50 for row in rows)


async def test_both_sdks_list_the_models(setup):
    _, program = setup
    async with openai_client(program) as client:
        ids = [model.id async for model in client.models.list()]
    async with claude_client(program) as client:
        theirs = [model.id async for model in client.models.list(limit=1000)]
    assert "scripted-model" in ids
    assert ids == theirs


async def test_both_sdks_raise_their_own_error_for_a_wrong_key(setup):
    script, program = setup
    async with anthropic.AsyncAnthropic(
        base_url=program.base_url, auth_token="pb_no", api_key=None, max_retries=0
    ) as one:
        with pytest.raises(anthropic.AuthenticationError):
            await one.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    async with openai.AsyncOpenAI(base_url=f"{program.base_url}/v1", api_key="pb_no", max_retries=0) as other:
        with pytest.raises(openai.AuthenticationError):
            await other.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert script.requests == []


async def test_a_request_without_tools_gets_plain_words(setup):
    _, program = setup
    async with claude_client(program) as client:
        reply = await client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "hi"}]
        )
        counted = await client.messages.count_tokens(
            model="claude-haiku-4-5", messages=[{"role": "user", "content": "hi there"}]
        )
    assert reply.content[0].text == PLAIN
    assert counted.input_tokens > 0


async def test_the_upstream_sees_its_own_key_and_never_the_client_s(setup):
    script, program = setup
    async with openai_client(program) as client:
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    sent = json.dumps(script.headers[-1])
    assert PROVIDER_KEY in sent
    assert KEY not in sent


async def test_no_secret_is_anywhere_in_the_data_directory(setup):
    _, program = setup
    async with claude_client(program) as client:
        text = f"my key is {PROVIDER_KEY} and yours {KEY}"
        await client.messages.create(model="m", max_tokens=5, messages=[{"role": "user", "content": text}])
    await program.rows(1)
    for path in program.data_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert PROVIDER_KEY.encode() not in data, path
            assert KEY.encode() not in data, path
