from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.errors import ConfigError
from app.domain.status import Encryption
from app.ui.dialogs.erase import EraseDialog
from app.ui.pages.settings import SettingsPage
from tests.ui.conftest import until
from tests.ui.dialogs.ends import take_down


@pytest.fixture
async def page(show, services, tasks):
    made = show(SettingsPage(services, tasks), 1000, 900)
    await until(made.lines.copy.isEnabled)
    return made


async def changed(services, **values):
    await until(lambda: (values,) in services.asked("change"))


def hint(page, name):
    return page.history.rows[name]._hint.text()


async def test_recording_is_switched_off_and_what_depends_on_it_rests(page, services):
    assert "only counted" in hint(page, "record_rows")
    page.history.rows_kept.click()
    await changed(services, record_rows=False)
    await until(lambda: not page.history.bodies.isEnabled())
    assert not page.history.encrypted.isEnabled()
    assert hint(page, "record_rows").startswith("Requests are served and only counted")
    page.history.rows_kept.click()
    await changed(services, record_rows=True)
    await until(page.history.bodies.isEnabled)


async def test_encryption_is_switched_and_says_when_its_key_is_not_at_hand(page, services):
    page.history.encrypted.click()
    await changed(services, encrypt_bodies=True)
    assert page.history.rows["encrypt_bodies"].error == ""
    services.status.set(encryption=Encryption.LOCKED)
    assert "until it is unlocked" in page.history.rows["encrypt_bodies"].error
    services.status.set(encryption=Encryption.ON)
    assert page.history.rows["encrypt_bodies"].error == ""


async def test_rules_are_taken_when_told_to_and_a_bad_one_is_said_beside_them(page, services):
    rules, use = page.history.rules, page.history.rules_apply
    assert not use.isEnabled()
    rules.setPlainText("ACME-[0-9]{6}\n\nsecond-[a-z]{4}\n")
    assert use.isEnabled()
    assert services.asked("change") == []
    use.click()
    await changed(services, redaction=("ACME-[0-9]{6}", "second-[a-z]{4}"))
    await until(lambda: not use.isEnabled())
    services.settings.errors["change"] = ConfigError("rule 1, '(', is no regular expression", key="redaction")
    rules.setPlainText("(")
    use.click()
    await until(lambda: page.history.rows["redaction"].error)
    assert page.history.rows["redaction"].error == "Rule 1, '(', is no regular expression."
    assert rules.toPlainText() == "("


async def test_rules_of_the_file_are_shown(page, services):
    services.settings.current = replace(services.settings.current, redaction=("from-the-file",))
    services.status.put(services.status.current)
    assert page.history.rules.toPlainText() == "from-the-file"


async def test_everything_can_be_erased_after_a_question(page, services, tasks):
    said = []
    page.said.connect(said.append)
    page.history.erase.click()
    (dialog,) = page.findChildren(EraseDialog)
    await until(dialog.action.isEnabled)
    assert services.asked("purge") == []
    dialog.action.click()
    await until(lambda: said == ["Deleted 400 exchanges."])
    take_down(dialog, tasks)
