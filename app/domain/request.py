"""A model request in our own neutral form, between any two dialects.

A dialect package reads its wire form into this and writes this into its wire form: N dialects cost N packages. What a
dialect alone knows rides as `Foreign` parts or is named in `dropped`; nothing is swallowed. JSON that we do not
interpret (schemas, opaque blocks) stays as `bytes`; tool arguments stay as the JSON text that they were.

Reading keeps the client's order and content and repairs nothing; the repairs that an upstream demands (merging roles,
pairing tool results, dropping empty text) belong to the writer of that upstream's dialect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. `SYSTEM` inside `messages` is a mid-conversation instruction."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class CacheMark:
    """A prompt-cache breakpoint after the part that carries it (Anthropic `cache_control`)."""

    ttl: str = ""
    """"5m", "1h", or empty for the vendor's default."""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: base64 `data` with its media type, or a `url`; exactly one of the two."""

    media_type: str = ""
    data: str = ""
    url: str = ""
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document: base64 `data` (PDF), plain `text`, nested `parts`, or a `url`; exactly one of the four."""

    media_type: str = ""
    data: str = ""
    text: str = ""
    url: str = ""
    parts: tuple[Part, ...] = ()
    title: str = ""
    context: str = ""
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning of the model: readable `text` with its `signature`, or `redacted` opaque data."""

    text: str = ""
    signature: str = ""
    redacted: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool; `arguments` is JSON text (an object, unless the model produced something else)."""

    id: str
    name: str
    arguments: str
    cache: CacheMark | None = None
    signature: str = ""
    """What its upstream wants back with the call (Gemini's thought signature), in our envelope."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered to the call with that id."""

    call_id: str
    parts: tuple[Part, ...] = ()
    is_error: bool = False
    cache: CacheMark | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A block that only its own dialect knows, kept whole: `json` is the block as it was."""

    dialect: str
    kind: str
    json: bytes
    text: str = ""
    """The readable text in it, where it has any, for a dialect that can only show that."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A page that a web search found; `start` and `end` bound the answer's text that cites it (0, 0: not said)."""

    url: str
    title: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """A web search that the upstream ran by itself, and what it found; a part of answers, never of requests."""

    id: str = ""
    query: str = ""
    hits: tuple[SearchHit, ...] = ()


Part = Text | Image | Document | Thinking | ToolCall | ToolResult | Search | Foreign


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; a `ToolResult` stands in a `USER` message, a `ToolCall` or `Thinking` in an `ASSISTANT` one."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool the model may call. `schema` is the JSON Schema of its input; empty bytes mean "no schema given"."""

    name: str
    description: str = ""
    schema: bytes = b""
    strict: bool | None = None
    kind: str = ""
    """Empty for a client tool; else the vendor's own type ("web_search_20250305", "bash_20250124")."""
    json: bytes = b""
    """A vendor tool as it was, for a writer of its own dialect or one that knows the type."""
    cache: CacheMark | None = None
    custom: bool = False
    """It takes free text: a call's arguments are `{"input": text}`, and the client wants the text alone back."""
    namespace: str = ""
    """The group that the client keeps it in (Responses); `name` is then `<namespace>__<its name there>`."""


class ToolChoiceMode(StrEnum):
    """How free the model is to call tools."""

    AUTO = "auto"
    REQUIRED = "required"
    NONE = "none"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """The client's tool choice; `name` goes with `NAMED`."""

    mode: ToolChoiceMode
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the client asked of the model's thinking; all unset means that it said nothing about it."""

    enabled: bool | None = None
    """True: asked for; False: switched off (wins over `effort`); None: not said."""
    effort: str = ""
    """"minimal" … "max" as the client wrote it; empty where it gave none."""
    budget_tokens: int | None = None
    adaptive: bool = False
    show: bool = False
    """The client wants to read the thinking (Anthropic: thinking enabled or adaptive; chat clients always may)."""
    omit_text: bool = False
    """The client wants the blocks without their text (`display: "omitted"`)."""
    opaque: bool = False
    """The client hands the opaque part of the reasoning back by itself (Responses: `reasoning.encrypted_content`)."""


class FormatKind(StrEnum):
    """The forms of structured output."""

    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"


@dataclass(frozen=True, slots=True)
class Format:
    """Structured output the client wants; `schema` is JSON."""

    kind: FormatKind
    schema: bytes = b""
    name: str = ""
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One model request, neutral."""

    model: str
    """As the client asked for it."""
    messages: tuple[Message, ...]
    system: tuple[Text, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    include_usage: bool = False
    """A chat client asked for a usage chunk at the end of the stream; other dialects always send usage."""
    reasoning: Reasoning = field(default_factory=Reasoning)
    format: Format | None = None
    user_id: str = ""
    session_id: str = ""
    service_tier: str = ""
    echo: bytes = b""
    """Members that the client's dialect repeats in its replies, as a JSON object (Responses: tools, tool_choice …)."""
    dropped: tuple[str, ...] = ()
    """Fields that reading dropped because no neutral form exists, as the client spelled them."""
