"""The Qt binding must keep the interpreter's constants alive: PySide6-Essentials 6.12.0 does not below Python 3.12."""

from __future__ import annotations

import sys

import pytest
from PySide6 import QtCore

CALLS = 500


class Sender(QtCore.QObject):
    sent = QtCore.Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True cannot die from Python 3.12 on")
def test_calls_that_return_nothing_keep_none_alive():
    sender = Sender()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        sender.setObjectName("x")
        sender.parent()
        sender.killTimer(sender.startTimer(1000))
    assert sys.getrefcount(None) > before - CALLS // 2


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True cannot die from Python 3.12 on")
def test_emitting_keeps_true_alive():
    sender = Sender()
    sender.sent.connect(lambda: None)
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        sender.sent.emit()
    assert sys.getrefcount(True) > before - CALLS // 2
