from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.routing import Weighed
from app.ui import theme
from app.ui.pages.detail.timeline import (
    TICKS,
    Story,
    TimelineChart,
    TimelineTab,
    label_lefts,
    moments,
    story,
    tick_label,
    ticks,
)
from tests.fakes import sample
from tests.fakes.conversations import agent_detail

DETAIL = agent_detail(sample.rows(3)[2])


def test_the_story_names_first_byte_token_and_the_longest_silence():
    told = story(replace(DETAIL, timeline=((900, 5), (500, 5), (4_000, 9), (4_100, 9))))
    assert (told.first_byte_ms, told.gap_from_ms, told.gap_ms) == (500, 900, 3_100)
    assert told.first_token_ms == DETAIL.row.first_token_ms
    assert story(replace(DETAIL, timeline=())).first_byte_ms is None


@pytest.mark.parametrize("end_ms", [1, 7, 95, 640, 1_000, 11_900, 59_000, 3_600_000])
def test_ticks_are_round_and_few(end_ms):
    made = ticks(end_ms)
    assert made[0] == 0
    assert len(made) <= TICKS + 1
    assert made[-1] <= end_ms
    if end_ms > 10:
        assert len(made) >= 3
    assert tick_label(2_500) == "2.5"


def test_the_chart_draws_bars_silence_and_marks(show, themes):
    chart = show(TimelineChart(), 500, 200)
    chart.show_story(story(DETAIL))
    picture = chart.grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(500) for y in range(200)}
    assert {theme.color(role).name() for role in ("accent", "raised", "ok", "line")} <= inks
    assert "380 chunks" in chart.accessibleDescription()
    assert "longest silence" in chart.accessibleDescription()


def test_nothing_and_one_chunk_and_a_million_milliseconds_draw_too(show):
    chart = show(TimelineChart(), 300, 200)
    for chunks, end in (((), 1), (((0, 0),), 1), (((10**9, 5),), 10**9)):
        chart.show_story(Story(chunks, end))
        assert not chart.grab().isNull()


async def test_the_tab_tells_figures_and_every_attempt(show, tasks):
    tab = show(TimelineTab(tasks), 600, 500)
    tab.show_detail(DETAIL, "")
    shown = {name: figure.value.text().replace("\u00a0", " ") for name, figure in tab.figures.figures.items()}
    assert shown["First byte"] == "645 ms"
    assert shown["Chunks"] == "380"
    assert shown["Speed"].endswith("tok/s")
    assert tab.attempts.isVisible()
    first = [label.text() for label in tab.attempts._cells[0]]
    assert first == ["OpenAI work › gpt-5.2", "529", "1.20", "Overloaded: the provider is at its limit"]
    tab.show_detail(replace(DETAIL, timeline=(), attempts=DETAIL.attempts[:1]), "")
    assert not tab.attempts.isVisible()
    assert not tab.chart.isVisible()
    assert tab.nothing.isVisible()
    tab.forget()
    assert tab.chart._story.chunks == ()


async def test_the_tab_tells_why_it_went_where_it_did(show, tasks):
    tab = show(TimelineTab(tasks), 600, 500)
    trace = (
        Weighed("A", "", "m", "skipped", "rests until 14:05 (rate limited)", 0),
        Weighed("B", "spare", "n", "chosen", "A is preferred\n<b>x</b>", 1200),
    )
    tab.show_detail(replace(DETAIL, trace=trace), "")
    assert tab.routing.isVisible()
    told = [[label.text() for label in row] for row in tab.routing._cells]
    assert told[0] == ["A › m", "0.00", "skipped", "rests until 14:05 (rate limited)"]
    assert told[1][:3] == ["B (spare) › n", "1.20", "chosen"]
    assert "\n" not in told[1][3]
    tab.show_detail(DETAIL, "")
    assert not tab.routing.isVisible()


@pytest.mark.parametrize(
    ("wanted", "lefts"),
    [
        ([], []),
        ([(50, 40)], [30]),
        ([(0, 40)], [0]),
        ([(200, 40)], [160]),
        ([(50, 40), (150, 60)], [30, 120]),
        ([(50, 40), (60, 60)], [30, 78]),
        ([(190, 40), (200, 60)], [92, 140]),
    ],
)
def test_names_of_marks_never_lie_over_each_other(wanted, lefts):
    assert label_lefts(wanted, 200) == lefts


def test_the_earlier_mark_comes_first():
    assert [name for _, name, _ in moments(Story((), 10, 5, 3))] == ["first token", "first byte"]
    assert moments(Story((), 10)) == []


def test_marks_at_one_moment_are_drawn_as_one(show, themes):
    chart = show(TimelineChart(), 500, 200)
    pictures = []
    for told in (Story(((49, 10),), 52, 49, 49), Story(((49, 10),), 52, 49, None)):
        chart.show_story(told)
        pictures.append(chart.grab().toImage())
    assert pictures[0] != pictures[1]
