"""Gemini as a dialect: the interface of `base.Dialect` over the modules of this package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from app.dialects import pieces, upstream_error
from app.dialects.base import BodyFacts, Endpoint, ErrorReply, ModelEntry, Operation, Peek, Road, Written
from app.dialects.gemini import (
    error_write,
    facts_read,
    model_list_write,
    models_read,
    passing,
    reply_read,
    reply_write,
    request_read,
    request_write,
)
from app.dialects.gemini.stream_read import GeminiStreamReader
from app.dialects.gemini.stream_write import GeminiStreamWriter
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply
from app.domain.provider import DialectName, Profile
from app.domain.request import Request

PREFIXES = ("/v1beta", "", "/v1", "/v1alpha", "/v1beta1")
"""The SDKs leave the version out, or choose their own, where a base URL is given."""


def _endpoints(prefix: str) -> tuple[Endpoint, ...]:
    models = f"{prefix}/models"
    return (
        Endpoint("POST", f"{models}/{{model}}:generateContent", Operation.CHAT, stream=False),
        Endpoint("POST", f"{models}/{{model}}:streamGenerateContent", Operation.CHAT, stream=True),
        Endpoint("POST", f"{models}/{{model}}:countTokens", Operation.COUNT_TOKENS, stream=False),
        Endpoint("GET", models, Operation.MODELS),
        Endpoint("GET", f"{models}/{{model}}", Operation.MODEL),
    )


class Gemini:
    """The dialect; stateless. A provider's base URL is the host alone, or ends in the version that paths begin with."""

    name = DialectName.GEMINI
    endpoints: tuple[Endpoint, ...] = tuple(one for prefix in PREFIXES for one in _endpoints(prefix))

    def peek(self, body: bytes) -> Peek:
        """See `base.Dialect`; the path alone tells model and stream."""
        return request_read.peek(body)

    def facts(self, body: bytes) -> BodyFacts:
        """See `base.Dialect`."""
        return facts_read.facts(body)

    def with_model(self, body: bytes, model: str) -> bytes:
        """See `base.Dialect`; the model stands in the path."""
        return body

    def read_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        return request_read.read_request(body)

    def write_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        return reply_write.write_reply(reply, road)

    def stream_writer(self, road: Road) -> GeminiStreamWriter:
        """See `base.Dialect`."""
        return GeminiStreamWriter(road)

    def write_error(self, error: PatchbayError, request_id: str) -> ErrorReply:
        """See `base.Dialect`."""
        return error_write.write_error(error, request_id)

    def write_models(self, models: Sequence[ModelEntry]) -> bytes:
        """See `base.Dialect`."""
        return model_list_write.write_models(models)

    def write_model(self, model: ModelEntry) -> bytes:
        """See `base.Dialect`."""
        return model_list_write.write_model(model)

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        return msgspec.json.encode({"totalTokens": tokens})

    def read_count_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        return request_read.read_count_request(body)

    def read_compact_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        raise _no_compaction()

    def write_compact_reply(self, reply: Reply, road: Road) -> bytes:
        """See `base.Dialect`."""
        raise _no_compaction()

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """See `base.Dialect`; begins with `/v1beta`, which goes where the base URL has a version already."""
        models = f"{PREFIXES[0]}/models"
        one = f"{models}/{quote(model.removeprefix(request_read.MODELS), safe='')}"
        match operation:
            case Operation.CHAT:
                return f"{one}:streamGenerateContent" if stream else f"{one}:generateContent"
            case Operation.COUNT_TOKENS:
                return f"{one}:countTokens"
            case Operation.MODELS:
                return models
            case Operation.MODEL:
                return one
            case Operation.COMPACT:
                raise _no_compaction()

    def write_request(self, request: Request, model: str, profile: Profile) -> Written:
        """See `base.Dialect`."""
        return request_write.write_request(request, model, profile)

    def write_count_request(self, request: Request, model: str, profile: Profile) -> bytes:
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

    def stream_reader(self, road: Road) -> GeminiStreamReader:
        """See `base.Dialect`."""
        return GeminiStreamReader(road)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> PatchbayError:
        """See `base.Dialect`."""
        return upstream_error.read(status, headers, body)

    def read_models(self, body: bytes) -> tuple[str, ...]:
        """See `base.Dialect`."""
        return models_read.read_models(body)

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "contents", "tools", "systemInstruction", "system_instruction")

    def prompt_texts(self, piece: bytes) -> tuple[str, ...]:
        """See `base.Dialect`."""
        return pieces.texts(piece)


def _no_compaction() -> PatchbayError:
    return PatchbayError(ErrorKind.PATH_NOT_FOUND, "The Gemini dialect has no compaction.")
