from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.errors import ConfigError
from app.domain.routing import ErrorRule, Meaning, Routing
from app.domain.rule_words import error_rule_words
from app.ui.dialogs.error_rule_editor import GONE, UNREAD, ErrorRuleEditor
from app.ui.dialogs.error_rule_form import NOTHING
from tests.ui.conftest import focus_chain, until
from tests.ui.dialogs.ends import closed, take_down

RULES = (ErrorRule(Meaning.RATE_LIMITED, status=403), ErrorRule(Meaning.OVERLOADED, status=400, text="busy"))


@pytest.fixture
def open_one(services, tasks, themes):
    services.status.set(routing=Routing(error_rules=RULES))
    made = []

    def open_one(index):
        dialog = ErrorRuleEditor(None, services, tasks, index)
        dialog.show()
        made.append(dialog)
        return dialog

    yield open_one
    for dialog in made:
        take_down(dialog, tasks)


async def test_a_new_rule_asks_what_it_is_about_before_anything_is_sent(open_one, services):
    dialog = open_one(None)
    assert dialog.sentence.text() == NOTHING
    dialog.action.click()
    assert dialog.form.rows.rows["status"].error == NOTHING
    assert services.asked("put_error_rule") == []
    dialog.form.text.setText("try again later")
    dialog.action.click()
    await until(lambda: closed(dialog))
    wanted = ErrorRule(Meaning.OVERLOADED, text="try again later")
    assert services.asked("put_error_rule") == [(wanted, None, None)]


async def test_a_rule_is_changed_in_its_place_even_where_that_moved(open_one, services):
    dialog = open_one(1)
    assert dialog.form.rule == RULES[1]
    services.status.set(routing=Routing(error_rules=RULES[::-1]))
    dialog.form.means.setCurrentIndex(2)
    dialog.action.click()
    await until(lambda: closed(dialog))
    wanted = ErrorRule(Meaning.REFUSED, status=400, text="busy")
    assert services.asked("put_error_rule") == [(wanted, None, 0)]


async def test_a_rule_that_is_gone_is_not_written_over_another(open_one, services):
    dialog = open_one(1)
    services.status.set(routing=Routing(error_rules=RULES[:1]))
    dialog.action.click()
    assert dialog.error.text() == GONE
    assert services.asked("put_error_rule") == []


async def test_the_sentence_follows_every_change(open_one):
    dialog = open_one(1)
    assert dialog.sentence.text().lower() == f"{error_rule_words(RULES[1])}.".lower()
    dialog.form.provider.setCurrentIndex(1)
    assert "from Anthropic" in dialog.sentence.text()
    dialog.form.means.setCurrentIndex(1)
    assert "reached its limit" in dialog.sentence.text()
    dialog.form.status.setText("4xx")
    assert dialog.sentence.text() == UNREAD


async def test_a_rule_that_would_never_count_says_which_one_stands_before_it(open_one):
    dialog = open_one(None)
    dialog.form.status.setText("403")
    assert dialog.never.isVisible()
    assert dialog.never.text().startswith("Rule 1 fits the same errors before it")
    dialog.form.status.setText("404")
    assert not dialog.never.isVisible()
    first = open_one(0)
    assert not first.never.isVisible()


async def test_a_status_that_is_none_stands_at_its_field(open_one, services):
    dialog = open_one(0)
    dialog.form.status.setText("600")
    dialog.action.click()
    assert dialog.form.rows.rows["status"].error
    assert services.asked("put_error_rule") == []


async def test_what_control_refuses_stands_at_its_field(open_one, services):
    services.routes.errors["put_error_rule"] = ConfigError("there is no provider 'X'", key="provider")
    dialog = open_one(0)
    dialog.action.click()
    await until(lambda: dialog.form.rows.rows["provider"].error == "There is no provider 'X'.")
    services.routes.errors["put_error_rule"] = OSError(28, "No space left on device")
    dialog.action.click()
    await until(dialog.error.isVisible)
    assert "No space left" in dialog.error.text()
    assert not closed(dialog)


async def test_what_is_waited_for_can_be_cancelled(open_one, services, tasks, monkeypatch):
    import asyncio

    never = asyncio.Event()

    async def waits(*_values, **_options):
        await never.wait()

    monkeypatch.setattr(services.routes, "put_error_rule", waits)
    dialog = open_one(0)
    dialog.action.click()
    await until(lambda: not dialog.form.isEnabled())
    dialog.busy.cancelled.emit()
    assert dialog.form.isEnabled()
    assert not tasks.running(dialog)


async def test_tab_follows_the_eye_and_every_field_has_a_name(open_one):
    dialog = open_one(0)
    names = [one.accessibleName() or one.text() for one in focus_chain(dialog.form.status) if reached(one, dialog)]
    assert names == ["Status", "Text", "Provider", "Means", "Cancel", "Sa&ve"]


def reached(widget, dialog):
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    return by_tab and widget.isVisibleTo(dialog) and dialog.isAncestorOf(widget)
