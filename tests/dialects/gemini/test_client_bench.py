from __future__ import annotations

import json
import timeit
from collections.abc import Callable

import pytest

from app.dialects.base import Road
from app.dialects.fold import reply_events
from app.dialects.gemini import GEMINI
from app.domain.events import Reply, StopReason
from app.domain.request import Text

pytestmark = pytest.mark.bench


def best_ms(what: Callable[[], object], number: int = 10) -> float:
    return min(timeit.repeat(what, number=number, repeat=20)) / number * 1000


@pytest.mark.parametrize("sse", [True, False])
def test_a_hundred_text_deltas_written(sse: bool) -> None:
    writer = GEMINI.stream_writer(Road("asked", "sent", event_stream=sse))
    start, block, delta, *_ = reply_events(Reply("m", "m", (Text("hello"),), StopReason.END_TURN))
    writer.write([start, block])
    hundred = [delta] * 100
    spent = best_ms(lambda: writer.write(hundred))
    print(f"\n100 text deltas written: {spent:.3f} ms")
    assert spent < 0.5


@pytest.mark.parametrize("name", ["includeThoughts", "include_thoughts"])
def test_half_a_megabyte_of_conversation(name: str) -> None:
    turn = [
        {"role": "user", "parts": [{"text": "please do the thing " * 40}]},
        {"role": "model", "parts": [{"text": "ok " * 30}, {"functionCall": {"name": "f", "args": {"path": "x" * 90}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "a line\n" * 400}}}]},
    ]
    config = {"temperature": 1, "topP": 0.95, "topK": 64, "thinkingConfig": {name: True, "thinkingLevel": "HIGH"}}
    body = json.dumps({"contents": turn * 125, "generationConfig": config}).encode()
    assert len(body) > 500_000
    spent = best_ms(lambda: GEMINI.read_request(body), 1)
    print(f"\n{len(body) // 1000} kB read: {spent:.2f} ms")
    assert spent < (8 if name == "includeThoughts" else 12)
