from __future__ import annotations

import msgspec

from app.dialects.gemini import wire_in as wire


def test_null_and_nothing_are_not_given():
    assert not wire.given(wire.NOTHING)
    assert not wire.given(msgspec.Raw(b"null"))
    assert wire.given(msgspec.Raw(b"0"))


def test_members_bear_googles_names():
    names = {member.encode_name for member in msgspec.structs.fields(wire.GenerationConfigIn)}
    assert {"maxOutputTokens", "topK", "responseJsonSchema", "thinkingConfig", "responseLogprobs"} <= names
