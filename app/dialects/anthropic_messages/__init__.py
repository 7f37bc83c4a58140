"""Anthropic Messages: Claude Code and the Anthropic SDKs as clients; Anthropic and compatible servers as upstreams.

What it is for: `ANTHROPIC_MESSAGES`, the dialect in both roles. May import: `app.domain`, the shared files of
`app.dialects`, msgspec. Thread: any.

    as a client dialect      request_read (blocks_read, tools_read), reply_write, stream_write, errors
    as an upstream dialect   request_write (repair, blocks_write, tools_write, reasoning, families, schema),
                             reply_read, stream_read (blocks_order), passing
    in both roles            wire, wire_reply, usage, arguments

A new generation of Claude is a line in `families`. Decisions: blocks are decoded one by one by their `type`, so that an
unknown one becomes a `Foreign` part (lost: one tagged union, which refuses the whole request); repairs stand in the
writer (lost: repairing while reading, which every other upstream would have to undo).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from app.dialects import body as bodies
from app.dialects import model_list, pieces, upstream_error
from app.dialects.anthropic_messages import (
    errors,
    facts_read,
    passing,
    reply_read,
    reply_write,
    request_read,
    request_write,
)
from app.dialects.anthropic_messages.stream_read import StreamReader
from app.dialects.anthropic_messages.stream_write import StreamWriter
from app.dialects.base import BodyFacts, Endpoint, ErrorReply, ModelEntry, Operation, Peek, Road, Written
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply
from app.domain.provider import DialectName, Profile
from app.domain.request import Request

_PATHS = {
    Operation.CHAT: "/v1/messages",
    Operation.COUNT_TOKENS: "/v1/messages/count_tokens",
    Operation.MODELS: "/v1/models",
}


class AnthropicMessages:
    """See `base.Dialect`, whose methods these are."""

    name: DialectName = DialectName.ANTHROPIC_MESSAGES
    endpoints: tuple[Endpoint, ...] = (
        Endpoint("POST", "/v1/messages", Operation.CHAT),
        Endpoint("POST", "/v1/messages/count_tokens", Operation.COUNT_TOKENS),
        Endpoint("GET", "/v1/models", Operation.MODELS),
        Endpoint("GET", "/v1/models/{model}", Operation.MODEL),
    )

    def peek(self, body: bytes) -> Peek:
        """Model, stream flag and session of a request body."""
        return request_read.peek(body)

    def facts(self, body: bytes) -> BodyFacts:
        """What routing rules may further ask."""
        return facts_read.facts(body)

    def with_model(self, body: bytes, model: str) -> bytes:
        """The same bytes with only the top-level `model` replaced."""
        return bodies.with_model(body, model)

    def read_request(self, body: bytes) -> Request:
        """The neutral request."""
        return request_read.read_request(body)

    def write_reply(self, reply: Reply, road: Road) -> bytes:
        """A whole answer."""
        return reply_write.write_reply(reply, road)

    def stream_writer(self, road: Road) -> StreamWriter:
        """A writer for one stream."""
        return StreamWriter(road)

    def write_error(self, error: PatchbayError, request_id: str) -> ErrorReply:
        """An error before anything was sent."""
        return errors.write_error(error, request_id)

    def write_models(self, models: Sequence[ModelEntry]) -> bytes:
        """The list of models."""
        return model_list.write_models(models)

    def write_model(self, model: ModelEntry) -> bytes:
        """One model."""
        return model_list.write_model(model)

    def write_token_count(self, tokens: int) -> bytes:
        """The answer to a token count."""
        return msgspec.json.encode({"input_tokens": tokens})

    def read_count_request(self, body: bytes) -> Request:
        """The request whose tokens are to be counted."""
        return request_read.read_request(body)

    def read_compact_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        raise _no_compaction()

    def write_compact_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        raise _no_compaction()

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """The path below a provider's base URL, which has no `/v1`."""
        if operation is Operation.COMPACT:
            raise _no_compaction()
        if operation is Operation.MODEL:
            return f"{_PATHS[Operation.MODELS]}/{quote(model, safe='')}"
        return _PATHS[operation]

    def write_request(self, request: Request, model: str, profile: Profile) -> Written:
        """The request in this dialect."""
        return request_write.write_request(request, model, profile)

    def write_count_request(self, request: Request, model: str, profile: Profile) -> bytes:
        """The same request without what only an answer needs (platform.claude.com, "Count tokens in a Message")."""
        return request_write.write_count_request(request, model, profile)

    def read_token_count(self, body: bytes) -> int:
        """The count; raises PatchbayError BAD_REPLY."""
        try:
            return _COUNT.decode(body).input_tokens
        except (msgspec.DecodeError, RecursionError):
            raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's token count cannot be read.") from None

    def pass_request(self, body: bytes) -> bytes:
        """The same request without our signature envelopes."""
        return passing.pass_request(body)

    def read_reply(self, body: bytes, road: Road) -> Reply:
        """A whole answer."""
        return reply_read.read_reply(body, road)

    def stream_reader(self, road: Road) -> StreamReader:
        """A reader for one stream."""
        return StreamReader(road)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PatchbayError:
        """What an error reply means."""
        return upstream_error.read(status, headers, body)

    def read_models(self, body: bytes) -> tuple[str, ...]:
        """Model ids of an upstream's list."""
        return model_list.read_models(body)

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """A request body cut at its messages, tools and system parts."""
        return pieces.split(body, "system", "tools", "messages")

    def prompt_texts(self, piece: bytes) -> tuple[str, ...]:
        """The readable texts in one piece."""
        return pieces.texts(piece)


class _Count(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


def _no_compaction() -> PatchbayError:
    return PatchbayError(ErrorKind.PATH_NOT_FOUND, "The messages dialect has no compaction of its own.")


ANTHROPIC_MESSAGES = AnthropicMessages()
