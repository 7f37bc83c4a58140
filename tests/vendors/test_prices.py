from __future__ import annotations

import subprocess
import sys

import pytest

from app.domain.money import cost_of, price_at
from app.domain.usage import Usage
from app.vendors.prices import price_for, price_steps

NOW_US = 1_790_000_000_000_000


def test_a_known_model_has_the_vendor_s_price_and_says_where_from():
    price = price_for("anthropic", "claude-opus-4-8", NOW_US)
    assert price is not None
    assert price.input_nusd_per_mtok == 5_000_000_000
    assert price.output_nusd_per_mtok == 25_000_000_000
    assert price.cache_read_nusd_per_mtok == 500_000_000
    assert price.cache_write_5m_nusd_per_mtok == 6_250_000_000
    assert price.cache_write_1h_nusd_per_mtok == 10_000_000_000
    assert price.source.startswith("genai-prices ")
    assert price.source.endswith("anthropic/claude-opus-4-8")


def test_a_long_prompt_reaches_the_higher_tier():
    short = price_for("anthropic", "claude-sonnet-4-5", NOW_US, 1_000)
    long = price_for("anthropic", "claude-sonnet-4-5", NOW_US, 300_000)
    assert short is not None
    assert long is not None
    assert long.input_nusd_per_mtok == 2 * short.input_nusd_per_mtok


@pytest.mark.parametrize(("vendor", "model"), [("openai", "no-such-model-x"), ("ollama", "llama3"), ("nobody", "x")])
def test_an_unknown_price_is_none_and_never_zero(vendor, model):
    assert price_for(vendor, model, NOW_US) is None
    assert cost_of(Usage(input_tokens=10), price_for(vendor, model, NOW_US)) is None


def test_a_compatible_server_s_claude_is_priced_by_its_name():
    price = price_for("anthropic-compatible", "claude-opus-4-8", NOW_US)
    assert price is not None
    assert price_for("openai-compatible", "my-own-model", NOW_US) is None


def test_the_demo_has_invented_prices_that_say_so():
    price = price_for("demo", "demo-large", NOW_US)
    assert price is not None
    assert "invented" in price.source


@pytest.mark.parametrize(
    ("vendor", "model"),
    [
        ("anthropic", "claude-opus-4-8"),
        ("anthropic", "claude-sonnet-4-5"),
        ("gemini", "gemini-2.5-pro"),
        ("demo", "any"),
        ("openai", "no-such-model-x"),
    ],
)
def test_the_steps_hold_the_price_of_every_size(vendor, model):
    steps = price_steps(vendor, model, NOW_US)
    for tokens in (0, 1, 1_000, 128_000, 200_000, 200_001, 5_000_000):
        assert price_at(steps, tokens) == price_for(vendor, model, NOW_US, tokens)


def test_the_data_set_is_not_imported_before_the_first_question():
    code = "import sys, app.vendors.prices; print('genai_prices' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
