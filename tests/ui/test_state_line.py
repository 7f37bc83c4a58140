from __future__ import annotations

import asyncio
import time

import pytest

from app.domain.status import Encryption, ProxyState, RecordingMode
from app.ui import state_line, theme
from app.ui.state_line import StateLine
from tests.fakes import sample

N = "\u00a0"


@pytest.fixture
def line(show):
    made = show(StateLine(), 1000, 28)
    made.show_status(sample.status())
    return made


def test_it_says_what_the_tray_says(line):
    assert line.state.text() == "● Running"
    assert line.address.text() == "http://127.0.0.1:8082"
    assert line.target.text() == "Anthropic › claude-sonnet-4-8"
    assert line.today.text() == f"today $18.27, 26.9{N}M tokens"
    assert "Cost today: $18.2741135" in line.today.toolTip()
    assert "In: 26,448,672 tokens, 23,410,338 from cache" in line.today.toolTip()


def test_trouble_has_a_shape_a_word_and_a_color(line):
    line.show_status(sample.status(proxy=ProxyState.PORT_TAKEN, detail="python3 (4711)"))
    assert line.state.text() == "■ Port 8082 is taken"
    assert line.state.palette().windowText().color() == theme.color("error")
    assert line.state.toolTip() == "python3 (4711)"
    assert line.address.text() == ""


def test_an_open_door_is_red(line):
    line.show_status(sample.status(open_auth=True))
    assert line.address.text() == "http://127.0.0.1:8082 open, no key asked"
    assert line.address.palette().windowText().color() == theme.color("error")


def test_what_is_not_kept_is_told(line):
    assert line.recording.text() == ""
    line.show_status(sample.status(recording=RecordingMode.COUNTERS))
    assert line.recording.text() == "❙❙ recording is paused, requests are only counted"
    line.show_status(sample.status(encryption=Encryption.ON))
    assert line.recording.text() == ""


def test_the_first_start_is_short(line):
    line.show_status(sample.empty_status())
    assert line.state.text() == "● Running, no provider yet"
    assert line.target.text() == ""
    assert line.today.text() == ""


async def test_a_stall_shows_and_goes(line, monkeypatch):
    await asyncio.sleep(0.6)
    time.sleep(0.7)
    await asyncio.sleep(0.1)
    assert line.lag.text().startswith("▲ loop lag ")
    line._lags = [0.0] * state_line.LAG_KEPT
    await asyncio.sleep(0.6)
    assert line.lag.text() == ""


async def test_nobody_looks_nothing_is_measured(line):
    line.hide()
    assert not line._beat.isActive()


async def test_a_note_passes(line):
    line._clear_note.setInterval(30)
    line.say("Copied\n<b>x</b>")
    assert line.note.text() == "Copied <b>x</b>"
    await asyncio.sleep(0.1)
    assert line.note.text() == ""
