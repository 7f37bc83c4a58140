from __future__ import annotations

import io
import json

import pytest

from app.control.exports import ExportControl
from app.domain.exchange import Entry, Filter
from app.export import Cancelled
from tests.fakes import sample


class Reader:
    def count(self, wanted):
        return len(sample.rows())

    def entries(self, wanted):
        yield from map(Entry, sample.rows())


async def test_rows_become_a_file_with_progress_on_the_loop(tmp_path):
    told = []
    count = await ExportControl(Reader()).export(
        tmp_path / "history.jsonl", "jsonl", Filter(), progress=lambda done, total: told.append((done, total))
    )
    lines = (tmp_path / "history.jsonl").read_text("utf-8").splitlines()
    assert count == len(lines) == len(sample.rows())
    assert json.loads(lines[0])["provider"]
    assert told[-1] == (count, count)


async def test_a_cancelled_export_leaves_the_older_file(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("older", "utf-8")
    with pytest.raises(Cancelled):
        await ExportControl(Reader()).export(path, "csv", Filter(), cancelled=lambda: True)
    assert path.read_text("utf-8") == "older"
    assert [one.name for one in tmp_path.iterdir()] == ["history.csv"]


async def test_rows_go_to_an_open_file_too():
    out = io.BytesIO()
    assert await ExportControl(Reader()).write(out, "csv", Filter()) == len(sample.rows())
    assert out.getvalue().startswith(b'"timestamp"')


async def test_an_unknown_format_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        await ExportControl(Reader()).export(tmp_path / "x", "docx", Filter())
