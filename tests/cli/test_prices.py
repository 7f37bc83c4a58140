from __future__ import annotations

import json


def test_prices_are_set_listed_and_removed(cli):
    assert "price list" in cli("price", "list").err
    cli("provider", "add", "Mine", "--vendor", "ollama")
    assert cli("price", "set", "glm-*", "--input", "0.6", "--output", "2.2", "--vendor", "glm").code == 0
    answer = cli("price", "set", "own", "--input", "1", "--output", "2", "--cache-read", "0.1", "--provider", "mine")
    assert "Set the price of own: $1 in, $2 out" in answer.err
    shown = cli("price", "list").out
    assert "glm-*" in shown
    assert "$0.6" in shown
    assert json.loads(cli("price", "list", "--json").out)[1] == {
        "model": "own", "provider": "Mine", "vendor": "", "input": 1, "output": 2, "cache_read": 0.1, "cache_write": 1,
    }  # fmt: skip
    assert 'model = "glm-*"' in cli.config()
    assert cli("price", "remove", "glm-*", "--vendor", "glm").code == 0
    assert "glm-*" not in cli.config()


def test_a_price_for_nobody_is_refused(cli):
    cli("provider", "add", "Mine", "--vendor", "ollama")
    for option, words in (("--provider", "there are: Mine"), ("--vendor", "there are: anthropic, openai")):
        answer = cli("price", "set", "m", "--input", "1", "--output", "2", option, "Nobody")
        assert answer.code == 1
        assert f"price.{option[2:]}: there is no {option[2:]} 'Nobody'; {words}" in answer.err
    assert "price" not in cli.config()


def test_what_is_wrong_is_said_in_words(cli):
    answer = cli("price", "set", "m", "--input", "much", "--output", "2")
    assert (answer.code, "price.input: must be dollars" in answer.err) == (1, True)
    assert "no price for 'm'" in cli("price", "remove", "m").err
