"""Google's own client, fed from memory: what it asks is what we must read, and it judges the bytes we write."""

from __future__ import annotations

import json
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

URL = "http://127.0.0.1"


def client(content: bytes, kind: str = "application/json", status: int = 200, asked: list[Any] | None = None) -> Any:
    """A client whose every request gets that answer; the requests are kept in `asked`."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append(request)
        return httpx2.Response(status, headers={"content-type": kind}, content=content)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return genai.Client(api_key="none", http_options=types.HttpOptions(base_url=URL, httpx_client=http))


def asked(contents: Any, **config: Any) -> tuple[str, bytes]:
    """The path and the body that the client sends for a question."""
    seen: list[httpx2.Request] = []
    client(b'{"candidates":[]}', asked=seen).models.generate_content(
        model="gpt-5", contents=contents, config=types.GenerateContentConfig(**config)
    )
    return seen[0].url.path, seen[0].content


def whole(body: bytes) -> types.GenerateContentResponse:
    """The answer that the client makes of a body, checked against its typed model."""
    types.GenerateContentResponse.model_validate_json(body)
    return client(body).models.generate_content(model="m", contents="q")  # type: ignore[no-any-return]


def streamed(stream: bytes) -> list[types.GenerateContentResponse]:
    """The chunks that the client reads from a stream of server-sent events."""
    return list(client(stream, "text/event-stream").models.generate_content_stream(model="m", contents="q"))


def array(stream: bytes) -> list[types.GenerateContentResponse]:
    """The chunks in a stream that is one JSON array."""
    return [types.GenerateContentResponse.model_validate(one) for one in json.loads(stream)]


def text(chunks: list[types.GenerateContentResponse]) -> str:
    """What all chunks say, without thoughts."""
    return "".join(part.text or "" for part in parts(chunks) if not part.thought)


def parts(chunks: list[types.GenerateContentResponse]) -> list[types.Part]:
    """The parts of all chunks."""
    found = []
    for chunk in chunks:
        for candidate in chunk.candidates or ():
            found += (candidate.content.parts or []) if candidate.content else []
    return found


def failure(status: int, body: bytes) -> errors.APIError:
    """The error that the client raises for a reply."""
    try:
        client(body, status=status).models.generate_content(model="m", contents="q")
    except errors.APIError as error:
        return error
    raise AssertionError("the client took an error for an answer")
