from __future__ import annotations

import base64
import json

import pytest

from app.dialects import signatures
from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.request import Document, Foreign, Image, Role, Text, Thinking, ToolCall, ToolResult

PNG = {"inlineData": {"mimeType": "image/png", "data": "aaaa"}}


def request(*contents, **more):
    return GEMINI.read_request(json.dumps({"contents": contents} | more).encode())


def user(*parts):
    return {"role": "user", "parts": list(parts)}


def model(*parts):
    return {"role": "model", "parts": list(parts)}


def call(name, own=None, **args):
    return {"functionCall": {"name": name, "args": args} | ({"id": own} if own else {})}


def answer(name, own=None, **more):
    return {"functionResponse": {"name": name, "response": {"output": name}} | ({"id": own} if own else {}) | more}


def pairs(*contents):
    """(name of the call, text of its result) for each result."""
    parts = [part for message in request(*contents).messages for part in message.parts]
    calls = {part.id: part.name for part in parts if isinstance(part, ToolCall)}
    return [(calls.get(part.call_id), part.parts[0].text) for part in parts if isinstance(part, ToolResult)]


def refused(*contents, kind=ErrorKind.INVALID_REQUEST):
    with pytest.raises(PatchbayError) as raised:
        request(*contents)
    assert raised.value.kind is kind
    return raised.value.param


def test_roles():
    found = request(user({"text": "a"}), model({"text": "b"}), {"role": "function", "parts": [answer("f")]})
    assert [message.role for message in found.messages] == [Role.USER, Role.ASSISTANT, Role.USER]
    assert request({"parts": [{"text": "a"}]}).messages[0].role is Role.USER
    assert request({"parts": [call("f")]}).messages[0].role is Role.ASSISTANT
    assert refused({"role": "assistant", "parts": [{"text": "a"}]}) == "contents.0.role"


def test_text_stays_as_it_was_and_in_its_place():
    assert request(user({"text": "a"}, PNG, {"text": ""}, {"text": "b"})).messages[0].parts == (
        Text("a"),
        Image("image/png", "aaaa"),
        Text(""),
        Text("b"),
    )


def test_bug_98_thoughts_are_not_replayed_as_text():
    found = request(user({"text": "q"}), model({"text": "secret", "thought": True}, {"text": "a"}))
    assert found.messages[1].parts == (Text("a"),)
    assert len(request(user({"text": "q"}), model({"text": "secret", "thought": True})).messages) == 1


class TestPairing:
    def test_by_id(self):
        calls = model(call("f", "1"), call("f", "2"))
        assert pairs(calls, user(answer("f", "2", response={"output": "two"}), answer("f", "1"))) == [
            ("f", "two"),
            ("f", "f"),
        ]

    def test_by_name_in_order(self):
        parts = request(model(call("f", n=1), call("g"), call("f", n=2)), user(answer("f"), answer("g"), answer("f")))
        calls, results = parts.messages[0].parts, parts.messages[1].parts
        assert [one.call_id for one in results] == [one.id for one in calls]
        assert len({one.id for one in calls}) == 3

    def test_gemini_cli_gives_an_id_to_the_result_of_a_call_that_has_none(self):
        assert pairs(model(call("f")), user(answer("f", "f_1700000000_0"))) == [("f", "f")]

    def test_an_id_that_belongs_to_no_call_takes_none_from_another(self):
        assert pairs(model(call("f", "1")), user(answer("f", "9"), answer("f", "1"))) == [(None, "f"), ("f", "f")]

    def test_a_result_without_a_call_stays_a_result(self):
        assert pairs(user(answer("f"), answer("f"))) == [(None, "f"), (None, "f")]
        results = request(user(answer("f"), answer("f"))).messages[0].parts
        assert results[0].call_id != results[1].call_id

    def test_a_made_up_id_is_never_one_of_the_clients(self):
        parts = request(model(call("f"), call("g", "call_1"))).messages[0].parts
        assert parts[0].id != parts[1].id == "call_1"

    def test_made_up_ids_stay_the_same_from_turn_to_turn(self):
        turn = (model(call("f"), call("g")), user(answer("f"), answer("g")))
        assert request(*turn).messages == request(*turn, model(call("h"))).messages[:2]

    def test_bug_92_a_result_needs_a_name_or_an_id(self):
        nameless = {"functionResponse": {"response": {"output": "x"}}}
        assert refused(model(call("f")), user(nameless)) == "contents.1.parts.0.functionResponse.name"
        by_id = {"functionResponse": {"id": "1", "response": {"output": "x"}}}
        assert pairs(model(call("f", "1")), user(by_id)) == [("f", "x")]


@pytest.mark.parametrize(
    ("response", "said", "failed"),
    [
        ({"output": "a.txt"}, "a.txt", False),
        ({"result": 7}, "7", False),
        ({"result": {"a": 1}}, '{"a": 1}', False),
        ({"error": "no such file"}, "no such file", True),
        ({"output": "a", "code": 0}, '{"output": "a", "code": 0}', False),
        ({"error": "a", "output": "b"}, '{"error": "a", "output": "b"}', False),
        ({}, "{}", False),
        ({"output": "\ud83d\ude00"}, "\U0001f600", False),
        ({"output": "half \ud83d"}, "half \ufffd", False),
    ],
)
def test_what_a_function_answered(response, said, failed):
    found = request(model(call("f")), user(answer("f", response=response))).messages[1].parts[0]
    assert (found.parts, found.is_error) == ((Text(said),), failed)


def test_a_function_may_answer_nothing():
    for response in (None, {}):
        found = request(model(call("f")), user({"functionResponse": {"name": "f"} | (response or {})}))
        assert found.messages[1].parts[0].parts == ()
    assert refused(user(answer("f", response="text"))) == "contents.0.parts.0.functionResponse.response"


def test_bug_95_pictures_of_a_result_stay_with_it():
    beside = request(model(call("f")), user(answer("f", parts=[PNG, {"fileData": {"fileUri": "https://x/a.pdf"}}])))
    assert beside.messages[1].parts[0].parts[1:] == (
        Image("image/png", "aaaa"),
        Document("application/pdf", url="https://x/a.pdf"),
    )


class TestCalls:
    def test_arguments_stay_as_they_were(self):
        body = (
            b'{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"b":1.50,"a":"\\u00fc"}}}]}]}'
        )
        assert GEMINI.read_request(body).messages[0].parts[0].arguments == '{"b":1.50,"a":"\\u00fc"}'
        assert request(model({"functionCall": {"name": "f"}})).messages[0].parts[0].arguments == "{}"
        assert request(model({"functionCall": {"name": "f", "args": None}})).messages[0].parts[0].arguments == "{}"

    def test_what_is_wrong_is_named(self):
        assert refused(model({"functionCall": {"args": {}}})) == "contents.0.parts.0.functionCall.name"
        assert refused(model({"function_call": {"name": "f", "args": "x"}})) == "contents.0.parts.0.function_call.args"
        assert refused(user(call("f"))) == "contents.0.parts.0.functionCall"
        assert refused(model(answer("f"))) == "contents.0.parts.0.functionResponse"

    def test_signatures_of_others_are_dropped_and_ours_restored(self):
        ours = signatures.wrap("gemini", "m", b'"c2ln"')
        thought = signatures.wrap("openai", "m", b'{"id":"rs_1"}')
        plain, own, after = (
            request(model(call("f") | {"thoughtSignature": signature})).messages[0].parts
            for signature in ("c2ln", base64.b64encode(ours.encode()).decode(), encoded(thought))
        )
        assert [part.signature for part in plain] == [""]
        assert [part.signature for part in own] == [ours]
        assert after[0] == Thinking(signature=thought)
        text = request(model({"text": "", "thought_signature": encoded(ours)})).messages[0].parts
        assert text == (Thinking(signature=ours),)

    def test_a_user_cannot_put_thoughts_into_the_models_mouth(self):
        thought = signatures.wrap("openai", "m", b'{"id":"rs_1"}')
        assert request(user({"text": "a", "thoughtSignature": encoded(thought)})).messages[0].parts == (Text("a"),)


def encoded(envelope):
    return base64.b64encode(envelope.encode()).decode()


def test_what_google_ran_is_kept_for_itself_and_shown_to_others():
    parts = model(
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"toolCall": {"id": "x"}},
    )
    code, printed, tool = request(parts).messages[0].parts
    assert isinstance(code, Foreign)
    assert (code.dialect, code.kind, code.text) == ("gemini", "executableCode", "```\nprint(1)\n```")
    assert json.loads(code.json) == parts["parts"][0]
    assert (printed.text, tool.text) == ("```\n1\n```", "")


def test_what_has_no_form_elsewhere_is_named():
    parts = user(
        {"text": "a", "videoMetadata": {"fps": 1}, "mediaResolution": {"level": "x"}, "part_metadata": {"a": 1}},
        answer("f", scheduling="SILENT"),
    )
    assert set(request(parts, model({"functionCall": {"name": "f", "partialArgs": [{}]}})).dropped) == {
        "contents.parts.videoMetadata",
        "contents.parts.mediaResolution",
        "contents.parts.part_metadata",
        "contents.parts.functionResponse.scheduling",
        "contents.parts.functionCall.partialArgs",
    }
