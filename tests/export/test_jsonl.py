from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import State
from app.domain.money import Cost
from app.domain.routing import Weighed
from app.domain.usage import NO_USAGE
from app.export.columns import COLUMNS
from app.export.jsonl import write
from tests.fakes.rows import ROW, entry


def written(rows):
    out = io.BytesIO()
    write(rows, out, progress=lambda _: None, cancelled=lambda: False)
    return out.getvalue()


def test_an_object_a_line_with_the_columns_and_the_state():
    (line,) = written([entry(account="work")]).splitlines()
    found = json.loads(line)
    more = {
        "state": "done",
        "client_key": ROW.client_key,
        "operation": ROW.operation,
        "client_dialect": ROW.client_dialect,
        "upstream_dialect": ROW.upstream_dialect,
        "upstream_status": ROW.upstream_status,
        "attempts": ROW.attempts,
        "trace": [],
    }
    assert tuple(found) == (*COLUMNS, *more)
    assert {name: found[name] for name in more} == more
    assert found["streaming"] is True
    assert (found["account"], found["usage_source"]) == ("work", "reported")
    assert found["cost"] == 0.001234


def test_the_way_it_took_is_told_in_its_order():
    trace = (
        Weighed("A", "", "m", "skipped", "rests for 12 s (rate limited)", 1),
        Weighed("B", "work", "n", "chosen", "in place of A", 3),
    )
    assert json.loads(written([entry(*trace)]))["trace"] == [
        {
            "provider": "A",
            "account": "",
            "model": "m",
            "verdict": "skipped",
            "why": "rests for 12 s (rate limited)",
            "at_ms": 1,
        },
        {"provider": "B", "account": "work", "model": "n", "verdict": "chosen", "why": "in place of A", "at_ms": 3},
    ]


def test_what_is_unknown_is_null():
    found = json.loads(written([entry(usage=NO_USAGE, cost=None, state=State.INTERRUPTED)]))
    assert found["cost"] is None
    assert found["input_tokens"] is None
    assert found["state"] == "interrupted"


@given(st.text())
def test_text_comes_back_as_it_was(text):
    data = written([entry(error=text)])
    assert data.count(b"\n") == 1
    assert data.isascii()
    assert json.loads(data)["error"] == text


@given(st.integers(min_value=0, max_value=10**15))
def test_money_comes_back_to_the_nano_dollar(nusd):
    found = json.loads(written([entry(cost=Cost(0, 0, 0, 0, 0, nusd, ""))]))
    assert round(found["cost"] * 1_000_000_000) == nusd
