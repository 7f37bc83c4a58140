from __future__ import annotations

import anthropic
import pytest

from app.proxy.demo import DemoUpstream


@pytest.fixture
async def client():
    demo = DemoUpstream(pace=0.0)
    base = await demo.start()
    async with anthropic.AsyncAnthropic(base_url=base, api_key="none", max_retries=0) as sdk:
        yield sdk
    await demo.stop()


def asked(*texts):
    roles = ("user", "assistant")
    return [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]


async def test_the_real_sdk_reads_its_stream_to_the_end(client):
    async with client.messages.stream(model="demo-large", max_tokens=300, messages=asked("hello")) as stream:
        message = await stream.get_final_message()
    assert message.stop_reason == "end_turn"
    assert len(message.content[0].text) > 100
    assert message.usage.output_tokens > 20


async def test_streamed_or_whole_the_answer_is_the_same(client):
    arguments = {"model": "demo-small", "max_tokens": 300, "messages": asked("what is a patch bay?")}
    whole = await client.messages.create(**arguments)
    async with client.messages.stream(**arguments) as stream:
        streamed = await stream.get_final_message()
    assert whole.content[0].text == streamed.content[0].text
    assert whole.usage.output_tokens == streamed.usage.output_tokens


async def test_the_second_turn_of_a_long_conversation_is_read_from_the_cache(client):
    opening = "word " * 2000
    first = await client.messages.create(model="demo-large", max_tokens=9, messages=asked(opening))
    second = await client.messages.create(model="demo-large", max_tokens=9, messages=asked(opening, "so", "and?"))
    assert first.usage.cache_read_input_tokens == 0
    assert first.usage.cache_creation_input_tokens > 1000
    assert second.usage.cache_read_input_tokens > 2000
    assert second.usage.input_tokens + second.usage.cache_creation_input_tokens < 100


async def test_it_lists_its_models_and_counts_tokens(client):
    assert [model.id async for model in client.models.list()] == ["demo-large", "demo-medium", "demo-small"]
    counted = await client.messages.count_tokens(model="demo-large", messages=asked("hello"))
    assert counted.input_tokens > 10


async def test_what_is_no_conversation_is_refused_in_the_dialect(client):
    with pytest.raises(anthropic.BadRequestError, match="messages"):
        await client.post("/v1/messages", cast_to=object, body={"model": "x"})
