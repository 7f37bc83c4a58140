from __future__ import annotations

import asyncio
import queue
import threading
import time
from contextlib import suppress

import pytest

from app.domain.exchange import Side, Sides
from app.domain.usage import Usage
from app.store.intake import Ended, Intake, Progressed, Started, acknowledge, body_bytes, without_bodies
from tests.fakes.exchanges import end, exchange_id, sides, start


def drain(intake):
    found = []
    later = intake.later
    with suppress(queue.Empty):
        while True:
            found.append(intake.take(0))
    return [*filter(None, found), *(intake.take_later() for _ in range(later))]


def put(intake, number, *, size=0):
    taken = intake.start(start(number), None)
    intake.finish(end(number, sides=sides(b"x" * size, b"")), record_bodies=True)
    return taken


def test_events_come_out_as_they_went_in():
    intake = Intake()
    intake.start(start(1), None)
    intake.progress(exchange_id(1), Usage())
    intake.finish(end(1), record_bodies=True)
    assert [type(event) for event in drain(intake)] == [Started, Progressed, Ended]
    assert intake.depth == 3
    intake.done(3, 0)
    assert intake.depth == 0


def test_every_row_that_begins_has_room_to_end():
    intake = Intake(max_events=10)
    taken = [intake.start(start(number), None) for number in range(20)]
    assert taken == [True] * 5 + [False] * 15
    for number in range(20):
        intake.finish(end(number), record_bodies=True)
    ended = [event.end.id for event in drain(intake) if isinstance(event, Ended)]
    assert ended[:5] == [exchange_id(number) for number in range(5)]
    assert intake.rows_shed == 15
    assert intake.depth <= 10


def test_room_that_was_written_is_room_again():
    intake = Intake(max_events=4)
    assert [put(intake, number) for number in (1, 2, 4)] == [True, True, False]
    drain(intake)
    intake.done(intake.depth, 0)
    assert put(intake, 3)


def test_progress_is_the_first_to_go():
    intake = Intake(max_events=6)
    intake.start(start(1), None)
    for _ in range(20):
        intake.progress(exchange_id(1), Usage())
    intake.progress(exchange_id(2), Usage())
    assert intake.depth == 5
    intake.finish(end(1), record_bodies=True)
    assert isinstance(drain(intake)[-1], Ended)


def test_bodies_that_do_not_fit_go_before_rows():
    intake = Intake(max_body_bytes=100)
    for number in range(4):
        put(intake, number, size=40)
    ends = [event for event in drain(intake) if isinstance(event, Ended)]
    assert [event.body_bytes for event in ends] == [40, 40, 0, 0]
    assert [event.side_sizes for event in ends] == [None, None, (40, 40, 0, 0, 0), (40, 40, 0, 0, 0)]
    assert intake.bodies_shed == 2
    intake.done(8, 80)
    put(intake, 5, size=40)
    assert drain(intake)[-1].side_sizes is None


def test_an_empty_queue_takes_a_body_of_any_size():
    intake = Intake(max_body_bytes=100)
    put(intake, 1, size=1_000)
    put(intake, 2, size=1)
    ends = [event for event in drain(intake) if isinstance(event, Ended)]
    assert [event.side_sizes is None for event in ends] == [True, False]


def test_bodies_that_are_not_wanted_leave_their_sizes_and_are_no_loss():
    intake = Intake()
    intake.start(start(1), None)
    intake.finish(end(1, sides=sides(b"abc", b"de"), answer="x"), record_bodies=False)
    event = drain(intake)[-1]
    assert event.side_sizes == (3, 3, 2, 2, 1)
    assert event.end.answer == ""
    assert event.end.sides.client_request.line == "POST /v1/messages"
    assert intake.bodies_shed == 0


def test_bytes_that_two_sides_share_count_once():
    assert body_bytes(end(sides=sides(b"x" * 10, b"y" * 5), answer="zz")) == 17
    apart = Sides(Side(body=(b"x" * 10,)), Side(body=(b"x" * 5, b"x" * 5)))
    assert body_bytes(end(sides=apart)) == 20


def test_bodies_are_taken_off_once():
    bare = without_bodies(Ended(end(sides=sides(b"abc", b"")), 3))
    assert without_bodies(bare) is bare


def test_waiting_for_an_event_ends_when_somebody_wakes():
    intake = Intake()
    intake.wake()
    assert intake.take(10) is None
    with pytest.raises(queue.Empty):
        intake.take(0.001)


async def test_all_who_wait_hear_of_their_row_in_one_call(monkeypatch):
    loop = asyncio.get_running_loop()
    calls = []
    monkeypatch.setattr(loop, "call_soon_threadsafe", lambda *call: calls.append(call))
    futures = [loop.create_future() for _ in range(5)]
    futures[1].set_result(False)
    acknowledge([Started(start(number), future) for number, future in enumerate(futures)], kept=True)
    ((call, *arguments),) = calls
    call(*arguments)
    assert [future.result() for future in futures] == [True, False, True, True, True]


def test_a_loop_that_is_gone_is_no_error():
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    loop.close()
    acknowledge([Started(start(1), future)], kept=True)


def test_an_end_wakes_a_writer_that_sleeps_without_any_and_only_once():
    intake = Intake()
    for number in range(1, 4):
        intake.start(start(number), None)
    drain(intake)
    woken = []
    writer = threading.Thread(target=lambda: woken.append(intake.take(10, idle=True)))
    writer.start()
    while not intake._asleep:
        time.sleep(0.001)
    intake.finish(end(1), record_bodies=True)
    writer.join(5)
    assert woken == [None]
    intake.finish(end(2), record_bodies=True)
    with pytest.raises(queue.Empty):
        intake.take(0.01)
    assert intake.later == 2


def test_an_end_that_came_before_the_writer_slept_is_found_at_once():
    intake = Intake()
    intake.start(start(1), None)
    drain(intake)
    intake.finish(end(1), record_bodies=True)
    began_s = time.monotonic()
    with pytest.raises(queue.Empty):
        intake.take(10, idle=True)
    assert time.monotonic() - began_s < 5
