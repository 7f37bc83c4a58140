"""Which texts are instructions and which turns say anything, whatever the upstream."""

from __future__ import annotations

import pytest

from app.dialects.notes import Notes
from app.dialects.turns import instructions, says, speaking
from app.domain.provider import MidSystem, Profile
from app.domain.request import CacheMark, Foreign, Image, Message, Request, Role, Search, Text, Thinking, ToolCall

USER = Message(Role.USER, (Text("hi"),))
LATER = Message(Role.SYSTEM, (Text("be brief", CacheMark()), Foreign("x", "kind", b"{}")))


def asked(*messages):
    first = Text("x-anthropic-billing-header: cc_version=1"), Text("be kind")
    return Request("m", messages, system=first)


@pytest.mark.parametrize("style", [one for one in MidSystem if one is not MidSystem.MERGE])
def test_later_words_of_the_system_stay_in_their_place(style):
    texts, messages = instructions(asked(USER, LATER), Profile(mid_system=style))
    assert (texts, messages) == ([Text("be kind")], [USER, LATER])


def test_later_words_go_to_the_instructions_where_the_upstream_wants_them_there():
    texts, messages = instructions(asked(USER, LATER, USER), Profile(mid_system=MidSystem.MERGE))
    assert (texts, messages) == ([Text("be kind"), Text("be brief", CacheMark())], [USER, USER])


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Text("a"), True),
        (Text(""), False),
        (Thinking("hm"), False),
        (Search(query="q"), False),
        (ToolCall("id", "name", "{}"), True),
        (Image("image/png", "AA"), True),
    ],
)
def test_what_says_something(part, said):
    assert says(part) is said


def test_an_answer_has_no_picture_and_nothing_is_left_of_one_that_was_but_that():
    picture, notes = Image("image/png", "AA"), Notes()
    assert list(speaking(Message(Role.USER, (picture,)), notes)) == [Message(Role.USER, (picture,))]
    assert notes.dropped == []
    assert list(speaking(Message(Role.ASSISTANT, (picture, Thinking("hm"))), notes)) == []
    assert notes.dropped == ["messages: a picture or document of the assistant's"]
    answer = Message(Role.ASSISTANT, (Text("a"), picture))
    assert list(speaking(answer, Notes())) == [Message(Role.ASSISTANT, (Text("a"),))]
