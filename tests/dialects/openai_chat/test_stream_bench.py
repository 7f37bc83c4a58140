from __future__ import annotations

import json
import timeit
from collections.abc import Callable

import pytest

from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.fold import reply_events
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.events import Reply, StopReason
from app.domain.request import Text
from app.vendors import profiles
from tests.dialects.openai_chat.streams import call, road, text, wire

pytestmark = pytest.mark.bench


def best_ms(what: Callable[[], object], number: int = 10) -> float:
    return min(timeit.repeat(what, number=number, repeat=20)) / number * 1000


def test_a_hundred_text_deltas_read() -> None:
    reader = OPENAI_CHAT.stream_reader(road())
    reader.feed(wire(text("hello")))
    one = wire(text(" hello"))
    hundred = one * 100
    together, each = best_ms(lambda: reader.feed(hundred)), best_ms(lambda: [reader.feed(one) for _ in range(100)])
    print(f"\n100 text deltas read: {together:.3f} ms together, {each:.3f} ms one by one")
    assert together < 0.35


def test_a_hundred_deltas_of_arguments_read() -> None:
    reader = OPENAI_CHAT.stream_reader(road())
    reader.feed(wire(call(0, "a", "f", "[")))
    hundred = wire(call(0, arguments="1,")) * 100
    spent = best_ms(lambda: reader.feed(hundred))
    print(f"\n100 argument deltas read: {spent:.3f} ms")
    assert spent < 1.5


def test_a_hundred_text_deltas_written() -> None:
    writer = OPENAI_CHAT.stream_writer(road())
    start, block, delta, *_ = reply_events(Reply("m", "m", (Text("hello"),), StopReason.END_TURN))
    writer.write([start, block])
    hundred = [delta] * 100
    spent = best_ms(lambda: writer.write(hundred))
    print(f"\n100 text deltas written: {spent:.3f} ms")
    assert spent < 0.35


def test_half_a_megabyte_of_conversation() -> None:
    turn = [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"path": "x" * 90}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a line of it\n" * 300}]},
    ]
    body = json.dumps(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "q"}, *turn * 120]}
    ).encode()
    there = best_ms(
        lambda: OPENAI_CHAT.write_request(ANTHROPIC_MESSAGES.read_request(body), "m", profiles.OPENROUTER), 3
    )
    chat = OPENAI_CHAT.write_request(ANTHROPIC_MESSAGES.read_request(body), "m", profiles.OPENROUTER).body
    back = best_ms(lambda: ANTHROPIC_MESSAGES.write_request(OPENAI_CHAT.read_request(chat), "m", profiles.ANTHROPIC), 3)
    print(f"\n{len(body) // 1000} kB: {there:.1f} ms to chat, {back:.1f} ms to Anthropic")
    assert max(there, back) < 15
