"""Exactly one end for every exchange, whatever happens and however often it is said."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web

from app.dialects import dialect
from app.dialects.base import Peek
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.exchange import Side, State
from app.domain.measure import Meter
from app.domain.route import Target
from app.proxy import record
from app.proxy.auth import Caller
from app.proxy.call import Call
from app.proxy.record import Desk, Exchange
from app.proxy.watchdog import Watchdog
from tests.fakes.clock import HandClock
from tests.fakes.rig import ListRecorder, SystemClock, provider, snapshot
from tests.fakes.wires import ANTHROPIC


class Http:
    method = "POST"
    headers = {"User-Agent": "curl/8", "session_id": "s-1"}


@pytest.fixture
def desk():
    return Desk(ListRecorder(), Meter(), HandClock())


@pytest.fixture
async def watchdog():
    made = Watchdog(SystemClock(), asyncio.get_running_loop())
    made.tick_s = 0.01
    yield made
    made.close()


@pytest.fixture
async def exchange(desk, watchdog):
    clock = desk.clock
    call = Call(
        Http(), snapshot(), "a" * 32, clock.now_us(), clock.monotonic_ns(), dialect(ANTHROPIC.name), "/p", "q=1"
    )
    call.caller, call.body, call.peek = Caller("default"), b"body", Peek("asked", stream=True)
    made = Exchange(call, desk, watchdog.watch())
    made.aim(Target(provider(ANTHROPIC, "http://x"), "sent"))
    return made


async def test_a_start_and_an_end(desk, exchange):
    await exchange.start()
    assert list(desk.meter.flights) == ["a" * 32]
    desk.clock.forward(1.5)
    exchange.upstream_status = 200
    exchange.done(200)
    (start,), (end,) = desk.recorder.starts, desk.recorder.ends
    assert (start.client, start.session_id, start.requested_model, start.sent_model) == ("curl", "s-1", "asked", "sent")
    assert start.streaming
    assert (end.state, end.duration_ms, end.client_status, end.request_bytes) == (State.DONE, 1500, 200, 4)
    assert end.sides.client_request == Side(tuple(Http.headers.items()), (b"body",), "POST /p?q=1")
    assert desk.meter.flights == {}
    assert [one.ok for one in desk.meter.latencies] == [True]


async def test_the_first_end_stays(desk, exchange):
    await exchange.start()
    exchange.cancelled("client_disconnect", "gone")
    exchange.done(200)
    exchange.failed(PatchbayError(ErrorKind.INTERNAL, "late"), 500)
    assert [end.state for end in desk.recorder.ends] == [State.CANCELLED]


async def test_a_client_that_leaves_is_no_failure(desk, exchange):
    """The history counts it apart, and so do the charts: whoever presses Escape did not see anything fail."""
    await exchange.start()
    exchange.cancelled("client_disconnect", "gone")
    assert [one.ok for one in desk.meter.latencies] == [True]
    assert sum(second.failed for second in desk.meter.seconds) == 0


async def test_what_never_began_never_ends(desk, exchange):
    exchange.done(200)
    assert desk.recorder.ends == []
    assert desk.meter.seconds == type(desk.meter.seconds)(maxlen=3600)


async def test_an_error_after_the_reply_began_is_a_failure(desk, exchange):
    await exchange.start()
    exchange.error = PatchbayError(ErrorKind.STREAM_CUT, "cut")
    exchange.done(200)
    (end,) = desk.recorder.ends
    assert (end.state, end.client_status, end.error_kind, end.error) == (
        State.FAILED,
        200,
        "upstream_stream_cut",
        "cut",
    )


async def test_who_leaves_with_everything_is_served(desk, exchange):
    await exchange.start()
    exchange.delivered = True
    exchange.cancelled("client_disconnect", "gone")
    assert desk.recorder.ends[0].state is State.DONE


async def test_a_refusal_has_a_row_even_without_a_target(desk, exchange):
    exchange._target = None
    response = web.Response(status=503, body=b"{}", headers={"X": "y"})
    await exchange.refused(PatchbayError(ErrorKind.PAUSED, "paused"), response)
    (start,), (end,) = desk.recorder.starts, desk.recorder.ends
    assert (start.provider, start.upstream_dialect, start.sent_model) == ("", "", "")
    assert (end.state, end.client_status, end.error_kind) == (State.FAILED, 503, "paused")
    assert end.sides.client_reply.line.startswith("503 ")
    assert end.sides.client_reply.body == (b"{}",)


async def test_attempts_are_kept_in_their_order(desk, exchange):
    await exchange.start()
    for status, error in ((429, ""), (200, "")):
        began = desk.clock.now_us(), desk.clock.monotonic_ns()
        desk.clock.forward(0.25)
        exchange.attempt(status, error, *began)
    exchange.done(200)
    assert [(one.status, one.duration_ms) for one in desk.recorder.ends[0].attempts] == [(429, 250), (200, 250)]


async def test_the_same_bytes_are_one_tuple(desk, exchange):
    await exchange.start()
    for chunk in (b"one", b"two"):
        exchange.tap.chunk(chunk)
        exchange.reply_chunks.append(chunk)
    exchange.done(200)
    sides = desk.recorder.ends[0].sides
    assert sides.upstream_reply.body is sides.client_reply.body == (b"one", b"two")


async def test_other_bytes_are_another(desk, exchange):
    await exchange.start()
    exchange.tap.chunk(b"one")
    exchange.reply_chunks.append(b"eins")
    exchange.done(200)
    sides = desk.recorder.ends[0].sides
    assert (sides.upstream_reply.body, sides.client_reply.body) == ((b"one",), (b"eins",))


async def test_a_refused_upstream_request_costs_nothing(desk, exchange):
    await exchange.start()
    exchange.upstream_status = 429
    exchange.tap.chunk(b"slow down")
    exchange.tap.estimate_input = lambda: 99
    exchange.failed(PatchbayError(ErrorKind.RATE_LIMITED, "slow down"), 429)
    assert desk.recorder.ends[0].usage.total_tokens == 0


async def test_serving_does_not_wait_long_for_the_record(desk, exchange, watchdog, monkeypatch):
    monkeypatch.setattr(record, "START_LIMIT_S", 0.05)
    desk.recorder.stuck = True
    exchange._watch = watchdog.watch()
    began = time.monotonic()
    await exchange.start()
    assert time.monotonic() - began < 1


async def test_a_cancellation_while_the_row_is_written_still_has_its_end(desk, exchange):
    desk.recorder.stuck = True
    starting = asyncio.get_running_loop().create_task(exchange.start(), name="starting")
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    exchange.cancelled("client_disconnect", "gone")
    assert len(desk.recorder.starts) == len(desk.recorder.ends) == 1
