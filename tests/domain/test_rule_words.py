from __future__ import annotations

import pytest

from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Rule, Strategy
from app.domain.rule_words import error_rule_words, error_words, meaning_words, pin_words, rule_words

GLM, LOCAL = Choice("OpenRouter", "z-ai/glm-5"), Choice("Ollama")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            Rule(min_tokens=60_000, thinking=True, to=(GLM,)),
            "at least 60,000 tokens and thinking asked → OpenRouter:z-ai/glm-5, then the usual way",
        ),
        (
            Rule(models=("claude-opus-*", "gpt-5", "o3"), to=(GLM, LOCAL), only=True, strategy=Strategy.CHEAPEST),
            "model claude-opus-*, gpt-5 or o3 → OpenRouter:z-ai/glm-5, Ollama, the cheapest first and nowhere else",
        ),
        (
            Rule(keys=("work",), clients=("codex",), min_tokens=10, max_tokens=2000, tools=False, to=(LOCAL,)),
            "key work and from codex and 10 to 2,000 tokens and no tools → Ollama, then the usual way",
        ),
        (
            Rule(subagent=True, web_search=True, between=(1320, 360), to=(LOCAL,)),
            "web search offered and from a subagent and between 22:00 and 06:00 → Ollama, then the usual way",
        ),
        (
            Rule(max_tokens=5, between=(600, 0), to=(LOCAL,)),
            "up to 5 tokens and between 10:00 and 24:00 → Ollama, then the usual way",
        ),
        (Rule(to=(LOCAL,)), "every request → Ollama, then the usual way"),
        (Rule(models=("x",)), "model x → the usual way"),
    ],
)
def test_rules(rule, words):
    assert rule_words(rule) == words


def test_pins():
    assert pin_words(Pin("website", GLM)) == "base URL ending in /p/website → OpenRouter:z-ai/glm-5 and nowhere else"
    assert pin_words(Pin("a", LOCAL, key="work")) == "base URL ending in /p/a, and key work → Ollama and nowhere else"


def test_error_rules():
    rule = ErrorRule(Meaning.OVERLOADED, status=400, text="overloaded", provider="OpenRouter")
    words = "the provider is overloaded, so another one is tried"
    assert error_rule_words(rule) == f'status 400 with "overloaded" in it, from OpenRouter: {words}'
    assert error_rule_words(ErrorRule(Meaning.REFUSED, provider="Up")).startswith("an error, from Up: the request is")
    assert error_words(ErrorRule(Meaning.REFUSED)) == "every error"
    assert error_rule_words(rule).startswith(error_words(rule))
    assert error_rule_words(rule).endswith(meaning_words(rule.means))
