from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import DIALECTS, dialect
from app.dialects.base import ModelEntry, Operation
from app.dialects.openai_chat import OPENAI_CHAT
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import DialectName

OPUS = ModelEntry("claude-opus-4-8", "Opus", "anthropic", 1_790_000_000)


def test_it_is_listed():
    assert OPENAI_CHAT in DIALECTS
    assert dialect(DialectName.OPENAI_CHAT) is OPENAI_CHAT


def test_paths_stand_below_a_base_address_with_its_version():
    assert OPENAI_CHAT.path(Operation.CHAT, "m") == "/chat/completions"
    assert OPENAI_CHAT.path(Operation.MODELS, "") == "/models"
    assert OPENAI_CHAT.path(Operation.MODEL, "a/b c") == "/models/a/b%20c"


def test_there_is_no_token_count():
    for ask in (lambda: OPENAI_CHAT.write_token_count(3), lambda: OPENAI_CHAT.path(Operation.COUNT_TOKENS, "m")):
        with pytest.raises(PatchbayError) as raised:
            ask()
        assert raised.value.kind is ErrorKind.PATH_NOT_FOUND


def test_what_passes_through_is_the_same_object():
    body = b'{"model":"m"}'
    assert OPENAI_CHAT.pass_request(body) is body


def test_models_both_ways():
    assert OPENAI_CHAT.read_models(OPENAI_CHAT.write_models([OPUS])) == (OPUS.id,)
    assert json.loads(OPENAI_CHAT.write_model(OPUS))["id"] == OPUS.id


def body(*messages):
    return json.dumps(
        {"model": "m", "messages": list(messages), "tools": [{"type": "function", "function": {}}]}
    ).encode()


def message(said):
    return {"role": "user", "content": said}


@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=20))
def test_the_next_turn_shares_all_pieces_but_the_last(said, more):
    first = OPENAI_CHAT.split(body(*map(message, said)))
    second = OPENAI_CHAT.split(body(*map(message, [*said, more])))
    assert b"".join(first) == body(*map(message, said))
    assert second[: len(said)] == first[: len(said)]
    texts = [text for piece in second for text in OPENAI_CHAT.prompt_texts(piece)]
    assert texts == [text for text in [*said, more] if text.strip()]


def test_calls_can_be_searched_for_and_pictures_cannot():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"path":"/etc/hosts"}'}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    pieces = OPENAI_CHAT.split(
        body(
            message([{"type": "text", "text": "see"}, picture]),
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "localhost"},
        )
    )
    texts = "\n".join(text for piece in pieces for text in OPENAI_CHAT.prompt_texts(piece))
    assert "see" in texts
    assert "/etc/hosts" in texts
    assert "localhost" in texts
    assert "AAAA" not in texts
