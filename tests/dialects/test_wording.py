from __future__ import annotations

import pytest

from app.dialects import wording
from app.domain.request import Document


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Error"),
        ("no such file", "Error: no such file"),
        (" error: x", " error: x"),
        ("<tool_use_error>x", "<tool_use_error>x"),
    ],
)
def test_a_failure_says_so_once(text, said):
    assert wording.as_error(text) == said


def test_a_quote_in_a_title_does_not_end_the_attribute():
    assert wording.opening(Document(text="x", title='a "b"')) == '<document title="a &quot;b&quot;">'
    assert wording.opening(Document(text="x", title="t", context="c")) == '<document title="t" context="c">'


def test_what_is_missing_is_named_in_one_order():
    assert "here: a, b." in wording.not_available({"b", "a"})
    assert "PDF, 3 bytes" in wording.file_omitted(Document(data="AAAA"))
    assert wording.json_schema_wanted("{}").startswith(wording.JSON_ONLY)
    assert wording.reminder("x") == "<system-reminder>\nx\n</system-reminder>"
