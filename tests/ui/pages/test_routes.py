from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.domain.errors import ConfigError
from app.domain.routing import Choice, ErrorRule, Meaning, Pin, Routing, Rule, Strategy
from app.ui.dialogs.error_rule_editor import ErrorRuleEditor
from app.ui.dialogs.pin_editor import PinEditor
from app.ui.dialogs.rule_editor import RuleEditor
from app.ui.models.ways import Kind
from app.ui.pages.routes import RoutesPage
from tests.fakes import sample
from tests.fakes.services import FakeServices
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down

ROUTING = Routing(
    rules=(
        Rule("Long", min_tokens=60_000, to=(Choice("Ollama"),)),
        Rule("Side", subagent=True, to=(Choice("Ollama"),)),
    ),
    pins=(Pin("website", Choice("Ollama", "qwen3-coder:30b")),),
    error_rules=(ErrorRule(Meaning.OVERLOADED, status=400),),
)


@pytest.fixture
def services(tmp_path):
    return FakeServices(sample.status(routing=ROUTING), tmp_path)


@pytest.fixture
def page(show, services, tasks):
    return show(RoutesPage(services, tasks), 1100, 700)


def titles(page):
    ways = (page.view.ways.way(row) for row in range(page.view.ways.rowCount()))
    return [way.title for way in ways if way.kind is not Kind.HEADING]


async def test_the_picture_shows_pins_rules_and_tiers(page):
    assert titles(page) == ["/p/website", "Long", "Side", "Big", "Middle", "Small"]
    assert [page.tabs.tabText(at) for at in range(5)] == ["Order", "Rules 2", "Pins 1", "Errors 1", "Try it"]


async def test_a_provider_is_preferred_or_none(page, services):
    assert page.preferred.currentText() == "Anthropic"
    page.preferred.setCurrentIndex(2)
    page.preferred.activated.emit(2)
    assert page.preferred.currentText() == "Anthropic"  # it moves once the choice has been made
    await until(lambda: services.asked("use") == [("OpenAI work",)])
    await until(lambda: page.preferred.currentText() == "OpenAI work")
    page.preferred.activated.emit(0)
    await until(lambda: services.asked("use")[-1] == ("",))
    assert page.preferred.currentText() == "Auto"
    assert not page.only.isEnabled()


async def test_only_this_one_is_a_choice_of_its_own(page, services):
    assert "Another provider steps in" in page.words.text()
    page.only.click()
    assert not page.only.isChecked()
    await until(lambda: services.asked("only") == [(True,)])
    assert page.only.isChecked()
    assert page.words.text() == "Anthropic alone. Requests fail while it cannot answer."
    way = page.view.ways.way(page.view.ways.place(Kind.TIER, "big"))
    assert [stop.provider for stop in way.stops] == ["Anthropic"]


async def test_a_choice_that_fails_leaves_what_holds(page, services, tasks):
    heard = []
    tasks.failed.connect(heard.append)
    services.routes.errors["only"] = ConfigError("the file cannot be written")
    page.only.click()
    await until(lambda: heard)
    assert not page.only.isChecked()
    assert "the file cannot be written" in heard[0]


async def test_what_else_changes_leaves_the_picture_alone(page, services, qtbot):
    with qtbot.assertNotEmitted(page.view.ways.modelReset), qtbot.assertNotEmitted(page.view.ways.dataChanged):
        services.status.set(in_flight=9, today=sample.totals(()))


async def test_it_follows_the_end_of_a_rest_by_itself(page, services):
    first, *others = services.status.current.providers
    soon_us = time.time_ns() // 1_000 + 150_000
    services.status.set(providers=(replace(first, resting_until_us=soon_us, resting_why="limited"), *others))
    stop = lambda: page.view.ways.way(page.view.ways.place(Kind.TIER, "big")).stops[0]
    assert stop().word == "resting"
    await until(lambda: stop().word == "ok", limit_s=3)


async def test_what_is_learned_of_a_window_shows_at_once(page, services, qtbot):
    page.arrive("try")
    page.attempt.tokens.setValue(9_000)
    stops = lambda: page.attempt.way.ways.way(0).stops
    assert not stops()[0].skipped
    target = services.routes.preview(page.attempt.asked).targets[0]
    services.routes.windows.refused(target.provider, target.model, "maximum context length is 8192 tokens")
    services.status.set(windows=services.routes.windows.learned)
    assert stops()[0].why == "takes 8,192 tokens, this prompt has about 9,000"


async def test_opening_a_line_leads_to_what_it_stands_for(page, services, tasks):
    page.view.setCurrentIndex(page.view.ways.index(page.view.ways.place(Kind.RULE, "1")))
    page.view.opened.emit(Kind.RULE, "1")
    assert page.rules.isVisible()
    assert page.rules.list.row == 1
    editor = page.findChild(RuleEditor)
    assert editor.form.rule == ROUTING.rules[1]
    take_down(editor, tasks)
    page.view.opened.emit(Kind.PIN, "website")
    editor = page.findChild(PinEditor)
    assert editor.pin == ROUTING.pins[0]
    take_down(editor, tasks)
    went = []
    page.go_to.connect(lambda *where: went.append(where))
    page.view.opened.emit(Kind.TIER, "big")
    assert went == [("providers", "Anthropic")]


async def test_tab_follows_the_eye(page, tasks):
    assert along(page)[:4] == ["Requests go to", "&Only this one", "Where requests go", ""]
    assert along(page)[4:9] == [
        "Providers in order",
        "Move &up",
        "Move &down",
        "Strategy",
        "Keep a conversation where it began",
    ]
    page.arrive("rule")
    names = along(page.findChild(RuleEditor))
    here = names.index("Provider of target 1")
    assert names[here - 1] == "Until this time of day"
    assert names[here + 5 : here + 7] == ["Add a target", "Strategy"]
    assert names[-2:] == ["Cancel", "&Save"]
    take_down(page.findChild(RuleEditor), tasks)


def along(top):
    """The names of what Tab comes to."""
    found, one = [], top
    while (one := one.nextInFocusChain()) is not top:
        reached = one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.focusProxy() is None
        if reached and one.isVisibleTo(top) and top.isAncestorOf(one):
            found.append(one.accessibleName() or getattr(one, "text", str)())
    return found


async def test_where_others_send_one(page, tasks):
    parts = {"rules": page.rules, "pins": page.pins, "errors": page.errors, "try": page.attempt, "order": page.order}
    for argument, part in parts.items():
        page.arrive(argument)
        assert part.isVisible()
    page.arrive("pin")
    editor = page.findChild(PinEditor)
    assert editor.pin.name == ""
    take_down(editor, tasks)
    page.arrive("error")
    assert page.errors.isVisible()
    take_down(page.findChild(ErrorRuleEditor), tasks)
    page.arrive("nowhere")


async def test_without_a_provider_it_leads_to_the_first(show, tasks, qtbot):
    page = show(RoutesPage(FakeServices.empty(), tasks), 1100, 700)
    went = []
    page.go_to.connect(lambda *where: went.append(where))
    first = next(one for one in page.empty.findChildren(QPushButton) if one.isVisible())
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert went == [("providers", "add")]
    page.arrive("rule")


async def test_no_status_holds_the_loop(show, tasks):
    many = tuple(sample.provider(f"P{number}", color=number) for number in range(40))
    rules = tuple(Rule(f"R{number}", min_tokens=number, to=(Choice("P1"), Choice("P2"))) for number in range(60))
    services = FakeServices(sample.status(providers=many, active="P0", routing=Routing(rules=rules)))
    page = show(RoutesPage(services, tasks), 1100, 700)
    costs = []
    for number in range(12):
        changed = replace(many[0], health_text=f"answered {number} min ago")
        begun = time.thread_time()
        services.status.set(providers=(changed, *many[1:]))
        costs.append(time.thread_time() - begun)
    assert page.view.ways.rowCount() == 65
    assert min(costs) < 0.008


async def test_the_halves_come_back(page, show, services, tasks):
    page._halves.setSizes([500, 600])
    state = page.save_layout()
    again = show(RoutesPage(services, tasks), 1100, 700)
    again.restore_layout(state)
    again.restore_layout(b"rubbish")
    assert abs(again._halves.sizes()[0] - page._halves.sizes()[0]) < 3


async def test_refresh_reads_the_file_anew(page, services):
    page.refresh()
    await until(lambda: services.asked("reload"))
    assert Strategy.PRIORITY.value == page.order.strategy.currentData()


async def test_what_changes_while_its_parts_are_made_is_shown_in_the_end(show, services, tasks):
    page = RoutesPage(services, tasks)
    for _ in range(10):
        assert page.make_part()
    services.status.set(routing=replace(ROUTING, pins=()))
    assert page.make_part()
    services.status.set(routing=replace(ROUTING, pins=(), rules=()))
    page.complete()
    show(page, 1100, 700)
    assert titles(page) == ["Big", "Middle", "Small"]
    assert page.rules.empty.isVisibleTo(page.rules)
