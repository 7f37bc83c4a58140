"""The stream of a Responses upstream -> events, whatever the server makes of the protocol.

Where an answer ends: at `response.completed`, `response.incomplete` or `response.failed`, and nowhere else; a stream
that ends without one of them was cut. What an item's deltas did not bring its `done` events supply, and what those
leave out the terminal event does, never twice. Unknown events are ignored, unknown items kept whole.
"""

from __future__ import annotations

import msgspec

from app.dialects import upstream_error
from app.dialects.base import Road
from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.answer import Answer
from app.dialects.openai_responses.answer_loose import read_event, read_response
from app.dialects.sse import Sse, SseReader
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, StreamError

_CUT = "The upstream closed the stream early: the answer is not complete."
_DELTA: msgspec.json.Decoder[wire.Delta] = msgspec.json.Decoder(wire.Delta)
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_PARTS: dict[str, type[wire.Delta]] = {"output_text": wire.TextDelta, "refusal": wire.RefusalDelta}
_STARTS = frozenset({"response.created", "response.in_progress", "response.queued"})


class ResponsesStreamReader:
    """Reads one stream; see `base.StreamReader`."""

    def __init__(self, road: Road) -> None:
        self.finished = False
        self.ending = False
        """Never: the terminal event is the last one, there is nothing to wait for."""
        self._sse = SseReader()
        self._failed = False
        self._answer = Answer(road)

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        try:
            self._take_all(self._sse.feed(data), events)
        except PatchbayError as error:
            self._fail(error, events)
        return events

    def close(self) -> list[Event]:
        """The stream ended; without its terminal event before, the answer is not complete."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        whole = False
        try:
            whole = self._take_all([event for event in self._sse.close() if read_event(event.data)], events)
        except PatchbayError as error:
            self._fail(error, events)
        if not (whole or self._failed):
            self._fail(PatchbayError(ErrorKind.STREAM_CUT, _CUT), events)
        return events

    def _take_all(self, stream: list[Sse], events: list[Event]) -> bool:
        """Read events, True where the last is among them; deltas of one text that follow each other become one."""
        run: wire.Delta | None = None
        said: list[str] = []
        for event in stream:
            delta = _delta(event.data)
            if delta is not None and run is not None and _same(run, delta):
                said.append(delta.delta)
                continue
            if run is not None:
                self._answer.say(run, "".join(said), events)
            run, said = delta, [delta.delta] if delta is not None else []
            if delta is None:
                self._take(event, events)
                if self.finished:
                    return True
        if run is not None:
            self._answer.say(run, "".join(said), events)
        return False

    def _take(self, event: Sse, events: list[Event]) -> None:
        data = event.data.strip()
        if not data or data == b"[DONE]":
            return  # OpenAI sends no such end, some servers do; it is not the one that counts
        wired = read_event(data)
        if wired is None:
            raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream sent a stream event that is no JSON.")
        kind = wired.type or event.event.decode("ascii", "replace")
        if kind == "error" or wire.given(wired.error):
            raise upstream_error.in_stream(data)
        if kind in wire.COMPLETE:
            self._answer.supply(wire.COMPLETE[kind], wired, events)
        elif (delta := wire.DELTAS.get(kind) or wire.OLDER.get(kind)) is not None:
            self._answer.say_loosely(delta, wired, events)
        elif kind in _ENDS:
            self._end(kind, wired, events)
        else:
            self._take_other(kind, wired, events)

    def _take_other(self, kind: str, wired: wire.EventIn, events: list[Event]) -> None:
        if kind == "response.output_item.added":
            self._answer.added(wired, events)
        elif kind == "response.output_item.done":
            self._answer.done(wired, events)
        elif kind == "response.content_part.done" and wired.part and wired.part.type in _PARTS:
            self._answer.supply(_PARTS[wired.part.type], wired, events)
        elif kind == "response.output_text.annotation.added":
            self._answer.annotated(wired)
        elif kind in _STARTS:
            self._answer.start(read_response(wired.response), events)

    def _end(self, kind: str, wired: wire.EventIn, events: list[Event]) -> None:
        response = read_response(wired.response) or wire.ResponseIn()
        if response.status not in {"incomplete", "failed"}:
            response.status = kind.removeprefix("response.")
        self._answer.end(response, events)
        self.finished = True

    def _fail(self, error: PatchbayError, events: list[Event]) -> None:
        self._failed = True
        events.append(StreamError(error))


def _delta(data: bytes) -> wire.Delta | None:
    """More of an item; None for any other event, and for one in another form."""
    try:
        return _DELTA.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _same(run: wire.Delta, delta: wire.Delta) -> bool:
    """Whether two deltas go on with the same text."""
    return type(run) is type(delta) and run.output_index == delta.output_index and run.place == delta.place
