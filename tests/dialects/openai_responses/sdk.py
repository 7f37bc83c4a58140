"""The vendor's own client, fed from memory: what it makes of the bytes we write is the judge of them."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
from openai import omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

REQUEST: dict[str, Any] = {"model": "m", "input": "q"}
_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


_ANSWERS: list[httpx2.Response] = []
_CLIENT = openai.OpenAI(
    api_key="none",
    base_url="http://127.0.0.1/v1",
    max_retries=0,
    http_client=httpx2.Client(transport=httpx2.MockTransport(lambda _: _ANSWERS.pop())),
)


def client(content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> openai.OpenAI:
    """A client whose next request gets that answer; one for all, because making one takes longer than a test."""
    _ANSWERS[:] = [httpx2.Response(status, headers={"content-type": kind} | (headers or {}), content=content)]
    return _CLIENT


def events(stream: bytes, *, typed: bool = True) -> list[Any]:
    """The events that the client reads from a stream, each checked against its typed model unless told otherwise."""
    found = list(client(stream, "text/event-stream").responses.create(**REQUEST, stream=True))
    if typed:
        for event in found:
            _EVENT.validate_python(event.model_dump(exclude_unset=True, by_alias=True))
    assert [event.sequence_number for event in found] == list(range(len(found)))
    return found


def streamed(stream: bytes, *, typed: bool = True) -> Response:
    """The answer that the client's accumulator lets pass: its last event's, which must be one that ends a stream."""
    state: ResponseStreamState[None] = ResponseStreamState(input_tools=omit, text_format=omit)
    found = events(stream, typed=typed)
    for event in found:
        state.handle_event(event)
    ends = [event.type for event in found if event.type in ENDS]
    assert ends == [found[-1].type]
    response = found[-1].response
    assert isinstance(response, Response)
    return response


ENDS = ("response.completed", "response.incomplete", "response.failed")


def whole(body: bytes) -> Response:
    """The answer that the client makes of a body, checked against its typed model."""
    Response.model_validate_json(body)
    answer = client(body, "application/json").responses.create(**REQUEST)
    assert isinstance(answer, Response)
    return answer


def failure(status: int, headers: dict[str, str], body: bytes) -> openai.APIStatusError:
    """The error that the client raises for a reply."""
    try:
        client(body, "application/json", status, headers).responses.create(**REQUEST)
    except openai.APIStatusError as error:
        return error
    raise AssertionError("the client took an error for an answer")
