from __future__ import annotations

import json
import timeit
from collections.abc import Callable

import msgspec
import pytest

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.openai_responses.request_write import write_request
from app.dialects.openai_responses.stream_read import ResponsesStreamReader
from app.vendors import profiles
from tests.dialects.openai_responses.answers import added, arguments, call, created, message, road, text, wire

pytestmark = pytest.mark.bench
HUNDRED = 100


def best_ms(what: Callable[[], object], number: int = 10) -> float:
    return min(timeit.repeat(what, number=number, repeat=20)) / number * 1000


def test_a_hundred_text_deltas_read() -> None:
    reader = ResponsesStreamReader(road())
    reader.feed(wire(created(), added(0, message())))
    one = wire(text(0, " hello"))
    data = one.partition(b"data: ")[2].strip()
    hundred = one * HUNDRED
    decoder = msgspec.json.Decoder()
    bare = best_ms(lambda: [decoder.decode(data) for _ in range(HUNDRED)])
    together, each = best_ms(lambda: reader.feed(hundred)), best_ms(lambda: [reader.feed(one) for _ in range(HUNDRED)])
    print(f"\n100 text deltas read: {together:.3f} ms together, {each:.3f} ms one by one; JSON alone {bare:.3f} ms")
    assert together - bare < 0.35


def test_a_hundred_deltas_of_arguments_read() -> None:
    reader = ResponsesStreamReader(road())
    reader.feed(wire(created(), added(0, call(1))))
    one = wire(arguments(0, '"a",'))
    spent = best_ms(lambda: [reader.feed(one) for _ in range(HUNDRED)])
    print(f"\n100 argument deltas read one by one: {spent:.3f} ms")
    assert spent < 1.5


def test_half_a_megabyte_of_conversation_written() -> None:
    turn = [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"path": "x" * 90}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a line of it\n" * 300}]},
    ]
    tools = [{"name": f"f{n}", "description": "d" * 900, "input_schema": {"type": "object"}} for n in range(30)]
    body = json.dumps(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "q"}, *turn * 120], "tools": tools}
    )
    request = ANTHROPIC_MESSAGES.read_request(body.encode())
    spent = best_ms(lambda: write_request(request, "gpt-5.6", profiles.OPENAI), 3)
    print(f"\n{len(body) // 1000} kB: {spent:.1f} ms to Responses")
    assert spent < 7
