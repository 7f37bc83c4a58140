from __future__ import annotations

import json

import pytest

from app.dialects import dialect
from app.dialects.anthropic_messages import ANTHROPIC_MESSAGES as ANTHROPIC
from app.dialects.base import ModelEntry, Operation, Road
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName, Profile
from app.domain.request import Text

BODY = b'{"model":"claude-x","max_tokens":9,"system":"S","messages":[{"role":"user","content":"q"}],"stream":true}'
ROAD = Road("claude-x", "claude-x")


def test_it_is_listed() -> None:
    assert dialect(DialectName.ANTHROPIC_MESSAGES) is ANTHROPIC


def test_as_a_clients_dialect() -> None:
    assert ANTHROPIC.peek(BODY).stream
    assert json.loads(ANTHROPIC.with_model(BODY, "other"))["model"] == "other"
    request = ANTHROPIC.read_request(BODY)
    assert request.system == (Text("S"),)
    reply = Reply("x", "m", (Text("ok"),), StopReason.END_TURN)
    assert json.loads(ANTHROPIC.write_reply(reply, ROAD))["content"][0]["text"] == "ok"
    assert ANTHROPIC.stream_writer(ROAD).keep_alive(20)
    assert ANTHROPIC.write_token_count(7) == b'{"input_tokens":7}'
    model = ModelEntry("m", "M", "o", 0)
    assert json.loads(ANTHROPIC.write_models([model]))["data"] == [json.loads(ANTHROPIC.write_model(model))]


def test_as_an_upstreams_dialect() -> None:
    written = ANTHROPIC.write_request(ANTHROPIC.read_request(BODY), "claude-opus-4-5", Profile())
    assert json.loads(written.body) == json.loads(BODY) | {"model": "claude-opus-4-5"}
    assert ANTHROPIC.pass_request(BODY) is BODY
    assert ANTHROPIC.read_reply(b'{"content":[]}', ROAD).parts == ()
    assert ANTHROPIC.stream_reader(ROAD).feed(b"") == []
    error = ANTHROPIC.read_error(529, {}, b'{"type":"error","error":{"type":"overloaded_error","message":"m"}}')
    assert ANTHROPIC.write_error(error, "r").status == ErrorKind.OVERLOADED.status
    assert ANTHROPIC.read_models(b'{"data":[{"id":"m"}]}') == ("m",)


def test_paths() -> None:
    paths = [ANTHROPIC.path(operation, "a/b c") for operation in Operation if operation is not Operation.COMPACT]
    assert paths == ["/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/a%2Fb%20c"]
    served = [(one.method, one.path) for one in ANTHROPIC.endpoints]
    assert ("POST", "/v1/messages/count_tokens") in served
    assert ("GET", "/v1/models/{model}") in served


def test_for_the_record() -> None:
    pieces = ANTHROPIC.split(BODY)
    assert b"".join(pieces) == BODY
    assert [text for piece in pieces for text in ANTHROPIC.prompt_texts(piece)] == ["S", "q"]


def test_a_token_count_is_asked_for_without_what_only_an_answer_needs():
    said = b'{"model":"m","max_tokens":5,"stream":true,"temperature":0.5,"messages":[{"role":"user","content":"hi"}]}'
    request = ANTHROPIC.read_count_request(said)
    asked = ANTHROPIC.write_count_request(request, "claude-haiku-4-5", Profile())
    assert json.loads(asked) == {
        "model": "claude-haiku-4-5",
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert ANTHROPIC.read_token_count(b'{"input_tokens":7}') == 7
    with pytest.raises(PatchbayError, match="token count"):
        ANTHROPIC.read_token_count(b"[]")
