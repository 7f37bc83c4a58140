from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import qCritical, qDebug, qInstallMessageHandler, qWarning

from app.qt_messages import qt_messages


def test_what_qt_says_goes_into_the_log_at_its_level(caplog):
    lost = []
    with caplog.at_level(logging.DEBUG, "app.qt_messages"), qt_messages(lambda: lost.append(True)):
        qDebug("a detail")
        qWarning("an oddity")
        qCritical("a failure")
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("DEBUG", "Qt: a detail"),
        ("WARNING", "Qt: an oddity"),
        ("ERROR", "Qt: a failure"),
    ]
    assert lost == []


@pytest.mark.parametrize(
    "words",
    [
        "The X11 connection broke (error 1). Did the X11 server die?",
        "The X11 connection broke: I/O error (code 1)",
        "The Wayland connection broke. Did the Wayland compositor die?",
        "The Wayland connection experienced a fatal error: Protocol error",
    ],
)
def test_the_end_of_the_display_is_told(words, caplog):
    lost = []
    with qt_messages(lambda: lost.append(True)):
        qWarning(words)
    assert lost == [True]
    assert words in caplog.text


def test_afterwards_qt_speaks_as_before():
    heard = []
    before = qInstallMessageHandler(lambda kind, context, text: heard.append(text))
    try:
        with qt_messages(lambda: None):
            qWarning("to the log")
        qWarning("as before")
    finally:
        qInstallMessageHandler(before)
    assert heard == ["as before"]
