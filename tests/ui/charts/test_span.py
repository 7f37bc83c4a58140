from __future__ import annotations

from app.ui.charts.span import Span


def test_only_a_choice_is_taken_and_told_once(qapp):
    span, heard = Span(), []
    span.changed.connect(heard.append)
    for window_s in (900, 900, 17, 300):
        span.use(window_s)
    assert heard == [900, 300]
    assert span.window_s == 300
