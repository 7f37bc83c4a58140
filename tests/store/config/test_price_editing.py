from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConfigError
from app.domain.money import Price, PriceRule
from app.store.config.price_editing import price_rule, put_prices
from app.store.config.reading import read
from app.store.config.rows import ChangedMeanwhileError

NUSD = st.integers(0, 1_000_000_000_000_000)
NAMES = st.text("abc-*:/. é\"'#[]=", min_size=1, max_size=12).filter(str.strip)


def rule(model, incoming, outgoing, read, write, provider, vendor):
    return PriceRule(model, Price(incoming, outgoing, read, write, write, source="patchbay.toml"), provider, vendor)


RULES = st.builds(rule, NAMES, NUSD, NUSD, NUSD, NUSD, st.sampled_from(["", "Mine"]), st.sampled_from(["", "glm"]))


def prices(text):
    return read(text.encode(), "patchbay.toml").prices


@given(st.lists(RULES, max_size=4), st.lists(RULES, max_size=4))
def test_what_is_written_is_read_back_to_the_last_nano_dollar(first, second):
    text = "# mine\n[config]\nport = 8082\n"
    once = put_prices(text, prices(text), (), first)
    assert list(prices(once)) == first
    twice = put_prices(once, prices(once), first, second)
    assert list(prices(twice)) == second
    assert twice.startswith("# mine\n[config]\nport = 8082\n")


def test_a_price_is_written_as_a_person_would():
    one = price_rule({"model": "glm-*", "input": "0.6", "output": "2", "cache_read": "", "provider": None})
    assert put_prices("", (), (), [one]) == '[[price]]\nmodel = "glm-*"\ninput = 0.6\noutput = 2\n'


def test_other_prices_keep_their_comments():
    first = '# cheap\n[[price]]\nmodel = "a"\ninput = 1.50\noutput = 2 # each\n'
    text = f'{first}\n[[price]]\nmodel = "b"\ninput = 3\noutput = 4\n'
    before = prices(text)
    changed = price_rule({"model": "b", "input": 5, "output": 4})
    after = put_prices(text, before, before, [before[0], changed])
    assert after == text.replace("input = 3", "input = 5")


def test_a_file_that_was_changed_meanwhile_stays_as_it_is():
    text = '[[price]]\nmodel = "a"\ninput = 1\noutput = 2\n'
    with pytest.raises(ChangedMeanwhileError):
        put_prices(text, prices(text), (), ())


@pytest.mark.parametrize("values", [{"model": "m", "input": "x", "output": 1}, {"input": 1, "output": 1}])
def test_what_was_typed_wrongly_is_refused_by_its_key(values):
    with pytest.raises(ConfigError, match=r"price\."):
        price_rule(values)
