from __future__ import annotations

import pytest

from app.domain.errors import ConfigError
from app.domain.routing import Choice, Routing, Rule
from app.domain.rule_words import rule_words
from app.ui.dialogs.rule_editor import GONE, UNREAD, RuleEditor
from tests.ui.conftest import until
from tests.ui.dialogs.ends import closed, take_down

RULES = (Rule("Long", min_tokens=60_000, to=(Choice("Ollama"),)), Rule("Side", subagent=True, to=(Choice("Ollama"),)))


@pytest.fixture
def open_one(services, tasks, themes):
    services.status.set(routing=Routing(rules=RULES))
    made = []

    def open_one(index):
        dialog = RuleEditor(None, services, tasks, index)
        dialog.show()
        made.append(dialog)
        return dialog

    yield open_one
    for dialog in made:
        take_down(dialog, tasks)


async def test_a_new_rule_begins_with_one_target(open_one, services):
    dialog = open_one(None)
    assert dialog.form.rule == Rule(to=(Choice("OpenAI work"),))
    dialog.form.name.setText("Mine")
    dialog.action.click()
    await until(lambda: closed(dialog))
    assert services.asked("put_rule") == [(Rule("Mine", to=(Choice("OpenAI work"),)), None, None)]


async def test_a_rule_is_changed_in_its_place(open_one, services):
    dialog = open_one(1)
    assert dialog.form.rule == RULES[1]
    dialog.form.only.setChecked(True)
    dialog.action.click()
    await until(lambda: closed(dialog))
    rule, at, replaces = services.asked("put_rule")[0]
    assert (rule.only, at, replaces) == (True, None, 1)


async def test_the_sentence_follows_every_change(open_one):
    dialog = open_one(0)
    assert dialog.sentence.text().lower() == rule_words(RULES[0]).lower()
    dialog.form.models.setText("claude-opus-*")
    assert "claude-opus-*" in dialog.sentence.text()
    dialog.form.asked["image"].setCurrentIndex(2)
    assert "no image" in dialog.sentence.text()


async def test_a_rule_that_moved_is_still_the_one_that_is_changed(open_one, services):
    dialog = open_one(1)
    services.status.set(routing=Routing(rules=RULES[::-1]))
    dialog.form.name.setText("Other")
    dialog.action.click()
    await until(lambda: services.asked("put_rule"))
    assert services.asked("put_rule")[0][2] == 0


async def test_a_rule_that_is_gone_is_not_written_over_another(open_one, services):
    dialog = open_one(1)
    services.status.set(routing=Routing(rules=RULES[:1]))
    dialog.action.click()
    assert dialog.error.text() == GONE
    assert services.asked("put_rule") == []


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("max_tokens", "min_tokens"),
        ("thinking", "asked"),
        ("route 1, models", "models"),
        ("to", "to"),
        ("keys", "keys"),
    ],
)
async def test_what_control_refuses_stands_at_its_field(open_one, services, key, field):
    services.routes.errors["put_rule"] = ConfigError("cannot be so", key=key)
    dialog = open_one(0)
    dialog.action.click()
    rows = {**dialog.form.conditions.rows, **dialog.form.ways.rows}
    await until(lambda: rows[field].error == "Cannot be so.")
    assert not closed(dialog)


async def test_what_has_no_field_stands_below(open_one, services):
    services.routes.errors["put_rule"] = OSError(28, "No space left on device")
    dialog = open_one(0)
    dialog.action.click()
    await until(dialog.error.isVisible)
    assert "No space left" in dialog.error.text()


async def test_a_wrong_pair_of_numbers_is_not_even_sent(open_one, services):
    dialog = open_one(0)
    dialog.form.most.setValue(5)
    dialog.action.click()
    assert dialog.form.conditions.rows["min_tokens"].error
    assert services.asked("put_rule") == []


async def test_no_sentence_is_made_of_a_number_that_cannot_be_read(open_one):
    dialog = open_one(0)
    dialog.form.least.setText("lots")
    assert dialog.sentence.text() == UNREAD
