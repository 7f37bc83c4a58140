"""Counts of what was turned away."""

from __future__ import annotations

from app.domain.errors import ErrorKind
from app.proxy.rejections import Rejections


def test_reasons_are_counted():
    rejections = Rejections()
    rejections.refused(ErrorKind.HOST_NOT_ALLOWED)
    rejections.refused(ErrorKind.HOST_NOT_ALLOWED)
    rejections.refused(ErrorKind.PAUSED)
    rejections.count("http")
    assert rejections.counts == {"host": 2, "paused": 1, "http": 1}


def test_what_was_counted_is_not_changed_from_outside():
    rejections = Rejections()
    dict(rejections.counts)["host"] = 5
    assert rejections.counts == {}
