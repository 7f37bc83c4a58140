"""Rules, pins and error rules in one sentence each, as a person would say them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Rule, Strategy

_MINUTES_A_DAY = 1440
_ASKED = (
    # Field of a rule, in words where it is wanted, and where it must not be.
    ("thinking", "thinking asked", "no thinking asked"),
    ("tools", "tools offered", "no tools"),
    ("web_search", "web search offered", "no web search"),
    ("image", "an image in it", "no image in it"),
    ("subagent", "from a subagent", "not from a subagent"),
)
_IN_TURN = {
    Strategy.PRIORITY: "in your order",
    Strategy.ROUND_ROBIN: "in turn",
    Strategy.LEAST_USED: "the least used first",
    Strategy.LATENCY: "the fastest first",
    Strategy.CHEAPEST: "the cheapest first",
}
_MEANS = {
    Meaning.OVERLOADED: "the provider is overloaded, so another one is tried",
    Meaning.RATE_LIMITED: "the key has reached its limit, so it rests and another one is tried",
    Meaning.REFUSED: "the request is at fault, so the client is told and nothing else is tried",
}


def rule_words(rule: Rule) -> str:
    """Such as: at least 60,000 tokens and thinking asked → OpenRouter:z-ai/glm-5, then the usual way."""
    way = _way(rule.to)
    if len(rule.to) > 1 and rule.strategy is not Strategy.PRIORITY:
        way += f", {strategy_words(rule.strategy)}"
    after = "" if not rule.to else " and nowhere else" if rule.only else ", then the usual way"
    return f"{condition_words(rule)} → {way}{after}"


def condition_words(rule: Rule) -> str:
    """What a request must be to fit: "at least 60,000 tokens and thinking asked"; "every request" without any."""
    return " and ".join(_conditions(rule)) or "every request"


def pin_words(pin: Pin) -> str:
    """Such as: base URL ending in /p/website → Ollama:qwen3 and nowhere else."""
    by_key = f", and key {pin.key}" if pin.key else ""
    return f"base URL ending in /p/{pin.name}{by_key} → {pin.to} and nowhere else"


def error_rule_words(rule: ErrorRule) -> str:
    """Such as: status 400 with "busy" in it, from OpenRouter: the provider is overloaded, so another one is tried."""
    return f"{error_words(rule)}: {meaning_words(rule.means)}"


def error_words(rule: ErrorRule) -> str:
    """Which errors it is about: status 400 with "busy" in it, from OpenRouter; "every error" without any condition."""
    if not rule.status and not rule.text and not rule.provider:
        return "every error"
    what = f"status {rule.status}" if rule.status else "an error"
    text = f' with "{rule.text}" in it' if rule.text else ""
    where = f", from {rule.provider}" if rule.provider else ""
    return f"{what}{text}{where}"


def meaning_words(means: Meaning) -> str:
    """What such an error is taken for, and what follows."""
    return _MEANS[means]


def strategy_words(strategy: Strategy) -> str:
    """Who comes first, for the middle of a sentence: "the cheapest first"."""
    return _IN_TURN[strategy]


def clock_words(minute: int) -> str:
    """A minute of the day as on a clock: "22:00"; the end of the day is "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _conditions(rule: Rule) -> Iterator[str]:
    if rule.models:
        yield f"model {_either(rule.models)}"
    if rule.keys:
        yield f"key {_either(rule.keys)}"
    if rule.clients:
        yield f"from {_either(rule.clients)}"
    if rule.min_tokens and rule.max_tokens:
        yield f"{rule.min_tokens:,} to {rule.max_tokens:,} tokens"
    elif rule.min_tokens:
        yield f"at least {rule.min_tokens:,} tokens"
    elif rule.max_tokens:
        yield f"up to {rule.max_tokens:,} tokens"
    for field, wanted, unwanted in _ASKED:
        value = getattr(rule, field)
        if value is not None:
            yield wanted if value else unwanted
    if rule.between is not None:
        start, end = rule.between
        yield f"between {clock_words(start)} and {clock_words(end or _MINUTES_A_DAY)}"


def _way(to: Sequence[Choice]) -> str:
    return ", ".join(str(choice) for choice in to) or "the usual way"


def _either(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
