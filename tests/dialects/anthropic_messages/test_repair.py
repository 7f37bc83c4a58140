from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.anthropic_messages.families import family_of
from app.dialects.anthropic_messages.repair import (
    CONTINUE,
    NO_RESULT,
    OPENING,
    ORPHAN,
    Turn,
    repaired,
    thinking_would_fail,
)
from app.dialects.signatures import wrap
from app.domain.provider import MidSystem, Profile
from app.domain.request import CacheMark, Image, Message, Part, Role, Search, Text, Thinking, ToolCall, ToolResult

OLD, NEW = family_of("claude-opus-4-5"), family_of("claude-opus-4-8")
PROFILE = Profile(mid_system=MidSystem.INLINE)


def user(*parts: Part | str) -> Message:
    return Message(Role.USER, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts: Part | str) -> Message:
    return Message(Role.ASSISTANT, user(*parts).parts)


def system(*parts: Part | str) -> Message:
    return Message(Role.SYSTEM, user(*parts).parts)


def call(id: str) -> ToolCall:  # noqa: A002
    return ToolCall(id, "f", "{}")


def result(id: str, text: str = "r") -> ToolResult:  # noqa: A002
    return ToolResult(id, (Text(text),))


def turns(*messages: Message, family: object = OLD, dropped: list[str] | None = None) -> list[tuple[str, list[Part]]]:
    found = repaired((), messages, family, PROFILE, [] if dropped is None else dropped)[1]
    return [(turn.role.value, turn.parts) for turn in found]


def test_neighbors_of_one_role_are_merged() -> None:
    assert turns(user("a"), user("b"), assistant("c"), assistant("d"), user("e")) == [
        ("user", [Text("a"), Text("b")]),
        ("assistant", [Text("c"), Text("d")]),
        ("user", [Text("e")]),
    ]


def test_the_user_begins() -> None:
    assert turns(assistant("a"), user("b"))[0] == ("user", [Text(OPENING)])


def test_blank_texts_and_what_is_left_of_nothing_go() -> None:
    assert turns(user("a", "", " \n"), assistant(""), user("b")) == [("user", [Text("a"), Text("b")])]


def test_leading_instructions_are_the_system_text() -> None:
    texts, found = repaired((Text("S"), Text(" ")), [system("A", "B"), user("q")], OLD, PROFILE, [])
    assert texts == [Text("S"), Text("A"), Text("B")]
    assert len(found) == 1


def test_a_later_instruction_in_the_words_of_the_first_is_kept() -> None:
    texts, found = repaired((), [system("same"), user("q"), system("same")], NEW, PROFILE, [])
    assert (len(texts), len(found)) == (1, 2)


def test_a_request_of_instructions_alone_is_asked_by_the_user() -> None:
    assert repaired((Text("Say hi"),), [], OLD, PROFILE, [])[0] == []
    assert turns(system("Say hi")) == [("user", [Text("Say hi")])]
    assert turns() == [("user", [Text(OPENING)])]


REMINDER = Text("<system-reminder>\nlater\n</system-reminder>")


def test_a_later_instruction_is_a_reminder_in_the_users_turn() -> None:
    assert turns(user("hi"), system("later")) == [("user", [Text("hi"), REMINDER])]
    assert turns(user("a"), assistant("b"), system("later"), user("c"))[-1] == ("user", [REMINDER, Text("c")])
    marked = Text("later", CacheMark("1h"))
    assert turns(user("hi"), system(marked))[0][1][1] == Text(REMINDER.text, CacheMark("1h"))


def test_a_newer_model_takes_it_in_its_place_where_that_is_allowed() -> None:
    inline = turns(user("a"), system("later"), assistant("b"), user("c"), system("end"), family=NEW)
    assert [role for role, _ in inline] == ["user", "system", "assistant", "user", "system"]
    after_assistant = turns(user("a"), assistant("b"), system("later"), user("c"), family=NEW)
    assert [role for role, _ in after_assistant] == ["user", "assistant", "user"]
    before_user = turns(user("a"), system("later"), user("c"), family=NEW)
    assert before_user == [("user", [Text("a"), REMINDER, Text("c")])]
    assert turns(user("a"), system("x"), system("y"), family=NEW)[1] == ("system", [Text("x"), Text("y")])


def test_instructions_may_be_moved_to_the_front_on_request() -> None:
    merging = replace(PROFILE, mid_system=MidSystem.MERGE)
    texts, found = repaired((Text("S"),), [user("hi"), system("later"), user("you")], OLD, merging, [])
    assert texts == [Text("S"), Text("later")]
    assert [turn.parts for turn in found] == [[Text("hi"), Text("you")]]


def test_every_result_of_parallel_calls_is_in_one_message_in_the_order_of_the_calls() -> None:
    found = turns(user("q"), assistant(call("1"), call("2")), user(result("2")), user(result("1")), user("and?"))
    assert found[2] == ("user", [result("1"), result("2"), Text("and?")])


def test_what_the_user_said_before_the_results_stands_after_them() -> None:
    found = turns(user("q"), assistant(call("1")), user("meanwhile"), system("note"), user(result("1")))
    assert [type(part) for part in found[2][1]] == [ToolResult, Text, Text]


def test_a_missing_result_is_said_to_be_missing() -> None:
    missing = ToolResult("2", (Text(NO_RESULT),), is_error=True)
    found = turns(user("q"), assistant(call("1"), call("2")), user(result("1"), "go"))
    assert found[2] == ("user", [result("1"), missing, Text("go")])
    assert turns(user("q"), assistant(call("2")))[2] == ("user", [missing])
    assert turns(user("q"), assistant(call("2")), system("later"), family=NEW)[2][1][0] == missing


def test_a_second_result_of_one_call_goes_and_is_named() -> None:
    dropped: list[str] = []
    found = turns(user("q"), assistant(call("1")), user(result("1", "a"), result("1", "b")), dropped=dropped)
    assert found[2] == ("user", [result("1", "a")])
    assert dropped == ["messages: a second result of one tool call"]


def test_a_result_without_its_call_becomes_text() -> None:
    orphan = ToolResult("zz", (Text("lost"), Image(url="u"), Text("more")))
    assert turns(user(orphan)) == [("user", [Text(ORPHAN + "lost\nmore"), Image(url="u")])]


def test_ids_are_made_to_fit_on_both_sides() -> None:
    found = turns(user("q"), assistant(call("a:1|x")), user(result("a:1|x")))
    sent = found[1][1][0].id
    assert sent.startswith("a_1_x_")
    assert found[2][1][0].call_id == sent


def test_ids_that_come_again_are_told_apart() -> None:
    again = [assistant(call("c0"), call("c0")), user(result("c0", "a"), result("c0", "b"))]
    found = turns(user("q"), *again, *again)
    ids = [part.id for _, parts in found for part in parts if isinstance(part, ToolCall)]
    assert len(set(ids)) == 4
    answered = [
        (part.call_id, part.parts[0].text) for _, parts in found for part in parts if isinstance(part, ToolResult)
    ]
    assert answered == list(zip(ids, "abab", strict=True))


def test_only_thinking_that_the_vendor_signed_goes_back() -> None:
    ours = wrap("openai", "gpt")
    parts = (Thinking("a", "REAL"), Thinking("b"), Thinking("c", ours), Thinking(redacted="R"), Thinking(redacted=ours))
    assert turns(user("q"), assistant(*parts, "x"), user("y"))[1][1] == [parts[0], parts[3], Text("x")]


def test_a_search_is_no_part_of_a_request() -> None:
    assert turns(user("q"), assistant(Search("s"), "x"), user("y"))[1][1] == [Text("x")]


def test_a_beginning_of_the_answer_ends_without_white_space() -> None:
    assert turns(user("q"), assistant("The answer is \n"))[-1] == ("assistant", [Text("The answer is")])


def test_a_newer_model_is_asked_to_go_on_instead() -> None:
    assert turns(user("q"), assistant("The answer is "), family=NEW)[-1] == ("user", [Text(CONTINUE)])


@pytest.mark.parametrize(
    ("messages", "fails"),
    [
        ([user("q")], False),
        ([user("q"), assistant(call("1")), user(result("1"))], True),
        ([user("q"), assistant(Thinking("h", "S"), call("1")), user(result("1"))], False),
        ([user("q"), assistant(call("1")), user(result("1"), "new question")], False),
        ([user("q"), assistant(call("1")), user(result("1")), assistant("done"), user("next")], False),
        (
            [
                user("q"),
                assistant(call("1")),
                user(result("1")),
                assistant(Thinking("h", "S"), call("2")),
                user(result("2")),
            ],
            True,
        ),
        ([user("q"), assistant("The answer")], True),
    ],
)
def test_a_tool_loop_that_began_without_thinking_goes_on_without(messages: list[Message], fails: bool) -> None:
    found = repaired((), messages, OLD, PROFILE, [])[1]
    assert thinking_would_fail(found) is fails


PARTS = st.sampled_from(
    [Text("t"), Text(" "), call("1"), call("2"), result("1"), result("2"), result("9"), Thinking("h", "S")]
)
ALLOWED = {Role.USER: (Text, ToolResult), Role.ASSISTANT: (Text, ToolCall, Thinking), Role.SYSTEM: (Text,)}
MESSAGES = st.lists(
    st.sampled_from(list(Role)).flatmap(
        lambda role: st.lists(PARTS.filter(lambda part: isinstance(part, ALLOWED[role])), max_size=4).map(
            lambda parts: Message(role, tuple(parts))
        )
    ),
    max_size=8,
)


@given(MESSAGES, st.sampled_from([OLD, NEW]))
def test_whatever_a_client_sends_the_structure_holds(messages: list[Message], family: object) -> None:
    found = repaired((), messages, family, PROFILE, [])[1]
    assert found[0].role is Role.USER
    owed: list[str] = []
    before: Turn | None = None
    for turn in found:
        assert turn.parts
        assert before is None or before.role is not turn.role
        results = [part.call_id for part in turn.parts if isinstance(part, ToolResult)]
        assert results == owed
        assert all(isinstance(part, ToolResult) for part in turn.parts[: len(results)])
        assert all(part.text.strip() for part in turn.parts if isinstance(part, Text))
        owed = [part.id for part in turn.parts if isinstance(part, ToolCall)]
        before = turn
    assert owed == []
