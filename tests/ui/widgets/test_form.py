from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit

from app.ui.widgets.form import Form


@pytest.fixture
def form(show):
    made = show(Form())
    made.add("name", "&Name", QLineEdit())
    made.add("key", "&Key", QLineEdit(), hint="From the vendor")
    return made


def test_a_mistake_stands_below_its_field_and_takes_the_focus(form):
    form.activateWindow()
    assert form.fail("key", "A key is missing.")
    row = form.rows["key"]
    assert (row.error, row._error.isVisible()) == ("A key is missing.", True)
    assert row.field.accessibleDescription() == "A key is missing."
    assert row.field.hasFocus() or form.focusWidget() is row.field
    form.clear_errors()
    assert not row._error.isVisible()
    assert row.field.accessibleDescription() == "From the vendor"


def test_a_field_that_is_not_there_or_hidden_cannot_show_it(form):
    form.rows["name"].set_visible(visible=False)
    assert not form.fail("name", "x")
    assert not form.fail("nothing", "x")


def test_captions_name_their_fields_and_lead_to_them(form):
    row = form.rows["name"]
    assert row.field.accessibleName() == "Name"
    assert row.caption.buddy() is row.field
