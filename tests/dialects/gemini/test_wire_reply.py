from __future__ import annotations

import json

import msgspec
import pytest
from google.genai import types

from app.dialects.gemini.wire_reply import Answer
from tests.dialects.gemini.answers import call, end, text, thought

ANSWER = msgspec.json.Decoder(Answer)


@pytest.mark.parametrize(
    ("body", "failed"),
    [(b"{}", False), (b'{"error":null}', False), (b'{"error":{}}', False), (b'{"error":{"code":1}}', True)],
)
def test_an_error_is_told_from_an_answer(body: bytes, failed: bool):
    assert ANSWER.decode(body).failed() is failed


def test_the_members_we_read_are_google_s():
    given = end(thought("hm"), text("a", "c2ln"), call("f", {"x": 1}, "c1"))
    typed = types.GenerateContentResponse.model_validate(given)
    found = ANSWER.decode(json.dumps(given).encode())
    assert (found.response_id, found.model_version) == (typed.response_id, typed.model_version)
    known = {name for struct in (Answer,) for name in struct.__struct_encode_fields__}
    assert known - {"error"} <= {field.alias for field in types.GenerateContentResponse.model_fields.values()}
