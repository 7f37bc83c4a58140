from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt

from app.domain.exchange import Facets, Filter, State
from app.ui.widgets.filter_bar import FilterBar

NOW = datetime(2026, 5, 3, 14, 30, tzinfo=UTC)


@pytest.fixture
def bar(show):
    made = show(FilterBar(lambda: NOW), 1000, 60)
    made.set_facets(Facets(("Anthropic", "Ollama"), ("opus",), ("curl",)), lambda _name: None)
    return made


def test_nothing_narrows_at_first(bar):
    assert bar.wanted() == Filter()
    assert not bar.narrows
    assert not bar.clear_all.isVisible()


def test_typing_waits_until_it_pauses(bar, qtbot):
    seen = []
    bar.changed.connect(lambda: seen.append(bar.wanted().search))
    qtbot.keyClicks(bar.search, "dead line")
    assert seen == []
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["dead line"]


def test_return_searches_at_once_and_only_once(bar, qtbot):
    seen = []
    bar.changed.connect(lambda: seen.append(1))
    qtbot.keyClicks(bar.search, "x")
    qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    assert seen == [1]
    assert not bar._typing.isActive()


def test_every_part_goes_into_the_filter(bar):
    bar.status.choose([State.FAILED])
    bar.client.choose(["curl"])
    bar.narrow(provider="Ollama", model="opus", key="laptop", session_id="s1")
    assert bar.wanted() == Filter(
        providers=("Ollama",),
        models=("opus",),
        states=(State.FAILED,),
        clients=("curl",),
        client_keys=("laptop",),
        session_id="s1",
    )
    assert bar.clear_all.isVisible()


def test_one_session_can_be_left_by_its_own_button(bar, qtbot):
    bar.narrow(session_id="s1")
    assert bar._session.isVisible()
    with qtbot.waitSignal(bar.changed):
        qtbot.mouseClick(bar._session, Qt.MouseButton.LeftButton)
    assert bar.wanted() == Filter()
    assert not bar._session.isVisible()


def test_clear_shows_everything_with_one_change(bar, qtbot):
    bar.narrow(provider="Ollama", key="laptop")
    bar.search.setText("words")
    bar.period.set_custom(5, 0)
    seen = []
    bar.changed.connect(lambda: seen.append(1))
    qtbot.mouseClick(bar.clear_all, Qt.MouseButton.LeftButton)
    assert (seen, bar.wanted(), bar.search.text()) == ([1], Filter(), "")
