from __future__ import annotations

import json

import pytest

from app.dialects.openai_responses.passing import pass_request
from app.dialects.openai_responses.sealed import seal_reasoning, seal_summary
from app.domain.request import Thinking

OURS = seal_reasoning(Thinking("why", "S"), "anthropic", "claude")
USER = {"type": "message", "role": "user", "content": "q"}


def body(*items, **more):
    return json.dumps({"model": "m", "input": list(items), **more}, indent=1).encode()


def passed(*items):
    return json.loads(pass_request(body(*items, stream=True)))


def reasoning(sealed):
    return {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": sealed}


@pytest.mark.parametrize(
    "given",
    [
        body(USER, reasoning("gAAAA")),
        body({**USER, "content": 'what is "pxy1.abc"?'}),
        body({**USER, "content": "pxy1."}),
        b'{"input":"pxy1."}',
        b'{"instructions":"pxy1.","input":[]}',
        b'{"broken":"pxy1.',
        b'["pxy1."]',
    ],
)
def test_what_is_not_ours_keeps_every_byte(given):
    assert pass_request(given) is given


def test_reasoning_of_another_vendor_is_left_out():
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":"\u00e9"}'}
    assert passed(USER, reasoning(OURS), call) == {"model": "m", "input": [USER, call], "stream": True}
    assert passed(reasoning(OURS))["input"] == []
    assert passed(reasoning("gAAAA"), reasoning(OURS), USER)["input"] == [reasoning("gAAAA"), USER]


def test_a_summary_of_ours_becomes_its_text():
    item = {"type": "compaction", "encrypted_content": seal_summary("They want tea.")}
    (found, after) = passed(item, USER)["input"]
    assert found["role"] == "user"
    assert found["content"][0]["text"].endswith("\nThey want tea.")
    assert after == USER
