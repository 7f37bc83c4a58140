from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind
from app.domain.request import Text, ToolCall
from tests.dialects.openai_chat.streams import call, chunk, end, failure, reply, road


def calls(*chunks):
    return [(part.id, part.name, part.arguments) for part in reply(*chunks, end(), on=road()).parts]


def test_by_index():
    found = calls(call(0, "a", "f", ""), call(1, "b", "g", ""), call(1, arguments="{}"), call(0, arguments='{"x":1}'))
    assert found == [("a", "f", '{"x":1}'), ("b", "g", "{}")]


def test_every_call_has_index_zero_and_an_id_of_its_own():
    found = calls(call(0, "a", "f", '{"x":'), call(0, arguments="1}"), call(0, "b", "f", "{}"), call(0, "c", "f", "{}"))
    assert found == [("a", "f", '{"x":1}'), ("b", "f", "{}"), ("c", "f", "{}")]


def test_id_and_name_are_repeated_in_every_chunk():
    found = calls(call(0, "a", "f", '{"x":'), call(0, "a", "f", "1"), call(0, "a", "f", "}"))
    assert found == [("a", "f", '{"x":1}')]


def test_without_an_index_the_id_decides():
    found = calls(
        call(None, "a", "f", "{"), call(None, "b", "g", "{"), call(None, "a", None, "}"), call(None, "b", None, "}")
    )
    assert found == [("a", "f", "{}"), ("b", "g", "{}")]


def test_without_index_and_id_each_named_call_is_its_own():
    found = calls(call(None, None, "f", '{"x":'), call(None, None, None, "1}"), call(None, None, "f", '{"x":2}'))
    assert [one[1:] for one in found] == [("f", '{"x":1}'), ("f", '{"x":2}')]
    assert len({one[0] for one in found}) == 2
    assert all(one[0].startswith("toolu_") for one in found)


def test_index_zero_without_ids_each_named_call_is_its_own():
    found = calls(call(0, None, "f", '{"x":1}'), call(0, None, "f", '{"x":2}'))
    assert [one[1:] for one in found] == [("f", '{"x":1}'), ("f", '{"x":2}')]


def test_an_id_that_comes_late_is_taken():
    assert calls(call(0, None, "f"), call(0, "a", None, "{}")) == [("a", "f", "{}")]


def test_a_name_in_pieces():
    assert calls(call(0, "a", "get_"), call(0, None, "weather"), call(0, None, None, "{}")) == [
        ("a", "get_weather", "{}")
    ]
    assert calls(call(0, "a", "get_"), call(0, "a", "get_weather"), call(0, "a", "get_weather", "{}")) == [
        ("a", "get_weather", "{}")
    ]


def test_a_call_without_a_name_gets_one_and_a_call_without_anything_none():
    assert calls(call(0, "a", None, "{}"), call(1, "b")) == [("a", "tool_0", "{}"), ("b", "tool_1", "{}")]
    assert calls(call(0), call(1, "b", "f", "{}")) == [("b", "f", "{}")]


def test_the_same_id_twice_gets_a_suffix():
    first, second = call(0, "a", "f", "{}"), call(1, "a", "g", "{}")
    assert [one[0] for one in calls(first, second)] == ["a", "a_2"]


def test_arguments_as_an_object():
    assert calls(call(0, "a", "f", {"ü": [1]})) == [("a", "f", '{"ü":[1]}')]
    assert calls(call(0, "a", "f", {})) == [("a", "f", "{}")]


def test_the_old_function_call():
    found = calls(
        chunk({"function_call": {"name": "f", "arguments": '{"x"'}}), chunk({"function_call": {"arguments": ":1}"}})
    )
    assert [one[1:] for one in found] == [("f", '{"x":1}')]


def test_a_free_text_tool():
    def custom(**members):
        return chunk({"tool_calls": [{"index": 0, "type": "custom", **members}]})

    found = calls(custom(id="a", custom={"name": "p", "input": "*** "}), custom(custom={"input": 'Be"gin'}))
    assert found == [("a", "p", '{"input":"*** Be\\"gin"}')]


@pytest.mark.parametrize("late", ['{"x":1}', " "])
def test_complete_arguments_may_come_again(late):
    parts = reply(call(0, "a", "f", '{"x":1}'), chunk({"content": "."}), call(0, None, None, late), end()).parts
    assert parts == (ToolCall("a", "f", '{"x":1}'), Text("."))


def test_other_arguments_after_complete_ones_are_a_bad_reply():
    error = failure(call(0, "a", "f", "{}"), call(1, "b", "f", "{}"), call(0, None, None, '{"x":1}'), end()).error
    assert error.kind is ErrorKind.BAD_REPLY
