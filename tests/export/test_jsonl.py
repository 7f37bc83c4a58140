from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import State
from app.domain.money import Cost
from app.domain.usage import NO_USAGE
from app.export.columns import COLUMNS
from app.export.jsonl import write
from tests.fakes.rows import ROW, row


def written(rows):
    out = io.BytesIO()
    write(rows, out, progress=lambda _: None, cancelled=lambda: False)
    return out.getvalue()


def test_an_object_a_line_with_the_columns_and_the_state():
    (line,) = written([ROW]).splitlines()
    found = json.loads(line)
    more = {
        "state": "done",
        "client_key": ROW.client_key,
        "operation": ROW.operation,
        "client_dialect": ROW.client_dialect,
        "upstream_dialect": ROW.upstream_dialect,
        "upstream_status": ROW.upstream_status,
        "attempts": ROW.attempts,
        "usage_source": ROW.usage.source.value,
    }
    assert tuple(found) == (*COLUMNS, *more)
    assert {name: found[name] for name in more} == more
    assert found["streaming"] is True
    assert found["cost"] == 0.001234


def test_what_is_unknown_is_null():
    found = json.loads(written([row(usage=NO_USAGE, cost=None, state=State.INTERRUPTED)]))
    assert found["cost"] is None
    assert found["input_tokens"] is None
    assert found["state"] == "interrupted"


@given(st.text())
def test_text_comes_back_as_it_was(text):
    data = written([row(error=text)])
    assert data.count(b"\n") == 1
    assert data.isascii()
    assert json.loads(data)["error"] == text


@given(st.integers(min_value=0, max_value=10**15))
def test_money_comes_back_to_the_nano_dollar(nusd):
    found = json.loads(written([row(cost=Cost(0, 0, 0, 0, 0, nusd, ""))]))
    assert round(found["cost"] * 1_000_000_000) == nusd
