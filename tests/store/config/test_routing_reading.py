from __future__ import annotations

import pytest

from app.domain.config import Unused
from app.domain.errors import ConfigError
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Rule, Strategy
from app.store.config.reading import read

FILE = """\
[routing]
only = true
strategy = "round-robin"
affinity = false
order = "Up"
health_check_s = 300

[[provider]]
name = "Up"
vendor = "openai"
failover = false
weight = 3

[provider.context]
"glm-*" = 200_000
"qwen*" = "32k"

[[route]]
name = "Long"
models = "claude-opus-*"
keys = ["work", " home "]
clients = "claude-code"
min_tokens = "60k"
max_tokens = "1,000,000"
thinking = true
tools = "false"
web_search = false
image = true
subagent = false
between = "22:00 - 6"
to = ["OpenRouter:z-ai/glm-5:free", "Ollama"]
strategy = "Least Used"
only = true

[[route]]
enabled = false
to = "Up"

[[pin]]
name = "website"
to = "Ollama:qwen3"
key = "work"

[[error_rule]]
means = "overloaded"
status = 400
text = "try again"
provider = "Up"
"""


def config(text):
    return read(text.encode(), "patchbay.toml")


def test_everything_that_can_be_written():
    found = config(FILE)
    routing = found.routing
    assert (routing.only, routing.strategy, routing.affinity) == (True, Strategy.ROUND_ROBIN, False)
    assert (routing.order, routing.health_check_s) == (("Up",), 300)
    assert routing.rules[0] == Rule(
        name="Long",
        models=("claude-opus-*",),
        keys=("work", "home"),
        clients=("claude-code",),
        min_tokens=60_000,
        max_tokens=1_000_000,
        thinking=True,
        tools=False,
        web_search=False,
        image=True,
        subagent=False,
        between=(1320, 360),
        to=(Choice("OpenRouter", "z-ai/glm-5:free"), Choice("Ollama")),
        strategy=Strategy.LEAST_USED,
        only=True,
    )
    assert routing.rules[1] == Rule(enabled=False, to=(Choice("Up"),))
    assert routing.pins == (Pin("website", Choice("Ollama", "qwen3"), "work"),)
    assert routing.error_rules == (ErrorRule(Meaning.OVERLOADED, 400, "try again", "Up"),)
    provider = found.providers[0]
    assert (provider.failover, provider.weight) == (False, 3)
    assert provider.context == (("glm-*", 200_000), ("qwen*", 32_000))
    assert found.ignored == ()


def test_nothing_written_is_the_default():
    assert config("").routing == config("[routing]\n").routing
    assert config("").routing.affinity


def test_what_means_nothing_to_us_is_named():
    assert config("[routing]\nx = 1\n").ignored == (Unused("routing.x", 2),)


@pytest.mark.parametrize(("value", "found"), [(0, 0), (10, 10), ('"60"', 60), (86_400, 86_400)])
def test_health_checks_may_be_as_often_as_the_terminal_takes_them(value, found):
    assert config(f"[routing]\nhealth_check_s = {value}\n").routing.health_check_s == found


@pytest.mark.parametrize("value", [3, -1, 86_401, '"often"', "true"])
def test_health_checks_that_are_too_often_are_refused_in_the_file_as_in_the_terminal(value):
    with pytest.raises(ConfigError, match=r"must be 0, or 10 to 86,400 seconds") as caught:
        config(f"[routing]\nhealth_check_s = {value}\n")
    assert (caught.value.line, caught.value.key) == (2, "routing.health_check_s")


def test_one_name_may_be_written_as_such():
    text = '[[route]]\nmodel = "*haiku*"\nkey = ["work", "home"]\nclient = "codex"\nto = "A"\n'
    assert config(text).routing.rules == (
        Rule(models=("*haiku*",), keys=("work", "home"), clients=("codex",), to=(Choice("A"),)),
    )
    assert config(text).ignored == ()


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("[[routing]]", 0, "routing", "must be a table; write [routing]"),
        ("[routing]\n\nstrategy = 'best'", 3, "routing.strategy", "must be one of priority, round_robin"),
        ("[routing]\nhealth_check_s = -1", 2, "routing.health_check_s", "must be 0, or 10 to 86,400 seconds"),
        ("[route]\nto = 'A'", 1, "route", "must be written as [[route]]"),
        ("\n[[route]]\nmodels = 'x'", 2, "route 1, to", "is missing; say where they go"),
        ("[[route]]\nto = 'A'\n[[route]]\nto = []", 4, "route 2, to", "say where they go"),
        ("[[route]]\nto = ':x'", 2, "route 1, to", "must name a provider"),
        ("[[route]]\nto = 'A'\nmin_tokens = '1,5k'", 3, "route 1, min_tokens", "must be a number of tokens"),
        ("[[route]]\nto = 'A'\nbetween = '25-7'", 3, "route 1, between", "must be two times of the day"),
        ("[[route]]\nto = 'A'\nbetween = '22:00'", 3, "route 1, between", "must be two times of the day"),
        ("[[route]]\nto = 'A'\nmin_tokens = 'many'", 3, "route 1, min_tokens", "must be a number of tokens from 0"),
        ("[[route]]\nto = 'A'\nmodels = ['a', ' ']", 3, "route 1, models", "must not hold an empty name"),
        ("[[route]]\nto = 'A'\nthinking = 'often'", 3, "route 1, thinking", "must be true or false"),
        ("[[pin]]\nto = 'A'", 1, "pin 1, name", "is missing; give the pin a name"),
        ("[[pin]]\nname = 'a/b'\nto = 'A'", 2, "pin 1, name", "without /"),
        ("[[pin]]\nname = 'a'\nto = 'A'\n[[pin]]\nname = 'A'\nto = 'B'", 5, "pin 2, name", "already a pin 'A'"),
        ("[[error_rule]]\nstatus = 400", 1, "error rule 1, means", "is missing; write one of overloaded"),
        ("[[error_rule]]\nmeans = 'refused'", 1, "error rule 1", "must say which errors it means"),
        ("[[error_rule]]\nmeans = 'refused'\nstatus = 99", 3, "error rule 1, status", "from 100 to 599"),
        ("[[route]]\nto = 'A'\nmodles = 'x'", 3, "route 1, modles", "is no key of [[route]]; did you mean models?"),
        ("[[route]]\nto = 'A'\n\nwhen = 2", 4, "route 1, when", "is no key of [[route]]; it may have name, enabled"),
        ("[[route]]\ntoo = 'A'", 2, "route 1, too", "did you mean to?"),
        ("[[route]]\nto = 'A'\nmodel = 'x'\nmodels = 'y'", 3, "route 1, model", "says the same as models"),
        ("[[route]]\nto = 'A'\nmodel = 5", 3, "route 1, model", "must be a list of names"),
        ("[[pin]]\nname = 'p'\nto = 'A'\nkeys = 'k'", 4, "pin 1, keys", "is no key of [[pin]]; did you mean key?"),
        ("[[error_rule]]\nmeans = 'refused'\nstatuses = 4", 3, "error rule 1, statuses", "did you mean status?"),
        ("[[route]]\nto = 'A'\nmin_tokens = '9k'\nmax_tokens = '1k'", 3, "route 1, min_tokens", "above max_tokens"),
        ("[[provider]]\nname = 'A'\nfailover = 1", 3, "provider.failover", "must be true or false"),
        ("[[provider]]\nname = 'A'\nweight = 0", 3, "provider.weight", "from 1 to"),
        ("[[provider]]\nname = 'A'\n[provider.context]\nx = 0", 3, "provider.context.x", "tokens above 0"),
        ("[[provider]]\nname = 'A'\ncontext = 5", 3, "provider.context", "must be a table"),
    ],
)
def test_errors_name_line_and_key(text, line, key, message):
    with pytest.raises(ConfigError) as caught:
        config(text)
    error = caught.value
    assert (error.line, error.key) == (line, key)
    assert message in error.message


def test_too_many_rules():
    with pytest.raises(ConfigError, match="more than 200 times"):
        config("[[route]]\nto = 'A'\n" * 201)


@pytest.mark.parametrize(
    ("text", "between"),
    [("22:00-06:00", (1320, 360)), ("9\u201317", (540, 1020)), ("8:30 to 24:00", (510, 1440)), ("0-24", (0, 1440))],
)
def test_hours(text, between):
    assert config(f"[[route]]\nto = 'A'\nbetween = '{text}'").routing.rules[0].between == between
