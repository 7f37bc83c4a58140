from __future__ import annotations

import json

import pytest

from app.dialects.base import Peek
from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Role, Text

USER = [{"role": "user", "parts": [{"text": "q"}]}]


def read(contents=USER, **more):
    return GEMINI.read_request(json.dumps({"contents": contents} | more).encode())


def refused(read_it, kind=ErrorKind.INVALID_REQUEST):
    with pytest.raises(PatchbayError) as raised:
        read_it()
    assert raised.value.kind is kind
    assert raised.value.message.startswith(f"{raised.value.param}: ")
    return raised.value.param


def test_a_body_tells_neither_model_nor_stream():
    assert GEMINI.peek(json.dumps({"contents": USER, "model": "x", "stream": True}).encode()) == Peek("", stream=False)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a":1,"a":2}', b"[" * 300 + b"]" * 300])
def test_a_body_is_checked_before_it_is_routed(body):
    with pytest.raises(PatchbayError) as raised:
        GEMINI.peek(body)
    assert raised.value.kind is ErrorKind.INVALID_REQUEST


def test_a_request_of_curl_needs_nothing_but_a_text():
    request = GEMINI.read_request(b'{"contents":[{"parts":[{"text":"hi"}]}]}')
    assert [(one.role, one.parts) for one in request.messages] == [(Role.USER, (Text("hi"),))]
    assert request.model == ""
    assert request.dropped == ()


@pytest.mark.parametrize("body", [{}, {"contents": []}, {"contents": None}, {"systemInstruction": "S"}])
def test_contents_are_required(body):
    assert refused(lambda: GEMINI.read_request(json.dumps(body).encode())) == "contents"


@pytest.mark.parametrize(
    "given", ["S", {"parts": [{"text": "S"}]}, {"role": "system", "parts": {"text": "S"}}, [{"text": "S"}]]
)
def test_the_instruction_in_any_form(given):
    assert read(systemInstruction=given).system == (Text("S"),)
    assert read(system_instruction=given).system == (Text("S"),)


def test_an_instruction_is_text():
    picture = {"inlineData": {"mimeType": "image/png", "data": "x"}}
    assert refused(lambda: read(systemInstruction={"parts": [{"text": "a"}, picture]})) == "systemInstruction.parts.1"
    assert refused(lambda: read(system_instruction=[picture])) == "system_instruction.0"
    assert read(systemInstruction={"parts": [{"text": ""}, {"text": "hm", "thought": True}]}).system == ()


def test_what_google_alone_can_do_is_named_as_it_was_spelled():
    dropped = read(safetySettings=[{}], labels={"a": "b"}, service_tier="flex", store=False, news={"x": 1}).dropped
    assert set(dropped) == {"safetySettings", "labels", "service_tier", "store", "news"}


def test_a_context_that_is_kept_at_google_is_refused():
    assert refused(lambda: read(cached_content="cachedContents/x"), ErrorKind.UNSUPPORTED) == "cached_content"


class TestCounts:
    def count(self, **body):
        return GEMINI.read_count_request(json.dumps(body).encode())

    def test_of_contents_alone(self):
        assert self.count(contents=USER).messages[0].parts == (Text("q"),)

    def test_of_a_whole_request(self):
        inner = {"model": "models/m", "contents": USER, "systemInstruction": {"parts": [{"text": "S"}]}}
        request = self.count(generateContentRequest=inner)
        assert (request.model, request.system) == ("m", (Text("S"),))
        assert self.count(generate_content_request=inner) == request

    def test_not_of_both(self):
        assert refused(lambda: self.count(contents=USER, generateContentRequest={"contents": USER})) == "contents"

    def test_errors_name_the_inner_place(self):
        inner = {"contents": [{"role": "nobody"}]}
        assert refused(lambda: self.count(generate_content_request=inner)) == "generate_content_request.contents.0.role"
        assert refused(lambda: self.count(generateContentRequest={"contents": 7})) == "generateContentRequest.contents"
        assert refused(self.count) == "contents"
