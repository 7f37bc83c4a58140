from __future__ import annotations

import json

import pytest

from app.dialects.gemini import wire_in as wire
from app.dialects.gemini.spelling import read_spelled
from app.domain.errors import PatchbayError


def spelled(value, kind=wire.RequestIn):
    return read_spelled(kind, json.dumps(value).encode())


def refused(value):
    with pytest.raises(PatchbayError) as raised:
        spelled(value)
    assert raised.value.message.startswith(f"{raised.value.param}: ")
    return raised.value.param


CAMEL = {
    "contents": [
        {
            "role": "user",
            "parts": [
                {"inlineData": {"mimeType": "image/png", "data": "x"}},
                {"functionCall": {"name": "f", "args": {"snake_key": {"inline_data": 1.50}}}},
                {"functionResponse": {"name": "f", "parts": [{"inlineData": {"mimeType": "a"}}]}},
            ],
        }
    ],
    "systemInstruction": {"parts": [{"text": "S", "thoughtSignature": "x"}]},
    "generationConfig": {"topK": 3, "thinkingConfig": {"includeThoughts": True}, "responseSchema": {"any_of": []}},
    "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"file_path": 1}}]}],
    "toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["a_b"]}},
}
SNAKE = {
    "contents": [
        {
            "role": "user",
            "parts": [
                {"inline_data": {"mime_type": "image/png", "data": "x"}},
                {"function_call": {"name": "f", "args": {"snake_key": {"inline_data": 1.50}}}},
                {"function_response": {"name": "f", "parts": [{"inline_data": {"mime_type": "a"}}]}},
            ],
        }
    ],
    "system_instruction": {"parts": [{"text": "S", "thought_signature": "x"}]},
    "generation_config": {"top_k": 3, "thinking_config": {"include_thoughts": True}, "response_schema": {"any_of": []}},
    "tools": [{"function_declarations": [{"name": "f", "parameters_json_schema": {"file_path": 1}}]}],
    "tool_config": {"function_calling_config": {"allowed_function_names": ["a_b"]}},
}


def test_both_spellings_say_the_same_and_what_is_the_clients_own_stays():
    assert spelled(SNAKE).value == spelled(CAMEL).value
    mixed = CAMEL | {"system_instruction": SNAKE["system_instruction"]}
    del mixed["systemInstruction"]
    assert spelled(mixed).value == spelled(CAMEL).value
    call = spelled(SNAKE).value.contents[0].parts[1].function_call
    assert bytes(call.args) == b'{"snake_key": {"inline_data": 1.5}}'


def test_one_object_stands_for_a_list_of_one():
    found = spelled({"contents": {"role": "user", "parts": {"text": "a"}}, "tools": {"google_search": {}}}).value
    assert found.contents[0].parts[0].text == "a"
    assert found.tools[0].google_search is not None


def test_numbers_may_stand_in_text():
    config = spelled({"generationConfig": {"maxOutputTokens": "500", "topK": 64.0, "candidateCount": 1.0}}).value
    assert (config.generation_config.max_output_tokens, config.generation_config.candidate_count) == (500, 1)


@pytest.mark.parametrize("given", ["S", [{"text": "S"}], {"parts": [{"text": "S"}]}])
def test_an_instruction_may_have_any_of_its_forms(given):
    found = spelled({"systemInstruction": given}).value.system_instruction
    if isinstance(found, wire.ContentIn):
        found = found.parts
    assert found == "S" or found == [wire.PartIn(text="S")]


def test_null_is_nothing():
    found = spelled(dict.fromkeys([*CAMEL, *SNAKE, "not_known"]))
    assert (found.value.contents, found.value.tools, found.unknown) == (None, None, ())


def test_what_google_has_not_is_named_as_it_was_spelled():
    found = spelled({"contents": [{"parts": [{"text": "a", "new_thing": 1}, {"new_thing": 2}]}], "other": {}})
    assert found.unknown == ("contents.parts.new_thing", "other")
    assert found.value.contents[0].parts == [wire.PartIn(text="a"), wire.PartIn()]


def test_errors_name_the_place_as_the_client_spelled_it():
    assert refused({"generation_config": {"max_output_tokens": "many"}}) == "generation_config.max_output_tokens"
    assert refused({"generationConfig": {"topP": []}}) == "generationConfig.topP"
    assert refused({"contents": [{}, {"parts": [{"inline_data": {"mime_type": 7}}]}]}) == (
        "contents.1.parts.0.inline_data.mime_type"
    )
    assert refused({"contents": {"parts": {"text": 7}}}) == "contents.parts.text"
    assert refused({"contents": "hello"}) == "contents"


def test_the_way_back_leaves_out_what_the_client_left_out():
    found = spelled({"tools": {"function_declarations": [{"name": "f"}, {"response_json_schema": {}}]}})
    assert found.path("tools.functionDeclarations.responseJsonSchema") == (
        "tools.function_declarations.response_json_schema"
    )
    assert found.path("tools.0.functionDeclarations.7.name") == "tools.function_declarations.7.name"
    assert found.path("generationConfig.seed") == "generationConfig.seed"


def test_a_member_in_both_spellings_is_refused():
    assert refused({"topK": 1, "generationConfig": {"topK": 1, "top_k": 2}}) == "generationConfig.top_k"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "empty"),
        (b"{", "byte 1"),
        (b"[]", "Expected object"),
        (b'{"contents":[],"contents":[]}', "twice"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "nested deeper"),
        (b'{"contents":"\xff"}', "UTF-8"),
        (b'{"x":1e999}', "too large"),
    ],
)
def test_what_is_no_proper_json_is_refused(body, text):
    with pytest.raises(PatchbayError, match=text):
        read_spelled(wire.RequestIn, body)


def test_half_an_emoji_is_replaced():
    for name in ("systemInstruction", "system_instruction"):
        body = b'{"%b":"a\\ud83d","contents":[{"parts":[{"text":"\\ud83d\\ude00"}]}]}' % name.encode()
        found = read_spelled(wire.RequestIn, body).value
        assert found.system_instruction == "a\ufffd"
        assert found.contents is not None
        assert found.contents[0].parts == [wire.PartIn(text="\U0001f600")]
