"""OpenAI's Responses as a dialect: the interface of `base.Dialect` over the modules of this package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from app.dialects import model_list, pieces, upstream_error
from app.dialects.base import BodyFacts, Endpoint, ErrorReply, ModelEntry, Operation, Peek, Road, Written
from app.dialects.body import with_model
from app.dialects.openai_responses import (
    compact,
    error_write,
    facts_read,
    passing,
    reply_read,
    reply_write,
    request_read,
    request_write,
)
from app.dialects.openai_responses.stream_read import ResponsesStreamReader
from app.dialects.openai_responses.stream_write import ResponsesStreamWriter
from app.domain.errors import PatchbayError
from app.domain.events import Reply
from app.domain.provider import DialectName, Profile
from app.domain.request import Request

_PATHS = {
    Operation.CHAT: "/responses",
    Operation.COMPACT: "/responses/compact",
    Operation.COUNT_TOKENS: "/responses/input_tokens",
    Operation.MODELS: "/models",
    Operation.MODEL: "/models/{model}",
}


class OpenAIResponses:
    """The dialect; stateless. A provider's base URL carries the version (`https://api.openai.com/v1`)."""

    name = DialectName.OPENAI_RESPONSES
    endpoints: tuple[Endpoint, ...] = (
        Endpoint("POST", "/v1/responses", Operation.CHAT),
        Endpoint("POST", "/responses", Operation.CHAT),
        Endpoint("POST", "/v1/responses/compact", Operation.COMPACT),
        Endpoint("POST", "/responses/compact", Operation.COMPACT),
        Endpoint("POST", "/v1/responses/input_tokens", Operation.COUNT_TOKENS),
        Endpoint("POST", "/responses/input_tokens", Operation.COUNT_TOKENS),
        Endpoint("GET", "/v1/models", Operation.MODELS),
        Endpoint("GET", "/v1/models/{model}", Operation.MODEL),
    )

    def peek(self, body: bytes) -> Peek:
        """See `base.Dialect`."""
        return request_read.peek(body)

    def facts(self, body: bytes) -> BodyFacts:
        """See `base.Dialect`."""
        return facts_read.facts(body)

    def with_model(self, body: bytes, model: str) -> bytes:
        """See `base.Dialect`."""
        return with_model(body, model)

    def read_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        return request_read.read_request(body)

    def write_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        return reply_write.write_reply(reply, road)

    def stream_writer(self, road: Road) -> ResponsesStreamWriter:
        """See `base.Dialect`."""
        return ResponsesStreamWriter(road)

    def write_error(self, error: PatchbayError, request_id: str) -> ErrorReply:
        """See `base.Dialect`."""
        return error_write.write_error(error, request_id)

    def write_models(self, models: Sequence[ModelEntry]) -> bytes:
        """See `base.Dialect`."""
        return model_list.write_models(models)

    def write_model(self, model: ModelEntry) -> bytes:
        """See `base.Dialect`."""
        return model_list.write_model(model)

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})

    def read_count_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        return request_read.read_request(body)

    def read_compact_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        return request_read.read_compact_request(body)

    def write_compact_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        return compact.write_compact_reply(reply, road)

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """See `base.Dialect`."""
        return _PATHS[operation].format(model=quote(model))

    def write_request(self, request: Request, model: str, profile: Profile) -> Written:
        """See `base.Dialect`."""
        return request_write.write_request(request, model, profile)

    def write_count_request(self, request: Request, model: str, profile: Profile) -> bytes | None:
        """See `base.Dialect`."""
        return request_write.write_count_request(request, model, profile)

    def read_token_count(self, body: bytes) -> int:
        """See `base.Dialect`."""
        return reply_read.read_token_count(body)

    def pass_request(self, body: bytes) -> bytes:
        """See `base.Dialect`."""
        return passing.pass_request(body)

    def read_reply(self, body: bytes, road: Road) -> Reply:
        """See `base.Dialect`."""
        return reply_read.read_reply(body, road)

    def stream_reader(self, road: Road) -> ResponsesStreamReader:
        """See `base.Dialect`."""
        return ResponsesStreamReader(road)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PatchbayError:
        """See `base.Dialect`."""
        return upstream_error.read(status, headers, body)

    def read_models(self, body: bytes) -> tuple[str, ...]:
        """See `base.Dialect`."""
        return model_list.read_models(body)

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "instructions", "tools", "input")

    def prompt_texts(self, piece: bytes) -> tuple[str, ...]:
        """See `base.Dialect`."""
        return pieces.texts(piece)
