from __future__ import annotations

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from app.dialects.names import ToolNames, tool_id


def test_an_id_that_conforms_is_left_alone() -> None:
    assert tool_id("toolu_01Abc-9") == "toolu_01Abc-9"
    assert tool_id("x" * 200) == "x" * 200
    assert tool_id("x" * 64, 64) == "x" * 64


def test_any_other_id_is_cleaned_and_hashed() -> None:
    assert tool_id("call:1|a.b") == "call_1_a_b_" + hashlib.sha256(b"call:1|a.b").hexdigest()[:8]
    assert tool_id("x" * 65, 64) == "x" * 55 + "_" + tool_id("x" * 65, 64)[-8:]
    assert tool_id("") == "_e3b0c442"


def test_a_limit_of_nine_gives_nine_letters_and_digits() -> None:
    assert tool_id("abcDEF123", 9) == "abcDEF123"
    assert re.fullmatch(r"[a-f0-9]{9}", tool_id("toolu_01", 9))
    assert re.fullmatch(r"[a-f0-9]{9}", tool_id("abc_EF123", 9))


@given(st.text(), st.sampled_from([0, 9, 40, 64, 256]))
def test_every_id_conforms_and_is_the_same_each_time(given_id: str, limit: int) -> None:
    made = tool_id(given_id, limit)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", made)
    assert not limit or len(made) <= limit
    assert made == tool_id(given_id, limit) == tool_id(made, limit)


def test_only_names_that_had_to_change_are_in_the_map() -> None:
    names = ToolNames(["Bash", "mcp.server/tool"])
    assert names.upstream("Bash") == "Bash"
    changed = names.upstream("mcp.server/tool")
    assert names.map().to_client == {changed: "mcp.server/tool"}
    assert names.map().client(changed) == "mcp.server/tool"
    assert names.map().client("Bash") == "Bash"


def test_names_of_the_history_are_mapped_too() -> None:
    names = ToolNames([])
    made = names.upstream("n" * 80)
    assert len(made) == 64
    assert names.map().client(made) == "n" * 80


@given(st.lists(st.text(alphabet="ab./-_#1", max_size=80), unique=True, max_size=12), st.sampled_from([20, 64]))
def test_two_names_never_meet(given_names: list[str], limit: int) -> None:
    names = ToolNames(given_names, limit)
    made = [names.upstream(name) for name in given_names]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) and len(name) <= limit for name in made)
    assert [names.map().client(name) for name in made] == given_names


def test_a_name_that_conforms_keeps_its_place_before_one_that_was_made() -> None:
    made = ToolNames(["a.b"]).upstream("a.b")
    names = ToolNames(["a.b", made])
    assert names.upstream(made) == made
    assert names.upstream("a.b") != made


@given(st.lists(st.text(min_size=1)))
def test_names_for_functions_begin_with_a_letter_and_come_back(given_names: list[str]) -> None:
    names = ToolNames(given_names, no_digit_first=True)
    made = [names.upstream(name) for name in given_names]
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", name) for name in made)
    assert [names.map().client(name) for name in made] == given_names
    assert names.upstream("Bash") == "Bash" or "Bash" in made
    assert names.upstream("7zip").startswith("_7zip_")
