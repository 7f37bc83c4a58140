from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConfigError
from app.store.config.rows import put_rows

TEXT = """\
# The whole file
[config]
port = 8083

# Long prompts go
# to the long window.
[[route]]
name = "long"  # by size
min_tokens = "60k"
to = "Up"
mine = 7

[route.notes]
why = "because"

[[provider]]
name = "Up"

# Quick ones
[[route]]
name = "quick"
to = ["Down"]
"""
LONG = {"name": "long", "to": ["Up"], "min_tokens": 60_000}
QUICK = {"name": "quick", "to": ["Down"], "min_tokens": None}
NEW = {"name": "new", "to": ["Up", "Down"], "min_tokens": None}


def routes(text):
    return [one["name"] for one in tomllib.loads(text).get("route", ())]


def test_nothing_to_do_changes_nothing():
    assert put_rows(TEXT, "route", [LONG, QUICK], [LONG, QUICK]) == TEXT


def test_a_row_moves_with_its_comment_its_spelling_and_what_is_below_it():
    after = put_rows(TEXT, "route", [LONG, QUICK], [QUICK, LONG])
    assert routes(after) == ["quick", "long"]
    assert "# Long prompts go\n# to the long window.\n[[route]]" in after
    assert 'min_tokens = "60k"' in after
    assert tomllib.loads(after)["route"][1]["notes"] == {"why": "because"}
    assert sorted(filter(None, after.split("\n"))) == sorted(filter(None, TEXT.split("\n")))


def test_a_change_touches_the_keys_that_differ():
    after = put_rows(TEXT, "route", [LONG, QUICK], [{**LONG, "name": "longer", "to": ["Down"]}, QUICK])
    gone = [line for line in TEXT.split("\n") if line not in after.split("\n")]
    assert gone == ['name = "long"  # by size', 'to = "Up"']
    assert 'name = "longer"  # by size' in after
    assert "mine = 7" in after
    without = put_rows(TEXT, "route", [LONG, QUICK], [{**LONG, "min_tokens": None}, QUICK])
    assert "min_tokens" not in without


def test_a_row_that_goes_takes_its_comment_along():
    after = put_rows(TEXT, "route", [LONG, QUICK], [QUICK])
    assert routes(after) == ["quick"]
    assert "Long prompts" not in after
    assert "because" not in after
    assert "# Quick ones\n[[route]]" in after
    assert "[route.notes]" not in after


def test_a_new_row_comes_after_the_last_or_at_the_end():
    after = put_rows(TEXT, "route", [LONG, QUICK], [LONG, QUICK, NEW])
    assert after.startswith(TEXT)
    assert after.endswith('\n\n[[route]]\nname = "new"\nto = ["Up", "Down"]\n')
    assert put_rows("", "route", [], [NEW]) == '[[route]]\nname = "new"\nto = ["Up", "Down"]\n'
    assert put_rows("[config]\nport = 1", "route", [], [NEW]).startswith("[config]\nport = 1\n\n[[route]]\n")
    between = put_rows("[[route]]\nname = 'a'\n[config]\n", "route", [{"name": "a"}], [{"name": "a"}, NEW])
    assert routes(between) == ["a", "new"]
    assert tomllib.loads(between)["config"] == {}


@pytest.mark.parametrize("text", ["", TEXT, "route = [{name = 'a'}]", "[route]\nname = 'a'"])
def test_another_file_than_was_thought_stays_as_it_is(text):
    with pytest.raises(ConfigError, match="changed at the same time"):
        put_rows(text, "route", [LONG], [NEW])


names = st.lists(st.sampled_from("abcdef"), max_size=5, unique=True)


@given(names, names, st.booleans())
def test_any_change_leads_to_what_was_wanted_and_keeps_the_rest(old, new, gaps):
    gap = "\n" if gaps else ""
    text = f"[config]\nport = 1\n{gap}" + "".join(f"# about {one}\n[[route]]\nname = '{one}'\n{gap}" for one in old)
    text += "[[provider]]\nname = 'Z'\n"
    after = put_rows(text, "route", [{"name": one} for one in old], [{"name": one} for one in new])
    found = tomllib.loads(after)
    assert [one["name"] for one in found.pop("route", [])] == new
    assert found == {"config": {"port": 1}, "provider": [{"name": "Z"}]}
    for one in {*old} & {*new}:
        assert f"# about {one}\n[[route]]\nname = '{one}'" in after


def test_lines_that_end_as_on_windows():
    text = TEXT.replace("\n", "\r\n")
    after = put_rows(text, "route", [LONG, QUICK], [QUICK, LONG, NEW])
    assert routes(after) == ["quick", "long", "new"]
    assert "# Long prompts go\r\n# to the long window.\r\n[[route]]\r\n" in after


def test_tables_written_otherwise_are_left_alone_as_long_as_nothing_changes():
    text = "route = [{name = 'long', to = ['Up'], min_tokens = 60000}]\n"
    assert put_rows(text, "route", [LONG], [LONG]) == text
