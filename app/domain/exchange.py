"""One finished client request with all its attempts: what the proxy records and the history shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.money import Cost
from app.domain.routing import Weighed
from app.domain.usage import NO_USAGE, Usage


class State(StrEnum):
    """Where an exchange stands; every one ends in exactly one of the last four."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """The client went away, or the user stopped it."""
    INTERRUPTED = "interrupted"
    """The process ended while it ran; found at the next start."""


TERMINAL = (State.DONE, State.FAILED, State.CANCELLED, State.INTERRUPTED)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExchangeStart:
    """What is known before the first upstream byte; committed as a `started` row before anything is sent."""

    id: str
    """UUIDv7-like, sortable by time: 32 hex digits."""
    started_us: int
    client: str
    """The tool by its User-Agent: "claude-code", "codex", "openai-python", "anthropic-python", "curl", "other"."""
    client_key: str
    """Name of the client key, or "open"."""
    session_id: str
    client_dialect: str
    upstream_dialect: str
    provider: str
    vendor: str
    requested_model: str
    sent_model: str
    streaming: bool
    operation: str = "chat"
    """"chat" or "count_tokens"."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one target."""

    provider: str
    model: str
    started_us: int
    duration_ms: int
    status: int = 0
    """The upstream's HTTP status; 0 where none came."""
    error: str = ""
    account: str = ""
    """Which credential of the provider; empty is its own key."""


UNFINISHED = "unfinished"
"""The error of an attempt that runs; it stays where the process ends before the attempt does."""


@dataclass(frozen=True, slots=True)
class Move:
    """A running exchange is asked elsewhere than its row says; committed before the request goes there."""

    id: str
    upstream_dialect: str
    provider: str
    vendor: str
    sent_model: str
    account: str
    attempts: tuple[Attempt, ...]
    """Those that are over, and the one that begins, as unfinished."""
    trace: tuple[Weighed, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One of the four messages of an exchange, as it was on the wire (the recorder masks secrets)."""

    headers: Headers = ()
    body: tuple[bytes, ...] = ()
    """Pieces; the same tuple object on two sides means that the bytes are the same and are stored once."""
    line: str = ""
    """"POST /v1/messages?beta=true" or "200 OK"."""


NO_SIDE = Side()


@dataclass(frozen=True, slots=True)
class Sides:
    """The four sides of an exchange."""

    client_request: Side = NO_SIDE
    upstream_request: Side = NO_SIDE
    upstream_reply: Side = NO_SIDE
    client_reply: Side = NO_SIDE


@dataclass(frozen=True, slots=True)
class ExchangeEnd:
    """How an exchange ended; the first end that arrives for an id is the one that stays."""

    id: str
    state: State
    ended_us: int
    duration_ms: int
    client_status: int
    """What the client got; 499 where it was gone, 0 where nothing was sent."""
    upstream_status: int = 0
    first_byte_ms: int | None = None
    """To the first byte of the upstream's body."""
    first_token_ms: int | None = None
    """To the first text, thinking or tool token."""
    usage: Usage = NO_USAGE
    stop_reason: str = ""
    error_kind: str = ""
    error: str = ""
    request_bytes: int = 0
    reply_bytes: int = 0
    answer: str = ""
    """The readable text of the answer, for the search index."""
    dropped: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    sides: Sides = field(default_factory=Sides)
    timeline: tuple[tuple[int, int], ...] = ()
    """(milliseconds since the start, bytes) of each chunk from the upstream; thinned beyond 2,000 entries."""
    upstream_dialect: str = ""
    """Where the provider was asked in another dialect after all than its start said; empty where it was not."""
    provider: str = ""
    """Where another provider answered, or was tried last, than its start said; empty where it was not."""
    vendor: str = ""
    """Of that provider."""
    sent_model: str = ""
    """The name sent to it."""
    account: str = ""
    """Which credential of the provider answered, or was tried last; empty is its own key."""
    trace: tuple[Weighed, ...] = ()
    """What was considered, and why it was chosen or skipped."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the history."""

    id: str
    started_us: int
    state: State
    client: str
    client_key: str
    session_id: str
    provider: str
    vendor: str
    requested_model: str
    sent_model: str
    client_dialect: str
    upstream_dialect: str
    streaming: bool
    operation: str
    client_status: int
    upstream_status: int
    error_kind: str
    error: str
    stop_reason: str
    usage: Usage
    cost: Cost | None
    """None is unpriced."""
    first_token_ms: int | None
    duration_ms: int | None
    request_bytes: int
    reply_bytes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history and the way it took: what an export writes."""

    row: Row
    account: str = ""
    """Which credential of the provider; empty is its own key."""
    trace: tuple[Weighed, ...] = ()
    """What was considered, and why it was chosen or skipped."""


@dataclass(frozen=True, slots=True)
class StoredSide:
    """One side as the store gives it back: masked, and dropped where the byte budget took the body."""

    line: str = ""
    headers: Headers = ()
    body: bytes = b""
    size_bytes: int = 0
    sha256: str = ""
    dropped: bool = False
    locked: bool = False
    """It is there, encrypted, and its key is not at hand."""
    same_as: str = ""
    """Name of the side whose bytes these are as well: "client_request" for a pass-through's upstream request."""


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one exchange."""

    row: Row
    client_request: StoredSide
    upstream_request: StoredSide
    upstream_reply: StoredSide
    client_reply: StoredSide
    answer: str
    dropped: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    timeline: tuple[tuple[int, int], ...]
    account: str = ""
    trace: tuple[Weighed, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What part of the history is wanted; empty fields do not narrow."""

    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    """Sent or requested."""
    states: tuple[State, ...] = ()
    clients: tuple[str, ...] = ()
    since_us: int = 0
    until_us: int = 0
    """Exclusive; 0 is open."""
    search: str = ""
    """Words to find in prompts and answers; quotes for a phrase."""
    session_id: str = ""
    """Only the exchanges of this session."""
    names: str = ""
    """Words to find in provider, model, client, session and error; each must be in one of them."""
    client_keys: tuple[str, ...] = ()
    """Names of client keys, as they were when the exchange ran."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a part of the history."""

    exchanges: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_nusd: int = 0
    unpriced: int = 0
    """Exchanges with tokens but no known price: the cost is at least `cost_nusd`."""


@dataclass(frozen=True, slots=True)
class HourCost:
    """Cost of one hour, for the chart."""

    hour_us: int
    provider: str
    cost_nusd: int
    exchanges: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What the history can be narrowed by: the values that occur in it, most used first."""

    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
