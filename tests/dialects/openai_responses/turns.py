"""Requests and roads in few words."""

from __future__ import annotations

import json
from typing import Any

from app.dialects.base import Road
from app.dialects.openai_responses import OPENAI_RESPONSES
from app.dialects.openai_responses.echo import Meant, write_echo
from app.domain.errors import PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.request import Message, Part, Request
from app.domain.usage import Usage

USAGE = Usage(10, 70, 20, output_tokens=9, reasoning_tokens=4)


def body(*items: Any, **more: Any) -> bytes:
    """A request with those items as its input, unless `input` is given."""
    return json.dumps({"model": "m", "input": list(items), **more}, ensure_ascii=False).encode()


def read(*items: Any, **more: Any) -> Request:
    return OPENAI_RESPONSES.read_request(body(*items, **more))


def turns(*items: Any, **more: Any) -> tuple[Message, ...]:
    return read(*items, **more).messages


def refused(*items: Any, **more: Any) -> PatchbayError:
    """The error of a request that is not taken."""
    try:
        read(*items, **more)
    except PatchbayError as error:
        return error
    raise AssertionError("the request was taken")


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def function(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "function", "name": name, "parameters": {"type": "object"}, "strict": False, **more}


def road(*, meant: Meant | None = None, **more: Any) -> Road:
    """A road of a client that sees reasoning and gets it back."""
    given: dict[str, Any] = {"show_thinking": True, "opaque_thinking": True, "created_s": 1_790_000_000}
    if meant is not None:
        given["echo"] = write_echo({}, meant)
    return Road("asked", "sent", "deepseek", **given | more)


def reply(*parts: Part, stop: StopReason = StopReason.END_TURN, **more: Any) -> Reply:
    return Reply("msg_1", "m", parts, stop, more.pop("usage", USAGE), **more)
