"""The upstream's side of a stream: each chunk within its limits."""

from __future__ import annotations

import asyncio

from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.event_bound import EventBound
from app.proxy.incoming import Incoming
from app.proxy.job import Job

_STREAM = "text/event-stream"
_NS = 1_000_000_000
_TAIL_S = 2.0
"""How long a provider may keep the connection open after the last event."""
ENDING_S = 5.0
"""How long it may stay silent after the reason why the model stopped; some servers never send more."""


class Source:
    """Chunks of an upstream's stream.

    `tick_s` above zero makes `next` come back with None after so long a silence, for a lane that keeps its client
    awake, and `wake_ns` at that time; the limits hold all the same.
    """

    __slots__ = (
        "_bound",
        "_end_ns",
        "_idle_ns",
        "_incoming",
        "_job",
        "_patience_ns",
        "_silent",
        "_since_ns",
        "_tick_ns",
        "ending",
        "finished",
        "wake_ns",
    )

    def __init__(self, job: Job, incoming: Incoming, sent_ns: int, tick_s: float = 0.0) -> None:
        self._job = job
        self._incoming = incoming
        self._tick_ns = int(tick_s * _NS)
        self._since_ns = sent_ns
        self._silent = True
        patience_s = job.first_byte_s if job.call.peek.stream else job.limits.reply_total_s
        self._patience_ns = int(patience_s * _NS)
        self._idle_ns = int(job.limits.idle_s * _NS)
        self._end_ns = job.call.started_ns + int(job.limits.max_stream_s * _NS)
        self._bound = EventBound(job.limits.max_event_bytes) if incoming.media_type == _STREAM else None
        self.finished = False
        """The terminator went by: only the end of the body is left, and not worth much waiting."""
        self.ending = False
        """`StreamReader.ending`: a silence is the end."""
        self.wake_ns = 0
        """When `next` comes back with None at the latest; 0 for a lane that wants no such thing."""
        incoming.allow(job.limits.max_stream_bytes)

    async def next(self) -> bytes | None:
        """The next bytes, empty at the end (or what has to do for one), None after a tick of silence.

        Raises PatchbayError UPSTREAM_TIMEOUT (nothing came at all), STREAM_STALLED (nothing more came, or it goes on
        for ever), why the request may not run on, and what `Incoming.read` raises.
        """
        watch = self._job.watch
        now_ns = self._job.tools.clock.monotonic_ns()
        if not self._silent:
            # Time that the client took to read its part is not the provider's silence.
            self._silent, self._since_ns = True, now_ns
        due_ns = min(self._since_ns + self._patience_ns, self._end_ns)
        if self.ending:
            due_ns = min(due_ns, self._since_ns + int(ENDING_S * _NS))
        if self.finished:
            due_ns = now_ns + int(_TAIL_S * _NS)
        else:
            if self._tick_ns:
                due_ns = min(due_ns, now_ns + self._tick_ns)
            if self.wake_ns:
                due_ns = min(due_ns, self.wake_ns)
        watch.due_ns = due_ns
        try:
            data = await self._incoming.read()
        except asyncio.CancelledError:
            if (last_word := watch.last_word()) is not None:
                raise last_word from None
            if not watch.overdue():
                raise
            return self._silence()
        finally:
            watch.due_ns = 0
        self._silent = False
        self._patience_ns = self._idle_ns
        if self._bound is not None and not self._bound.keeps(data):
            raise PatchbayError(
                ErrorKind.BAD_REPLY,
                f"Provider {self._job.provider.name} sent a larger stream event than Patchbay takes.",
            )
        return data

    async def drain(self) -> None:
        """Read to the end of the body after the last event, so that the connection can be used again."""
        self.finished = True
        try:
            while await self.next():
                pass
        except PatchbayError:
            pass  # the answer was complete; only the connection is lost

    @property
    def silent_s(self) -> float:
        """Since when nothing came."""
        return (self._job.tools.clock.monotonic_ns() - self._since_ns) / _NS

    def _silence(self) -> bytes | None:
        if self.finished:
            return b""
        now_ns = self._job.tools.clock.monotonic_ns()
        if self.ending and now_ns >= self._since_ns + int(ENDING_S * _NS):
            return b""
        name = self._job.provider.name
        if now_ns >= self._end_ns:
            raise PatchbayError(
                ErrorKind.STREAM_STALLED,
                f"Provider {name} still answered after {self._job.limits.max_stream_s:g} s; the answer was cut.",
            )
        if now_ns < self._since_ns + self._patience_ns:
            return None
        waited = f"{self._patience_ns / _NS:g} s"
        if self._job.exchange.tap.first_byte_ms is None:
            raise PatchbayError(ErrorKind.UPSTREAM_TIMEOUT, f"Provider {name} did not answer within {waited}.")
        raise PatchbayError(ErrorKind.STREAM_STALLED, f"Provider {name} sent nothing more for {waited}.")
