from __future__ import annotations

import io

import pytest

from app.export import FORMATS, write
from app.export.format import Cancelled, write_in_chunks
from tests.fakes.rows import ENTRY


def test_every_format_has_a_name_and_a_suffix_of_its_own():
    assert [one.name for one in FORMATS] == ["csv", "jsonl"]
    assert len({one.suffix for one in FORMATS}) == len(FORMATS)


def test_an_unknown_format_is_a_key_error_and_the_rows_are_closed():
    closed = []

    def rows():
        try:
            yield ENTRY
        finally:
            closed.append(True)

    running = rows()
    next(running)
    with pytest.raises(KeyError):
        write(running, io.BytesIO(), "xls", progress=lambda _: None, cancelled=lambda: False)
    assert closed == [True]


def test_lone_surrogates_do_not_end_an_export():
    out = io.BytesIO()
    write_in_chunks([ENTRY], lambda _: "\ud800\n", out, progress=lambda _: None, cancelled=lambda: False)
    assert out.getvalue() == b"?\n"


def test_cancelling_in_the_last_chunk_counts_too():
    with pytest.raises(Cancelled):
        write_in_chunks([ENTRY], lambda _: "", io.BytesIO(), progress=lambda _: None, cancelled=lambda: True)
