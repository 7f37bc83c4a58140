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

from urllib.parse import quote

import msgspec

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
from app.dialects.base import Endpoint, Operation
from app.dialects.body import with_model
from app.dialects.no_compaction import NoCompaction, no_compaction
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName

_PATHS = {
    Operation.CHAT: "/v1/messages",
    Operation.COUNT_TOKENS: "/v1/messages/count_tokens",
    Operation.MODELS: "/v1/models",
}


class AnthropicMessages(NoCompaction):
    """The dialect; stateless. See `base.Dialect`, whose methods these are."""

    name: DialectName = DialectName.ANTHROPIC_MESSAGES
    endpoints: tuple[Endpoint, ...] = (
        Endpoint("POST", "/v1/messages", Operation.CHAT),
        Endpoint("POST", "/v1/messages/count_tokens", Operation.COUNT_TOKENS),
        Endpoint("GET", "/v1/models", Operation.MODELS),
        Endpoint("GET", "/v1/models/{model}", Operation.MODEL),
    )

    peek = staticmethod(request_read.peek)
    facts = staticmethod(facts_read.facts)
    with_model = staticmethod(with_model)
    read_request = staticmethod(request_read.read_request)
    write_reply = staticmethod(reply_write.write_reply)
    stream_writer = staticmethod(StreamWriter)
    write_error = staticmethod(errors.write_error)
    write_models = staticmethod(model_list.write_models)
    write_model = staticmethod(model_list.write_model)
    read_count_request = staticmethod(request_read.read_request)

    write_request = staticmethod(request_write.write_request)
    write_count_request = staticmethod(request_write.write_count_request)
    pass_request = staticmethod(passing.pass_request)
    read_reply = staticmethod(reply_read.read_reply)
    stream_reader = staticmethod(StreamReader)
    read_error = staticmethod(upstream_error.read)
    read_models = staticmethod(model_list.read_models)
    prompt_texts = staticmethod(pieces.texts)

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        return msgspec.json.encode({"input_tokens": tokens})

    def read_token_count(self, body: bytes) -> int:
        """See `base.Dialect`."""
        try:
            return _COUNT.decode(body).input_tokens
        except (msgspec.DecodeError, RecursionError):
            raise PatchbayError(ErrorKind.BAD_REPLY, "The upstream's token count cannot be read.") from None

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """See `base.Dialect`; a provider's base URL has no `/v1`."""
        if operation is Operation.COMPACT:
            raise no_compaction()
        if operation is Operation.MODEL:
            return f"{_PATHS[Operation.MODELS]}/{quote(model, safe='')}"
        return _PATHS[operation]

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "system", "tools", "messages")


class _Count(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Count)


ANTHROPIC_MESSAGES = AnthropicMessages()
