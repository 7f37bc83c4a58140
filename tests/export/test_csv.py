from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.usage import NO_USAGE
from app.export.columns import COLUMNS
from app.export.csv import BOM, write
from app.export.format import CHUNK_ROWS, Cancelled
from tests.fakes.rows import ENTRY, entry


def written(rows, **options):
    out = io.BytesIO()
    write(rows, out, progress=lambda _: None, cancelled=lambda: False, **options)
    return out.getvalue()


def read(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_text_is_quoted_and_numbers_are_not():
    header, line, rest = written([ENTRY]).split(b"\r\n")
    assert header == ",".join(f'"{name}"' for name in COLUMNS).encode()
    assert line == (
        b'"2026-05-03T14:00:00.000001Z","0192f0a1b2c3d4e5f60718293a4b5c6d","claude-code","","session-1","Anthropic",'
        b'"opus","claude-opus-4-8",200,"","true",10,50,6,200,34,0.001234000,"USD",'
        b'"genai-prices 0.2.3: anthropic/claude-opus-4-8","measured",210,1500,"reported",""'
    )
    assert rest == b""


def test_columns_that_came_later_stand_behind_those_that_older_files_have():
    (found,) = read(written([entry(account="work", usage=NO_USAGE)]))
    assert list(found)[-3:] == ["duration_ms", "usage_source", "account"]
    assert (found["usage_source"], found["account"]) == ("none", "work")


def test_a_tiny_cost_is_written_out():
    from app.domain.money import Cost

    assert b",0.000000001," in written([entry(cost=Cost(0, 0, 0, 0, 0, 1, ""))])


def test_a_negative_number_stays_a_number():
    assert b",-5," in written([entry(client_status=-5)])


def test_a_hostile_cell_is_text_and_every_row_stays_one_row():
    hostile = entry(requested_model='=HYPERLINK("http://x")', error='a"b\r\n=cmd|calc', session_id="@x,\n-1")
    (found,) = read(written([hostile]))
    assert found["requested_model"] == '\'=HYPERLINK("http://x")'
    assert found["error"] == "a\"b\r\n'=cmd|calc"
    assert found["session_id"] == "'@x,\n'-1"


def test_a_byte_order_mark_is_there_only_when_asked_for():
    assert written([], bom=True).startswith(BOM + b'"timestamp"')
    assert written([]).startswith(b'"timestamp"')


def test_no_rows_are_a_header():
    assert read(written([])) == []


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4))
def test_no_cell_can_start_a_formula_and_none_is_lost(texts):
    rows = [entry(provider=provider, error=error, session_id=session) for provider, error, session in texts]
    found = read(written(rows))
    assert len(found) == len(rows)
    for line in found:
        for cell in line.values():
            assert not cell.lstrip(" \u00a0\u200b\ufeff\"'").startswith(("=", "+", "-", "@", "\t")) or cell[0] == "'"


def test_progress_is_told_by_chunks_and_cancelling_ends_it():
    told = []
    rows = [ENTRY] * (2 * CHUNK_ROWS + 5)
    assert write(rows, io.BytesIO(), progress=told.append, cancelled=lambda: False) == len(rows)
    assert told == [CHUNK_ROWS, 2 * CHUNK_ROWS, len(rows)]
    told.clear()
    with pytest.raises(Cancelled):
        write(rows, io.BytesIO(), progress=told.append, cancelled=lambda: bool(told))
    assert told == [CHUNK_ROWS]
