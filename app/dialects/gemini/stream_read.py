"""The stream of a Gemini upstream -> events.

Each piece is an answer with only what is new in its parts, and with counts that grow. There is no terminator: the
answer ends with the stream, and it is whole if a finish reason (or the reason why the prompt was blocked) came before;
so what follows the finish reason, usually nothing, is still read. A stream that ends without one was cut.
"""

from __future__ import annotations

from app.dialects import upstream_error
from app.dialects.base import Road
from app.dialects.gemini import wire_reply as wire
from app.dialects.gemini.answer_parts import AnswerParts
from app.dialects.gemini.finish_read import Finish
from app.dialects.gemini.framing import Framing
from app.dialects.gemini.grounding import read_search, searches
from app.dialects.gemini.loose import read_answers
from app.dialects.gemini.usage_read import later, read_usage
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Event, MessageStart, MessageStop, StreamError, UsageSeen
from app.domain.usage import Usage, UsageSource, estimate_tokens

_CUT = "The upstream closed the stream early: the answer is not complete."


class GeminiStreamReader:
    """Reads one stream; see `base.StreamReader`."""

    def __init__(self, road: Road) -> None:
        self.finished = False
        self.ending = False
        """A finish reason came: only counts may still follow."""
        self._road = road
        self._framing = Framing()
        self._failed = False
        self._started = False
        self._parts = AnswerParts(road)
        self._finish = Finish()
        self._counts: wire.UsageIn | None = None
        self._told: wire.UsageIn | None = None
        """The counts that were last handed on."""
        self._grounding: wire.GroundingIn | None = None

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        try:
            self._take_all(self._framing.feed(data), events)
            if self._framing.ended and not self.finished:
                self._end(events)
        except PatchbayError as error:
            self._fail(error, events)
        return events

    def close(self) -> list[Event]:
        """The stream ended; what was missing to a proper end follows, or a StreamError."""
        events: list[Event] = []
        if self.finished or self._failed:
            return events
        try:
            pending = self._framing.close()
            self._take_all([data for data in pending if read_answers(data) is not None], events)
            if not self.finished:
                self._end(events)
        except PatchbayError as error:
            self._fail(error, events)
        return events

    def whole(self, answers: list[wire.Answer]) -> list[Event]:
        """The events of an answer that came as a whole, which needs no finish reason; raises what breaks it."""
        events: list[Event] = []
        for answer in answers:
            self._take(answer, events)
        self._complete(events)
        return events

    def _take_all(self, pieces: list[bytes], events: list[Event]) -> None:
        for data in pieces:
            answers = read_answers(data)
            if answers is None:
                if not data.strip():
                    continue
                if data.strip() == b"[DONE]":  # relays that treat every stream like OpenAI's
                    self._end(events)
                    return
                raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream sent a stream event that is no JSON.")
            for answer in answers:
                if answer.failed():
                    raise upstream_error.in_stream(data)
                self._take(answer, events)
        self._parts.flush(events)
        if self._counts is not self._told and (usage := self._usage()) is not None:
            self._told = self._counts
            events.append(UsageSeen(usage))

    def _take(self, answer: wire.Answer, events: list[Event]) -> None:
        if answer.usage_metadata is not None:
            self._counts = later(self._counts, answer.usage_metadata)
        if answer.response_id:
            self._parts.ids.of_answer(answer.response_id)
        if not self._started and (answer.candidates or answer.prompt_feedback or answer.usage_metadata):
            self._started = True
            events.append(MessageStart(answer.response_id or "", answer.model_version or "", self._usage()))
        for candidate in answer.candidates or ():
            if not candidate.index:
                self._read(candidate, events)
        if answer.prompt_feedback is not None:
            feedback = answer.prompt_feedback
            self._finish.block(feedback.block_reason or "", feedback.block_reason_message or "")
            self.ending = self.ending or bool(self._finish.blocked)

    def _read(self, candidate: wire.CandidateIn, events: list[Event]) -> None:
        if candidate.content is not None and candidate.content.parts:
            self._parts.take(candidate.content.parts, events)
        if candidate.grounding_metadata not in (None, wire.GroundingIn()):
            self._grounding = candidate.grounding_metadata
        if candidate.finish_reason:  # the last one counts: old servers say STOP with every piece
            self._finish.reason = candidate.finish_reason
            self._finish.message = candidate.finish_message or ""
            self.ending = True

    def _end(self, events: list[Event]) -> None:
        """The end of the stream. Raises PatchbayError STREAM_CUT where the answer had none."""
        if not self.ending:
            raise PatchbayError(ErrorKind.STREAM_CUT, _CUT)
        self._complete(events)

    def _complete(self, events: list[Event]) -> None:
        parts = self._parts
        reason, refusal = self._finish.read(said=bool(parts.texts), called=parts.calls > 0)
        if not self._started:
            events.append(MessageStart("", ""))
        own_id = parts.ids.new("srvtoolu_") if self._grounding is not None else ""
        parts.finish(read_search(self._grounding, own_id, "".join(parts.texts), self._road.search_query), events)
        events.append(MessageStop(reason, self._usage() or self._estimate(), refusal=refusal))
        self.finished = True

    def _usage(self) -> Usage | None:
        return None if self._counts is None else read_usage(self._counts, searches(self._grounding))

    def _estimate(self) -> Usage:
        """The counts where the upstream gave none."""
        return Usage(
            input_tokens=self._road.input_estimate_tokens,
            output_tokens=estimate_tokens(self._parts.bytes) if self._parts.bytes else 0,
            web_searches=searches(self._grounding),
            source=UsageSource.ESTIMATED,
        )

    def _fail(self, error: PatchbayError, events: list[Event]) -> None:
        self._failed = True
        self._parts.flush(events)
        events.append(StreamError(error))
