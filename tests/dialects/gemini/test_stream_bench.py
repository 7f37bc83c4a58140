from __future__ import annotations

import json
import timeit
from collections.abc import Callable

import pytest

from app.dialects import signatures
from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from app.dialects.gemini.request_write import write_request
from app.dialects.gemini.stream_read import GeminiStreamReader
from app.vendors import profiles
from tests.dialects.gemini.answers import array, piece, road, sse, text

pytestmark = pytest.mark.bench

COUNTS = {"promptTokenCount": 1000, "candidatesTokenCount": 5, "totalTokenCount": 1005}


def best_ms(what: Callable[[], object], number: int = 10) -> float:
    return min(timeit.repeat(what, number=number, repeat=20)) / number * 1000


def test_a_hundred_pieces_of_text_read() -> None:
    reader = GeminiStreamReader(road())
    one = sse(piece(text("hello world"), usageMetadata=COUNTS))
    reader.feed(one)
    hundred = one * 100
    together, each = best_ms(lambda: reader.feed(hundred)), best_ms(lambda: [reader.feed(one) for _ in range(100)])
    print(f"\n100 pieces of text read: {together:.3f} ms together, {each:.3f} ms one by one")
    assert together < 0.6


def test_a_hundred_pieces_of_an_array_read() -> None:
    reader = GeminiStreamReader(road())
    one = array(piece(text("hello world"), usageMetadata=COUNTS)).removeprefix(b"[").removesuffix(b"\n]\n") + b"\n,\r\n"
    reader.feed(b"[" + one)
    hundred = one * 100
    spent = best_ms(lambda: reader.feed(hundred))
    print(f"\n100 pieces of an array read: {spent:.3f} ms")
    assert spent < 2


def test_half_a_megabyte_of_conversation() -> None:
    envelope = signatures.wrap("gemini", "gemini-3.8-flash", b'"%b"' % (b"Q" * 1500))
    thought = {"type": "thinking", "thinking": "", "signature": envelope}
    turn = [
        {
            "role": "assistant",
            "content": [thought, {"type": "tool_use", "id": "t", "name": "f", "input": {"path": "x" * 90}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "a line of it\n" * 300}]},
    ]
    body = json.dumps(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "q"}, *turn * 120]}
    ).encode()
    request = ANTHROPIC_MESSAGES.read_request(body)
    spent = best_ms(lambda: write_request(request, "gemini-3.8-flash", profiles.GEMINI), 3)
    both = best_ms(lambda: write_request(ANTHROPIC_MESSAGES.read_request(body), "gemini-3.8-flash", profiles.GEMINI), 3)
    print(f"\n{len(body) // 1000} kB: {spent:.1f} ms written, {both:.1f} ms read and written")
    assert spent < 7
    assert both < 15
