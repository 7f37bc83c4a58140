from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.gemini import GEMINI

SKIP = "skip_thought_signature_validator"


def ours(data=b"{}"):
    return base64.b64encode(signatures.wrap("anthropic", "m", data).encode()).decode()


def body(*signed, name="thoughtSignature"):
    parts = [{"functionCall": {"name": "f", "args": {}}, name: one} for one in signed]
    return json.dumps({"contents": [{"role": "model", "parts": parts}]}).encode()


def test_a_request_without_any_of_ours_is_the_same_object():
    for given_body in (body("c2ln"), body(), b"no json", b'{"a":"pxy1."}'):
        assert GEMINI.pass_request(given_body) is given_body


def test_ours_give_way_to_the_word_that_google_takes():
    assert GEMINI.pass_request(body(ours(), "c2ln", ours(b"[1]"))) == body(SKIP, "c2ln", SKIP)
    spelled = ours().replace("+", "-").replace("/", "_")
    assert GEMINI.pass_request(body(spelled, name="thought_signature")) == body(SKIP, name="thought_signature")


def test_a_text_that_speaks_of_one_stays():
    text = json.dumps({"thoughtSignature": ours()})
    whole = json.dumps({"contents": [{"parts": [{"text": text}]}]}).encode()
    assert GEMINI.pass_request(whole) == whole


@given(st.binary(max_size=40))
def test_every_envelope_is_known_by_its_beginning(data):
    given_body = body(base64.b64encode(signatures.PREFIX.encode() + data).decode())
    assert GEMINI.pass_request(given_body) == body(SKIP)
