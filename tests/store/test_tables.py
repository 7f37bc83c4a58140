from __future__ import annotations

from dataclasses import fields

from app.domain.exchange import Row
from app.store import columns, tables


def test_every_column_that_is_written_or_read_exists():
    known = {field.column_name for field in tables.Exchange._meta.sorted_fields}
    assert set(columns.START) | set(columns.END) | set(columns.ROW) <= known
    assert known - set(columns.START) - set(columns.END) == set()


def test_every_field_of_a_row_has_its_column():
    assert {field.name for field in fields(Row)} - set(columns.ROW) == {"usage", "cost"}
