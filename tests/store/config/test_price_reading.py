from __future__ import annotations

import pytest

from app.domain.errors import ConfigError
from app.domain.money import Price, PriceRule
from app.store.config.reading import read

WHOLE = """
[[price]]
provider = "Mine"
vendor = "glm"
model = "glm-*"
input = 0.6
output = "2.2"
cache_read = 0.11
cache_write = 1

[[price]]
model = "other"
input = 2
output = 3
"""


def test_prices_are_read_exactly_and_what_is_not_said_costs_as_plain_input():
    config = read(WHOLE.encode(), "patchbay.toml")
    dear = Price(600_000_000, 2_200_000_000, 110_000_000, 1_000_000_000, 1_000_000_000, source="patchbay.toml")
    plain = Price(2_000_000_000, 3_000_000_000, 2_000_000_000, 2_000_000_000, 2_000_000_000, source="patchbay.toml")
    assert config.prices == (PriceRule("glm-*", dear, "Mine", "glm"), PriceRule("other", plain))
    assert config.ignored == ()


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ('[[price]]\nmodel = "m"\ninput = 1\n', 1, "price.output", "is missing"),
        ("[[price]]\ninput = 1\noutput = 1\n", 1, "price.model", "name the model"),
        ('[[price]]\nmodel = " "\ninput = 1\noutput = 1\n', 2, "price.model", "must name a model"),
        ('[[price]]\nmodel = "m"\ninput = -1\noutput = 1\n', 3, "price.input", "from 0 to 1,000,000"),
        ('[[price]]\nmodel = "m"\ninput = nan\noutput = 1\n', 3, "price.input", "from 0 to 1,000,000"),
        ('[[price]]\nmodel = "m"\ninput = true\noutput = 1\n', 3, "price.input", "from 0 to 1,000,000"),
        ('[[price]]\nmodel = "m"\ninput = "cheap"\noutput = 1\n', 3, "price.input", "from 0 to 1,000,000"),
        ('[[price]]\nmodel = "m"\ninput = 1\noutput = 1\nvendor = 3\n', 5, "price.vendor", "must be text"),
        ('price = "dear"\n', 1, "price", "must be written as [[price]]"),
    ],
)
def test_a_bad_price_names_line_and_key_and_what_to_do(text, line, key, words):
    with pytest.raises(ConfigError) as caught:
        read(text.encode(), "patchbay.toml")
    assert (caught.value.line, caught.value.key) == (line, key)
    assert words in caught.value.message


@pytest.mark.parametrize("given", ["1_0", "\u0661", "1e3"])
def test_an_amount_in_quotes_is_plain_digits(given):
    with pytest.raises(ConfigError, match="must be dollars for a million tokens"):
        read(f'[[price]]\nmodel = "m"\ninput = "{given}"\noutput = 1\n'.encode(), "patchbay.toml")


def test_a_mistyped_key_is_an_error():
    text = '[[price]]\nmodel = "m"\ninput = 1\noutput = 1\n\ncache_writes = 3\n'
    with pytest.raises(ConfigError) as caught:
        read(text.encode(), "patchbay.toml")
    assert (caught.value.line, caught.value.key) == (6, "price.cache_writes")
    assert caught.value.message == "is no key of [[price]]; did you mean cache_write?"
