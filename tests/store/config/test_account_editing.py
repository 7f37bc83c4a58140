from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.provider import Account, Login
from app.store.config import editing
from app.store.config.reading import read

TEXT = """\
[[provider]] # mine
name = "A"
vendor = "openai"

# paid by the firm
[[provider.account]]
name = "work" # the first
api_key = "sk-canary-0123456789"
color = "red"

# my own
[[provider.account]]
name = "home"
priority = 2

[[provider]]
name = "B"
vendor = "openai"

[[provider.account]]
name = "work"
api_key = "sk-other-0123456789"
"""
WORK, HOME = Account("work"), Account("home", priority=2)


def put(*accounts, text=TEXT, name="A"):
    entry = next(one for one in again(text).providers if one.name == name)
    return editing.put_provider(text, replace(entry, accounts=accounts), name)


def again(text):
    return read(text.encode(), "patchbay.toml")


def accounts(text, name="A"):
    return next(one for one in again(text).providers if one.name == name).accounts


def test_what_does_not_change_changes_no_byte():
    assert put(WORK, HOME) == TEXT


def test_a_change_touches_its_own_lines_only():
    after = put(WORK, replace(HOME, priority=0, weight=5, login=Login.OAUTH, env_key="HOME_KEY"))
    assert [line for line in TEXT.splitlines() if line not in after.splitlines()] == ["priority = 2"]
    assert accounts(after)[1] == Account("home", "HOME_KEY", 0, 5, Login.OAUTH)


def test_a_renamed_account_keeps_its_comments_and_what_is_not_ours():
    after = put(replace(WORK, name="job"), HOME)
    assert after == TEXT.replace('name = "work" # the first', 'name = "job" # the first', 1)


def test_a_new_account_comes_last_among_its_own():
    after = put(WORK, HOME, Account("third", weight=2))
    assert after == TEXT.replace(
        "priority = 2\n", 'priority = 2\n\n[[provider.account]]\nname = "third"\nweight = 2\n', 1
    )


def test_an_account_is_added_to_a_provider_that_has_none():
    text = editing.put_provider("", ProviderEntry("N", vendor="openai", profile=(("top_k", True),)), "N")
    after = put(WORK, HOME, text=text, name="N")
    assert accounts(after, "N") == (WORK, HOME)
    assert after.startswith(text)


def test_an_account_that_goes_leaves_the_others():
    after = put(HOME)
    assert accounts(after) == (HOME,)
    assert "sk-canary" not in after
    assert accounts(after, "B") == (WORK,)
    assert accounts(put()) == ()


@pytest.mark.parametrize("wanted", [(HOME, WORK), (WORK, Account("mid"), HOME), (HOME, Account("x"), Account("y"))])
def test_any_order_reads_back(wanted):
    assert accounts(put(*wanted)) == wanted


def test_a_key_in_clear_text_goes_alone():
    after = editing.drop_secret(TEXT, "A", "work")
    assert after == TEXT.replace('api_key = "sk-canary-0123456789"\n', "", 1)


def test_accounts_written_as_a_list_of_tables_in_braces_are_left_to_their_writer():
    text = '[[provider]]\nname = "A"\nvendor = "openai"\naccount = [{ name = "work" }]\n'
    with pytest.raises(ConfigError, match="provider.account"):
        put(WORK, HOME, text=text)


NAMES = st.sampled_from(["work", "home", "Zürich", 'a "b"', "x.y", "#1", "[t]"])
ACCOUNT = st.builds(
    Account,
    name=NAMES,
    env_key=st.sampled_from(["", "KEY"]),
    priority=st.integers(0, 3),
    weight=st.integers(0, 3),
    login=st.sampled_from(list(Login)),
)


@given(st.lists(st.lists(ACCOUNT, max_size=4, unique_by=lambda one: one.name.lower()), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_reads_back_and_nothing_else_changes(turns):
    text = f"{TEXT}\n[lan]\nenabled = false # keep\n"
    for wanted in turns:
        text = put(*wanted, text=text)
        assert accounts(text) == tuple(wanted)
        assert accounts(text, "B") == (WORK,)
        assert text.endswith("\n[lan]\nenabled = false # keep\n")
        assert "[[provider]] # mine" in text
