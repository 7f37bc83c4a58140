"""The vendor's own client, fed from memory: what it makes of the bytes we write is the judge of them."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

REQUEST: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "q"}]}


def client(content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> openai.OpenAI:
    """A client whose every request gets that answer."""
    answer = httpx2.Response(status, headers={"content-type": kind} | (headers or {}), content=content)
    transport = httpx2.MockTransport(lambda _: answer)
    return openai.OpenAI(
        api_key="none", base_url="http://127.0.0.1/v1", max_retries=0, http_client=httpx2.Client(transport=transport)
    )


def chunks(stream: bytes) -> list[ChatCompletionChunk]:
    """The chunks that the client reads from a stream, each checked against its typed model."""
    with client(stream, "text/event-stream") as one:
        found = list(one.chat.completions.create(**REQUEST, stream=True))
    for chunk in found:
        ChatCompletionChunk.model_validate(chunk.model_dump(exclude_unset=True))
    return found


def streamed(stream: bytes) -> ChatCompletion:
    """The answer that the client's accumulator makes of a stream."""
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for chunk in chunks(stream):
        state.handle_chunk(chunk)
    return state.current_completion_snapshot  # the final one raises on `length` and `content_filter`


def whole(body: bytes) -> ChatCompletion:
    """The answer that the client makes of a body, checked against its typed model."""
    ChatCompletion.model_validate_json(body)
    with client(body, "application/json") as one:
        answer = one.chat.completions.create(**REQUEST)
        assert isinstance(answer, ChatCompletion)
        return answer


def failure(status: int, headers: dict[str, str], body: bytes) -> openai.APIStatusError:
    """The error that the client raises for a reply."""
    with client(body, "application/json", status, headers) as one:
        try:
            one.chat.completions.create(**REQUEST)
        except openai.APIStatusError as error:
            return error
    raise AssertionError("the client took an error for an answer")
