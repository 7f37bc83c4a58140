"""What a dialect is: the one interface between the wire languages and the rest of the program. No I/O.

A dialect serves in two roles. As a *client* dialect it reads requests and writes replies; as an *upstream* dialect it
writes requests and reads replies. Any pair works through the neutral form of `app.domain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from app.domain.errors import PatchbayError
from app.domain.events import Event, Reply
from app.domain.provider import DialectName, Profile
from app.domain.request import Request


class Operation(StrEnum):
    """What a client asks for by its path."""

    CHAT = "chat"
    COUNT_TOKENS = "count_tokens"
    COMPACT = "compact"
    """Codex asks for its conversation in short form (`/v1/responses/compact`)."""
    MODELS = "models"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path that a client dialect serves; `{model}` stands for any part of it, slashes and all."""

    method: str
    path: str
    operation: Operation
    stream: bool | None = None
    """Whether the client wants a stream, where the path alone says so (Gemini); None: its body says it."""


@dataclass(frozen=True, slots=True)
class Peek:
    """The little that routing needs of a request body, read without building the whole."""

    model: str
    stream: bool
    session_id: str = ""
    """The client's own session, where the body names one; a header may name it too."""


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """What routing may further ask of a request body; what it does not say, or says wrongly, is what stands here."""

    output_tokens: int = 0
    """The most that the answer may have; 0 where the client set no bound."""
    answers: int = 1
    """So many are asked for at once, each with that bound."""
    thinking: bool = False
    tools: bool = False
    """Tools of the client's own are offered."""
    web_search: bool = False
    """The vendor's own web search is offered."""
    image: bool = False
    background: bool = False
    """The answer is to be made after the reply, which holds none."""
    side_task: bool = False
    """The dialect's own coding agent marks or shapes its subagents' requests and side tasks so."""
    first_text: str = ""
    """What the user said first, without what an agent put around it."""


@dataclass(frozen=True, slots=True)
class NameMap:
    """Tool names as the upstream knows them -> as the client does, for those that had to be changed."""

    to_client: Mapping[str, str]

    def client(self, name: str) -> str:
        """The client's name of a tool."""
        return self.to_client.get(name, name)


NO_NAMES = NameMap({})


@dataclass(frozen=True, slots=True)
class Road:
    """What both ends of one exchange must know about it while the answer comes back."""

    requested_model: str
    sent_model: str
    upstream_kind: str = "generic"
    """`Profile.kind`; binds the signature envelope to the upstream that made the reasoning."""
    profile: Profile = field(default_factory=Profile)
    names: NameMap = NO_NAMES
    stop: tuple[str, ...] = ()
    show_thinking: bool = False
    omit_thinking_text: bool = False
    include_usage: bool = False
    input_estimate_tokens: int = 0
    created_s: int = 0
    """Unix seconds for replies that carry a creation time."""
    json_tool: bool = False
    """The request forced a tool to get structured output; its input is the content (Anthropic upstreams)."""
    custom_tools: frozenset[str] = frozenset()
    """The client's names of its tools that take free text (`Tool.custom`)."""
    search_query: str = ""
    """What the client wants searched, where it forced a web search: such an answer shows the search before its text."""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    """The client's flat names of tools that it keeps in a namespace -> that namespace (`Tool.namespace`)."""
    opaque_thinking: bool = False
    """`Reasoning.opaque`."""
    echo: bytes = b""
    """`Request.echo`."""
    resumes: bytes = b""
    """What the client has of a stream already that only its end is written for."""
    event_stream: bool = True
    """The client reads server-sent events; Gemini's clients without `alt=sse` read a JSON array that grows."""


@dataclass(frozen=True, slots=True)
class Written:
    """A request as the upstream gets it."""

    body: bytes
    names: NameMap = NO_NAMES
    dropped: tuple[str, ...] = ()
    """Fields of the client's request that this upstream cannot express, named for the record."""
    json_tool: bool = False


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error as the client gets it: its own dialect's status, headers and body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that a client may ask for."""

    id: str
    label: str
    owner: str
    created_s: int
    input_tokens: int = 0
    """How long a prompt may be; 0 is unknown."""
    output_tokens: int = 0
    """How long an answer may be; 0 is unknown."""


PENDING = frozenset({"queued", "in_progress"})
"""The `code` of a BAD_REPLY that says that the answer is still being made."""

EVENT_STREAM = "text/event-stream; charset=utf-8"


class StreamReader(Protocol):
    """Turns the bytes of an upstream's stream into events; fed whole, byte by byte or anything between."""

    finished: bool
    """The terminator was seen: the answer is complete. Bytes after it are ignored."""
    ending: bool
    """All that matters was seen: a server that now says nothing for some seconds is done, and `close` says so."""

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete. Never raises on what an upstream may send; yields StreamError."""

    def close(self) -> list[Event]:
        """The stream ended; what was missing to a proper end follows, or a StreamError."""


class StreamWriter(Protocol):
    """Turns events into the bytes of the client's stream."""

    media_type: str
    """The stream's `Content-Type`."""

    def write(self, events: Iterable[Event]) -> bytes:
        """The bytes for these events; whole wire events only, possibly none."""

    def keep_alive(self, silent_s: float) -> bytes:
        """Bytes to send after so long a silence of the upstream; empty where nothing is needed yet."""

    def fail(self, error: PatchbayError) -> bytes:
        """The error as this dialect reports it in mid-stream; nothing may follow."""


class Dialect(Protocol):
    """One wire language in both roles. Instances are stateless; readers and writers carry the state of a stream."""

    name: DialectName

    # --- as the client's dialect -------------------------------------------------------------------------------
    endpoints: tuple[Endpoint, ...]

    def peek(self, body: bytes) -> Peek:
        """Model, stream flag and session of a request body.

        Raises PatchbayError INVALID_REQUEST that names what is wrong: not UTF-8, not JSON (with the byte offset), not
        an object, nested deeper than `body.MAX_DEPTH`, a duplicate `model`, a `model` that is no string, a `stream`
        that is no bool.
        """

    def facts(self, body: bytes) -> BodyFacts:
        """What routing rules may further ask of a request body, read in part; never raises."""

    def with_model(self, body: bytes, model: str) -> bytes:
        """The same bytes with only the value of the top-level `model` replaced."""

    def read_request(self, body: bytes) -> Request:
        """The neutral request. Raises PatchbayError INVALID_REQUEST or UNSUPPORTED with `param`."""

    def write_reply(self, reply: Reply, road: Road) -> bytes:
        """A whole answer in the client's form."""

    def stream_writer(self, road: Road) -> StreamWriter:
        """A writer for one stream."""

    def write_error(self, error: PatchbayError, request_id: str) -> ErrorReply:
        """An error before anything was sent."""

    def write_models(self, models: Sequence[ModelEntry]) -> bytes:
        """The list of models."""

    def write_model(self, model: ModelEntry) -> bytes:
        """One model."""

    def write_token_count(self, tokens: int) -> bytes:
        """The answer to a token count; dialects without one raise PatchbayError PATH_NOT_FOUND."""

    def read_count_request(self, body: bytes) -> Request:
        """The request whose tokens are to be counted; `read_request` where both have one form."""

    def read_compact_request(self, body: bytes) -> Request:
        """An ordinary request whose answer is the conversation in short form; PATH_NOT_FOUND where there is no such."""

    def write_compact_reply(self, reply: Reply, road: Road) -> bytes:
        """The answer to that in the client's form."""

    # --- as the upstream's dialect ------------------------------------------------------------------------------
    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """The path below a provider's base URL: "/v1/messages", "/chat/completions"; PATH_NOT_FOUND where none is."""

    def write_request(self, request: Request, model: str, profile: Profile) -> Written:
        """The request in the upstream's form, the same bytes for the same input. Raises PatchbayError UNSUPPORTED."""

    def write_count_request(self, request: Request, model: str, profile: Profile) -> bytes | None:
        """The question how many tokens a request has; None where this dialect cannot ask it."""

    def read_token_count(self, body: bytes) -> int:
        """The answer to that; raises PatchbayError BAD_REPLY."""

    def pass_request(self, body: bytes) -> bytes:
        """A same-dialect request, with only what this upstream must never see taken out (our own signature envelopes).

        Returns the same object where nothing had to change.
        """

    def read_reply(self, body: bytes, road: Road) -> Reply:
        """A whole answer; raises PatchbayError BAD_REPLY, or what an error inside a 200 says."""

    def stream_reader(self, road: Road) -> StreamReader:
        """A reader for one stream."""

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PatchbayError:
        """What an upstream's error reply means; its text is found whatever its shape, and cut to 2,000 characters."""

    def read_models(self, body: bytes) -> tuple[str, ...]:
        """Model ids of an upstream's list; raises PatchbayError BAD_REPLY."""

    # --- for the record -----------------------------------------------------------------------------------------
    def split(self, body: bytes) -> tuple[bytes, ...]:
        """A request body cut where its messages, tools and system parts begin and end.

        The pieces concatenate to exactly `body`. A conversation that is sent again with one more turn shares every
        piece but the last few, so that the store keeps each once. Anything unreadable is one piece.
        """

    def prompt_texts(self, piece: bytes) -> tuple[str, ...]:
        """The readable texts in one piece of `split`, for the search index: no base64, no keys, no schema."""
