"""What happens right now: in-flight requests, tokens a second, latencies; kept in memory for the live charts.

The one mutable thing of the domain. It belongs to the loop's thread; the tap writes, the charts read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

WINDOW_S = 3600


@dataclass(slots=True)
class Second:
    """Sums over one second of monotonic time."""

    at_s: int
    input_tokens: int = 0
    output_tokens: int = 0
    in_flight: int = 0
    """The most at any moment of that second."""
    started: int = 0
    ended: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies of one ended exchange."""

    at_s: float
    exchange_id: str
    provider: str
    first_token_ms: int | None
    duration_ms: int
    ok: bool
    """It did not fail; a request that its client cancelled did not."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A request that runs now."""

    exchange_id: str
    provider: str
    model: str
    started_s: float


class Meter:
    """Per-second sums and the latest latencies of the last hour; every method is O(1)."""

    def __init__(self) -> None:
        self.seconds: deque[Second] = deque(maxlen=WINDOW_S)
        self.latencies: deque[Latency] = deque(maxlen=4096)
        self.flights: dict[str, Flight] = {}
        self.revision = 0
        """Grows with every change; a view that saw this number has nothing to redraw."""

    def _second(self, now_s: float) -> Second:
        at = int(now_s)
        if not self.seconds or self.seconds[-1].at_s != at:
            self.seconds.append(Second(at, in_flight=len(self.flights)))
        self.revision += 1
        return self.seconds[-1]

    def begin(self, now_s: float, flight: Flight) -> None:
        """A request starts; `now_s` is monotonic seconds everywhere here."""
        second = self._second(now_s)
        self.flights[flight.exchange_id] = flight
        second.started += 1
        second.in_flight = max(second.in_flight, len(self.flights))

    def redirect(self, exchange_id: str, provider: str, model: str) -> None:
        """A request that runs was given to another provider."""
        flight = self.flights.get(exchange_id)
        if flight is not None:
            self.flights[exchange_id] = replace(flight, provider=provider, model=model)
            self.revision += 1

    def tokens(self, now_s: float, input_tokens: int, output_tokens: int) -> None:
        """Tokens went by; estimates while a stream runs, corrected (possibly by a negative number) at its end."""
        second = self._second(now_s)
        second.input_tokens += input_tokens
        second.output_tokens += output_tokens

    def end(self, now_s: float, latency: Latency) -> None:
        """A request ended."""
        second = self._second(now_s)
        self.flights.pop(latency.exchange_id, None)
        second.ended += 1
        second.failed += not latency.ok
        self.latencies.append(latency)
