from __future__ import annotations

import gzip
import json

from app.control.conversation import conversation
from app.control.conversation.turns import BlockKind, Speaker
from app.domain.exchange import StoredSide
from tests.control.conversation.samples import detail, side
from tests.control.conversation.test_reply import ANTHROPIC_STREAM

REQUEST = {"messages": [{"role": "user", "content": "Hi"}], "tools": [{"name": "Bash"}]}


def test_request_and_reply_become_turns():
    made = conversation(detail(REQUEST, ANTHROPIC_STREAM))
    assert [(turn.speaker, turn.is_reply) for turn in made.turns] == [
        (Speaker.USER, False),
        (Speaker.ASSISTANT, True),
    ]
    assert made.tools == ("Bash",)
    assert made.notes == ()


def test_a_compressed_reply_is_opened_and_one_only_called_so_is_taken_as_it_is():
    coded = (("Content-Encoding", "gzip"),)
    for body in (gzip.compress(ANTHROPIC_STREAM), ANTHROPIC_STREAM):
        made = conversation(detail(REQUEST, client_reply=side(body, headers=coded)))
        assert made.turns[-1].blocks[1].text == "Grüezi"


def test_the_upstream_side_stands_in_for_a_lost_client_side():
    upstream = side(json.dumps(REQUEST).encode())
    made = conversation(detail(client_request=side(dropped=True), upstream_request=upstream, answer="Hello"))
    assert made.turns[0].blocks[0].text == "Hi"
    assert made.turns[-1].blocks[0].text == "Hello"
    assert made.notes == ()


def test_what_is_missing_is_said():
    made = conversation(detail(client_request=side(dropped=True)))
    assert made.turns == ()
    assert made.notes == (
        "The request's body was removed to keep the history within its size.",
        "The reply's body was not recorded.",
    )
    assert "Raw tab" in conversation(detail(client_request=side(b"\x00"))).notes[0]


def test_a_large_body_is_read_by_the_decoder_that_lets_others_run():
    text = 'say "hi"\n\u2028' * 80_000
    made = conversation(detail({"messages": [{"role": "user", "content": text}]}, ANTHROPIC_STREAM))
    assert made.turns[0].blocks[0].text == text
    assert made.turns[-1].blocks[2].kind is BlockKind.TOOL_CALL


def test_nesting_without_end_is_said_and_not_raised():
    body = "x"
    for _ in range(400):
        body = [{"type": "tool_result", "content": body}]
    made = conversation(detail({"messages": [{"role": "user", "content": body}]}))
    assert made.turns == ()
    assert "nested too deeply" in made.notes[0]


def test_a_reply_that_is_stored_with_another_side_is_read_in_the_clients_dialect():
    same = StoredSide(size_bytes=9, same_as="upstream_reply")
    made = conversation(detail(REQUEST, client_reply=same, upstream_reply=side(ANTHROPIC_STREAM)))
    assert [block.text for block in made.turns[-1].blocks][:2] == ["Hmm", "Grüezi"]
    circular = StoredSide(size_bytes=9, same_as="client_reply")
    assert conversation(detail(REQUEST, client_reply=circular)).turns[-1].speaker is Speaker.USER
