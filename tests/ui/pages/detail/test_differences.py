from __future__ import annotations

import json

from app.ui.pages.detail.differences import ADDED, MOST_BYTES, PLACE, REMOVED, comparison, hints

OLD = {"model": "opus", "max_tokens": 5, "stream": True, "system": [1], "messages": ["x" * 200]}
NEW = {"model": "gpt", "max_completion_tokens": 5, "stream": True, "messages": ["y" * 200]}


def dumped(value):
    return json.dumps(value).encode()


def test_what_a_conversion_changed_is_said_in_a_few_lines():
    assert hints(dumped(OLD), dumped(NEW)) == (
        "Only before: max_tokens, system",
        "Only after: max_completion_tokens",
        "model: opus → gpt",
        "Changed inside: messages",
    )
    assert hints(dumped(OLD), dumped(OLD)) == ()


def test_what_is_no_json_object_has_no_hints():
    assert hints(b"data: x", dumped(NEW)) == ()
    assert hints(dumped([1]), dumped([2])) == ()
    assert hints(dumped(OLD), b"[" * 100_000) == ()


def test_hints_are_single_lines_whatever_the_fields_are_called():
    told = hints(dumped({"a\nb" * 300: 1}), dumped({}))
    assert len(told) == 1
    assert "\n" not in told[0]
    assert len(told[0]) <= 300


def test_the_comparison_marks_lines_that_went_and_came():
    styles = {piece.text.strip(): piece.style for piece in comparison(dumped(OLD), dumped(NEW))}
    assert styles['-  "model": "opus",'] == REMOVED
    assert styles['+  "model": "gpt",'] == ADDED
    assert styles['"stream": true,'] == ""
    assert any(style == PLACE for style in styles.values())


def test_sameness_and_excess_are_said():
    assert "both say the same" in next(comparison(b'{"a":1}', b'{ "a": 1 }')).text
    assert "too large" in next(comparison(b'["' + b"x" * MOST_BYTES + b'"]', b"[]")).text
    assert "too large" in next(comparison(dumped(list(range(9_000))), b"[]")).text
