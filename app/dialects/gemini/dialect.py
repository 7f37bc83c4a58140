"""Gemini as a dialect: the interface of `base.Dialect` over the modules of this package."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from app.dialects import pieces, upstream_error
from app.dialects.base import Endpoint, Operation
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
from app.dialects.no_compaction import NoCompaction, no_compaction
from app.domain.provider import DialectName

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


class Gemini(NoCompaction):
    """The dialect; stateless. A provider's base URL is the host alone, or ends in the version that paths begin with."""

    name = DialectName.GEMINI
    endpoints: tuple[Endpoint, ...] = tuple(one for prefix in PREFIXES for one in _endpoints(prefix))

    peek = staticmethod(request_read.peek)
    facts = staticmethod(facts_read.facts)
    read_request = staticmethod(request_read.read_request)
    write_reply = staticmethod(reply_write.write_reply)
    stream_writer = staticmethod(GeminiStreamWriter)
    write_error = staticmethod(error_write.write_error)
    write_models = staticmethod(model_list_write.write_models)
    write_model = staticmethod(model_list_write.write_model)
    read_count_request = staticmethod(request_read.read_count_request)

    write_request = staticmethod(request_write.write_request)
    write_count_request = staticmethod(request_write.write_count_request)
    read_token_count = staticmethod(reply_read.read_token_count)
    pass_request = staticmethod(passing.pass_request)
    read_reply = staticmethod(reply_read.read_reply)
    stream_reader = staticmethod(GeminiStreamReader)
    read_error = staticmethod(upstream_error.read)
    read_models = staticmethod(models_read.read_models)
    prompt_texts = staticmethod(pieces.texts)

    def with_model(self, body: bytes, model: str) -> bytes:
        """See `base.Dialect`; the model stands in the path."""
        return body

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        return msgspec.json.encode({"totalTokens": tokens})

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
                raise no_compaction()

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "contents", "tools", "systemInstruction", "system_instruction")
