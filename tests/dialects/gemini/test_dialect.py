from __future__ import annotations

import json

import pytest

from app.dialects import DIALECTS
from app.dialects.base import Operation, Road
from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import Reply, StopReason
from app.domain.provider import DialectName


def body(contents, **more):
    system = {"role": "user", "parts": [{"text": "be brief"}]}
    tools = [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object"}}]}]
    whole = {"contents": contents, "systemInstruction": system, "tools": tools, "generationConfig": {"topK": 64}}
    return json.dumps(whole | more, ensure_ascii=False).encode()


def turns(count):
    return [{"role": ("user", "model")[index % 2], "parts": [{"text": f"turn {index}"}]} for index in range(count)]


def test_it_is_listed():
    assert GEMINI in DIALECTS
    assert GEMINI.name is DialectName.GEMINI


@pytest.mark.parametrize("prefix", ["", "/v1beta", "/v1", "/v1alpha", "/v1beta1"])
def test_every_prefix_serves_every_operation(prefix):
    served = {(one.method, one.path): (one.operation, one.stream) for one in GEMINI.endpoints}
    model = f"{prefix}/models/{{model}}"
    assert served["POST", f"{model}:generateContent"] == (Operation.CHAT, False)
    assert served["POST", f"{model}:streamGenerateContent"] == (Operation.CHAT, True)
    assert served["POST", f"{model}:countTokens"] == (Operation.COUNT_TOKENS, False)
    assert served["GET", f"{prefix}/models"] == (Operation.MODELS, None)
    assert served["GET", model] == (Operation.MODEL, None)
    assert len(served) == len(GEMINI.endpoints) == 25


def test_the_paths_of_an_upstream_name_the_model_and_whether_it_streams():
    assert GEMINI.path(Operation.CHAT, "gemini-3-pro") == "/v1beta/models/gemini-3-pro:generateContent"
    assert GEMINI.path(Operation.CHAT, "models/m", stream=True) == "/v1beta/models/m:streamGenerateContent"
    assert GEMINI.path(Operation.COUNT_TOKENS, "a/b c") == "/v1beta/models/a%2Fb%20c:countTokens"
    assert GEMINI.path(Operation.MODELS, "") == "/v1beta/models"
    assert GEMINI.path(Operation.MODEL, "m") == "/v1beta/models/m"


def test_there_is_no_compaction():
    for ask in (
        lambda: GEMINI.path(Operation.COMPACT, "m"),
        lambda: GEMINI.read_compact_request(b"{}"),
        lambda: GEMINI.write_compact_reply(Reply("", "", (), StopReason.END_TURN), Road("m", "m")),
    ):
        with pytest.raises(PatchbayError) as raised:
            ask()
        assert raised.value.kind is ErrorKind.PATH_NOT_FOUND


def test_the_model_stands_in_the_path_so_the_body_is_not_touched():
    given = body(turns(1))
    assert GEMINI.with_model(given, "other") is given


def test_a_token_count_is_read_back():
    assert GEMINI.read_token_count(GEMINI.write_token_count(12)) == 12
    for broken in (b"", b"{}", b'{"totalTokens":"x"}', b"[" * 9000):
        with pytest.raises(PatchbayError) as raised:
            GEMINI.read_token_count(broken)
        assert raised.value.kind is ErrorKind.BAD_REPLY


def test_a_conversation_with_one_more_turn_shares_every_piece_but_the_new_one():
    before, after = GEMINI.split(body(turns(9))), GEMINI.split(body(turns(10)))
    assert b"".join(after) == body(turns(10))
    assert len(set(after) - set(before)) == 1


def test_the_instruction_is_a_piece_in_either_spelling():
    for name in ("systemInstruction", "system_instruction"):
        whole = body([], **{name: {"parts": [{"text": "long " * 9}]}})
        assert json.dumps({"parts": [{"text": "long " * 9}]}).encode() in GEMINI.split(whole)


def test_a_long_turn_is_cut_between_its_parts():
    parts = [{"text": "x" * 5000}, {"text": "y"}]
    before = GEMINI.split(body([{"role": "user", "parts": parts}]))
    after = GEMINI.split(body([{"role": "user", "parts": [*parts, {"text": "z"}]}]))
    assert sum(map(len, set(after) - set(before))) < 50


def test_what_was_said_called_and_answered_is_found_and_nothing_else():
    contents = [
        {"role": "user", "parts": [{"text": "said"}, {"inlineData": {"mimeType": "image/png", "data": "aGlkZGVu"}}]},
        {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "f", "args": {"a": ["called"]}}}]},
        {"role": "user", "parts": [{"function_response": {"id": "c1", "response": {"output": "answered"}}}]},
    ]
    found = [text for piece in GEMINI.split(body(contents)) for text in GEMINI.prompt_texts(piece)]
    assert found == ["said", "called", "answered", "be brief"]
