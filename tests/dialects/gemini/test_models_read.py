from __future__ import annotations

import pytest

from app.dialects.gemini.models_read import read_models
from app.domain.errors import ErrorKind, PatchbayError


def test_only_models_that_answer_are_listed_and_without_their_prefix():
    body = b"""{"models":[{"name":"models/gemini-3.8-flash","supportedGenerationMethods":["x","generateContent"]},
        {"name":"models/embedding-001","supportedGenerationMethods":["embedContent"]},
        {"name":"models/gemini-3.8-flash"},{"name":"tuned"},{}],"nextPageToken":"x"}"""
    assert read_models(body) == ("gemini-3.8-flash", "tuned")
    assert read_models(b"{}") == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"models":{}}', b"\xff"])
def test_what_is_no_list_says_so(body: bytes):
    with pytest.raises(PatchbayError) as raised:
        read_models(body)
    assert raised.value.kind is ErrorKind.BAD_REPLY
