from __future__ import annotations

import json
import timeit
from collections.abc import Callable

import pytest

from app.dialects.fold import reply_events
from app.dialects.openai_chat import OPENAI_CHAT
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.domain.request import Text
from app.vendors import profiles
from tests.dialects.openai_responses.turns import function, reply, road, user

pytestmark = pytest.mark.bench


def best_ms(what: Callable[[], object], number: int = 10) -> float:
    return min(timeit.repeat(what, number=number, repeat=20)) / number * 1000


def conversation() -> bytes:
    """What Codex sends after 110 calls: about half a megabyte."""
    turn = [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "g" * 900},
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "c",
            "name": "exec",
            "arguments": '{"cmd":"' + "x" * 90 + '"}',
        },
        {"type": "function_call_output", "call_id": "c", "output": "a line of it\n" * 240},
    ]
    tools = [function(f"tool_{number}", description="d" * 300) for number in range(40)]
    start = [{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "p" * 20_000}]}]
    return json.dumps(
        {"model": "m", "stream": True, "input": [*start, user("q"), *turn * 110], "tools": tools}
    ).encode()


def test_half_a_megabyte_of_conversation_read() -> None:
    body = conversation()
    spent = best_ms(lambda: OPENAI_RESPONSES.read_request(body), 3)
    peeked = best_ms(lambda: OPENAI_RESPONSES.peek(body), 3)
    request = OPENAI_RESPONSES.read_request(body)
    sent = best_ms(lambda: OPENAI_CHAT.write_request(request, "m", profiles.OPENAI), 3)
    print(f"\n{len(body) // 1000} kB: read {spent:.2f} ms, peeked {peeked:.2f} ms, written to chat {sent:.2f} ms")
    assert spent < 8


def test_a_hundred_text_deltas_written() -> None:
    writer = OPENAI_RESPONSES.stream_writer(road())
    start, block, delta, *_ = reply_events(reply(Text("hello")))
    writer.write([start, block, delta])
    hundred = [delta] * 100
    together, each = (
        best_ms(lambda: writer.write(hundred)),
        best_ms(lambda: [writer.write([delta]) for _ in range(100)]),
    )
    print(f"\n100 text deltas written: {together:.3f} ms together, {each:.3f} ms one by one")
    assert together < 0.4
