from __future__ import annotations

import pytest
from PySide6.QtCore import QTime

from app.domain.client_key import ClientKey
from app.domain.routing import Choice, Pin, Routing, Rule
from app.ui import theme
from app.ui.pages.routes_try import RoutesTry

RULES = (
    Rule("Long", min_tokens=60_000, thinking=True, to=(Choice("Ollama"),)),
    Rule("Night", between=(22 * 60, 6 * 60), keys=("ci",), clients=("codex",), to=(Choice("OpenAI work"),)),
)


@pytest.fixture
def part(show, services, tasks):
    services.keys.kept = (ClientKey("k1", "default"), ClientKey("k2", "ci"))
    services.status.set(routing=Routing(rules=RULES, pins=(Pin("web", Choice("Ollama")), Pin("lost", Choice("Gone")))))
    made = RoutesTry(services)
    made.show_status(services.status.current)
    show(made, 460, 640)
    made.at.setTime(QTime(12, 0))
    return made


def first(part):
    return part.way.ways.way(0).stops[0].provider


def first_lit(part):
    return next(stop.provider for stop in part.way.ways.way(0).stops if stop.lit)


async def test_the_usual_way_at_first(part):
    assert part.verdict.text() == "Anthropic is preferred."
    assert first(part) == "Anthropic"


async def test_facts_lead_elsewhere_as_they_are_typed(part):
    part.tokens.setValue(70_000)
    assert first(part) == "Anthropic"
    part.facts["thinking"].setChecked(True)
    assert part.verdict.text().startswith("Rule Long: ")
    assert first(part) == "Ollama"


async def test_rules_that_do_not_fit_are_told(part):
    assert part.passed.isVisible()
    assert part.passed.text().startswith("Does not fit Long: ")
    assert "Night: " in part.passed.text()


async def test_client_key_and_time_count(part):
    part.client.setCurrentIndex(part.client.findData("codex"))
    part.key.setCurrentIndex(part.key.findData("ci"))
    assert first(part) == "Anthropic"
    part.at.setTime(QTime(23, 30))
    assert first(part) == "OpenAI work"


async def test_every_fact_is_asked_about(part):
    for tick in part.facts.values():
        tick.setChecked(True)
    asked = part.asked
    assert all((asked.thinking, asked.tools, asked.web_search, asked.image, asked.subagent))


async def test_what_a_provider_said_of_its_window_counts(part, services):
    part.tokens.setValue(9_000)
    assert first_lit(part) == "Anthropic"
    target = services.routes.preview(part.asked).targets[0]
    services.routes.windows.refused(target.provider, target.model, "maximum context length is 8192 tokens")
    part.show_status(services.status.current)
    stop = part.way.ways.way(0).stops[0]
    assert (stop.word, stop.why) == ("unfit", "takes 8,192 tokens, this prompt has about 9,000")
    assert first_lit(part) != "Anthropic"


async def test_a_pin_counts_first(part):
    part.pin.setCurrentIndex(part.pin.findData("web"))
    assert part.verdict.text() == "Pin web."
    assert first(part) == "Ollama"


async def test_a_way_to_nowhere_says_what_to_do(part):
    part.pin.setCurrentIndex(part.pin.findData("lost"))
    assert "Gone" in part.verdict.text()
    assert part.verdict.palette().windowText().color() == theme.color("error")
    assert part.way.ways.rowCount() == 0
    part.pin.setCurrentIndex(0)
    part.model.setEditText("")
    assert part.way.ways.rowCount() == 0


async def test_nothing_is_sent_and_what_was_chosen_stays(part, services):
    part.model.setEditText("gpt-5.2")
    part.pin.setCurrentIndex(part.pin.findData("web"))
    part.show_status(services.status.current)
    services.status.set(routing=Routing(pins=(Pin("new", Choice("Ollama")), Pin("web", Choice("Ollama")))))
    part.show_status(services.status.current)
    assert (part.model.currentText(), part.pin.currentData()) == ("gpt-5.2", "web")
    assert services.calls == []


async def test_tokens_may_be_written_short_and_what_is_no_number_is_said(part, qtbot):
    qtbot.keyClicks(part.tokens, "70k")
    assert part.asked.prompt_tokens == 70_000
    part.tokens.setText("claude-opus-4-8")
    assert part.tokens_row.error
    assert part.verdict.text() == "Correct the number of tokens first."
    assert part.way.ways.rowCount() == 0
    part.tokens.clear()
    assert not part.tokens_row.error
