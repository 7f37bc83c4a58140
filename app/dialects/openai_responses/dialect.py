"""OpenAI's Responses as a dialect: the interface of `base.Dialect` over the modules of this package."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from app.dialects import model_list, pieces, upstream_error
from app.dialects.base import Endpoint, Operation
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
from app.domain.provider import DialectName

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

    peek = staticmethod(request_read.peek)
    facts = staticmethod(facts_read.facts)
    with_model = staticmethod(with_model)
    read_request = staticmethod(request_read.read_request)
    write_reply = staticmethod(reply_write.write_reply)
    stream_writer = staticmethod(ResponsesStreamWriter)
    write_error = staticmethod(error_write.write_error)
    write_models = staticmethod(model_list.write_models)
    write_model = staticmethod(model_list.write_model)
    read_count_request = staticmethod(request_read.read_request)
    read_compact_request = staticmethod(request_read.read_compact_request)
    write_compact_reply = staticmethod(compact.write_compact_reply)

    write_request = staticmethod(request_write.write_request)
    write_count_request = staticmethod(request_write.write_count_request)
    read_token_count = staticmethod(reply_read.read_token_count)
    pass_request = staticmethod(passing.pass_request)
    read_reply = staticmethod(reply_read.read_reply)
    stream_reader = staticmethod(ResponsesStreamReader)
    read_error = staticmethod(upstream_error.read)
    read_models = staticmethod(model_list.read_models)
    prompt_texts = staticmethod(pieces.texts)

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """See `base.Dialect`."""
        return _PATHS[operation].format(model=quote(model))

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "instructions", "tools", "input")
