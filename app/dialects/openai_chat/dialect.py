"""OpenAI's Chat Completions as a dialect: the interface of `base.Dialect` over the modules of this package."""

from __future__ import annotations

from urllib.parse import quote

from app.dialects import model_list, pieces, upstream_error
from app.dialects import openai_errors as errors
from app.dialects.base import Endpoint, Operation
from app.dialects.body import with_model
from app.dialects.no_compaction import NoCompaction
from app.dialects.openai_chat import facts_read, passing, reply_read, reply_write, request_read, request_write
from app.dialects.openai_chat.stream_read import ChatStreamReader
from app.dialects.openai_chat.stream_write import ChatStreamWriter
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName, Profile
from app.domain.request import Request

_PATHS = {Operation.CHAT: "/chat/completions", Operation.MODELS: "/models", Operation.MODEL: "/models/{model}"}


class OpenAIChat(NoCompaction):
    """The dialect; stateless. A provider's base URL carries the version (`https://api.openai.com/v1`)."""

    name = DialectName.OPENAI_CHAT
    endpoints: tuple[Endpoint, ...] = (
        Endpoint("POST", "/v1/chat/completions", Operation.CHAT),
        Endpoint("POST", "/chat/completions", Operation.CHAT),
        Endpoint("GET", "/v1/models", Operation.MODELS),
        Endpoint("GET", "/v1/models/{model}", Operation.MODEL),
        Endpoint("GET", "/models", Operation.MODELS),
        Endpoint("GET", "/models/{model}", Operation.MODEL),
    )

    peek = staticmethod(request_read.peek)
    facts = staticmethod(facts_read.facts)
    with_model = staticmethod(with_model)
    read_request = staticmethod(request_read.read_request)
    write_reply = staticmethod(reply_write.write_reply)
    stream_writer = staticmethod(ChatStreamWriter)
    write_error = staticmethod(errors.write_error)
    write_models = staticmethod(model_list.write_models)
    write_model = staticmethod(model_list.write_model)

    write_request = staticmethod(request_write.write_request)
    pass_request = staticmethod(passing.pass_request)
    read_reply = staticmethod(reply_read.read_reply)
    stream_reader = staticmethod(ChatStreamReader)
    read_error = staticmethod(upstream_error.read)
    read_models = staticmethod(model_list.read_models)
    prompt_texts = staticmethod(pieces.texts)

    def write_token_count(self, tokens: int) -> bytes:
        """See `base.Dialect`."""
        raise _no_count()

    def read_count_request(self, body: bytes) -> Request:
        """See `base.Dialect`."""
        raise _no_count()

    def write_count_request(self, request: Request, model: str, profile: Profile) -> None:
        """See `base.Dialect`."""

    def read_token_count(self, body: bytes) -> int:
        """See `base.Dialect`."""
        raise _no_count()

    def path(self, operation: Operation, model: str, *, stream: bool = False) -> str:
        """See `base.Dialect`."""
        if operation not in _PATHS:
            raise _no_count()
        return _PATHS[operation].format(model=quote(model))

    def split(self, body: bytes) -> tuple[bytes, ...]:
        """See `base.Dialect`."""
        return pieces.split(body, "messages", "tools", "functions")


def _no_count() -> PatchbayError:
    return PatchbayError(ErrorKind.PATH_NOT_FOUND, "The chat completions dialect has no token count.")
