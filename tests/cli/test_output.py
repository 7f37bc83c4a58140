from __future__ import annotations

import io
import sys

import pytest

from app.cli.output import Output, accept_every_letter, money


@pytest.mark.parametrize(
    ("nusd", "unpriced", "text"),
    [
        (0, 0, "$0.00"),
        (1_234_567_890, 0, "$1.23"),
        (5_000_000_000_000, 2, "at least $5,000"),
        (4_200_000, 0, "$0.0042"),
        (0, 3, "unpriced"),
    ],
)
def test_money_is_told_as_in_the_window(nusd, unpriced, text):
    assert money(nusd, unpriced) == text


def test_columns_align(capsys):
    Output().table(("a", "name"), [("long", "x"), ("", "y")])
    assert capsys.readouterr().out == "a     name\nlong  x\n      y\n"


def test_answers_and_notes_go_their_own_ways(capsys):
    out = Output()
    out.note("beside")
    out.json({"text": "ü"})
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == ("beside\n", '{\n  "text": "ü"\n}\n')


def test_a_terminal_that_cannot_write_a_letter_gets_another_in_its_place(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", narrow)
    accept_every_letter()
    Output().say("Ünï 漢 …")
    assert narrow.buffer.getvalue() == "Ünï ? ?\n".encode("latin-1")
    monkeypatch.setattr(sys, "stdout", None)
    accept_every_letter()
