"""The section that lets other machines in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.domain.errors import ConfigError
from app.domain.exposure import Reach
from app.domain.settings import AuthMode, Lan
from app.ui.dialogs.message import Question
from app.ui.pages.lan_settings import ENCRYPTED, NEEDS_A_KEY, OFF, OFF_ENCRYPTED, WARNING, LanSettings
from tests.ui.conftest import until

HERE = Reach(("http://192.168.1.20:8082", "http://[fd00::2]:8082"))


@pytest.fixture
def said():
    return []


@pytest.fixture
async def section(show, services, tasks, said):
    made = LanSettings(services, tasks, captions=100, said=said.append)
    made.fill(services.status.current, Lan(), AuthMode.KEY)
    return show(made, 900, 500)


def shown(section, services, lan, reach=HERE, auth=AuthMode.KEY):
    section.fill(replace(services.status.current, reach=reach), lan, auth)


def question(section):
    return section.findChild(Question)


def hint(section):
    return section.enabled.accessibleDescription()


async def test_off_it_says_so_and_asks_for_nothing(section):
    assert not section.enabled.isChecked()
    assert hint(section) == OFF
    assert WARNING in hint(section)
    assert not section.names.isVisible()
    assert not section.where.isVisible()


async def test_on_it_says_what_that_means_and_where(section, services, said):
    shown(section, services, Lan(enabled=True, names=("box.local",)))
    assert hint(section) == WARNING
    assert section.where.text() == "\n".join(HERE.urls)
    assert section.names.text() == "box.local"
    section.copy.click()
    assert QApplication.clipboard().text() == HERE.urls[0]
    assert said


async def test_encrypted_it_shows_the_fingerprint(section, services):
    reach = replace(HERE, fingerprint="AA:BB")
    shown(section, services, Lan(enabled=True, cert_file="/c.pem"), reach)
    assert hint(section) == f"{ENCRYPTED}\nAA:BB"


async def test_what_stands_in_the_way_is_said_there(section, services):
    shown(section, services, Lan(enabled=True), Reach(problem="Other machines cannot connect: no."))
    assert section.rows["enabled"].error == "Other machines cannot connect: no."
    shown(section, services, Lan(enabled=True), Reach(), AuthMode.OPEN)
    assert section.rows["enabled"].error == NEEDS_A_KEY


async def test_what_is_typed_holds_when_its_field_is_left(section, services):
    section.enabled.click()
    question(section).action.click()
    await until(lambda: services.asked("lan") == [({"enabled": True},)])
    section.names.setText("a.local, b.local,")
    section.names.editingFinished.emit()
    await until(lambda: ({"names": ("a.local", "b.local")},) in services.asked("lan"))
    section.certificate.setText(" /c.pem ")
    section.certificate.editingFinished.emit()
    await until(lambda: ({"cert_file": "/c.pem"},) in services.asked("lan"))
    section.certificate.editingFinished.emit()
    assert len(services.asked("lan")) == 3


async def test_a_refusal_stands_at_its_field(section, services):
    shown(section, services, Lan(enabled=True))
    services.lan.errors["lan"] = ConfigError("must hold addresses such as 192.168.1.20, not 'x'", key="addresses")
    services.settings.current = replace(services.settings.current, lan=Lan(enabled=True))
    section.addresses.setText("x")
    section.addresses.editingFinished.emit()
    await until(lambda: section.rows["addresses"].error)
    assert "192.168.1.20" in section.rows["addresses"].error


async def test_in_clear_text_nobody_is_let_in_before_the_question_is_answered(section, services, qtbot):
    section.enabled.click()
    asked = question(section)
    assert asked.isVisible()
    assert asked.dismiss.isDefault()
    assert not section.enabled.isChecked()
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    await until(lambda: not asked.isVisible())
    assert services.asked("lan") == []


async def test_with_a_certificate_one_click_is_enough(section, services):
    services.settings.current = replace(services.settings.current, lan=Lan(cert_file="/c.pem"))
    shown(section, services, Lan(cert_file="/c.pem"), Reach())
    assert hint(section) == OFF_ENCRYPTED
    section.enabled.click()
    await until(lambda: services.asked("lan") == [({"enabled": True},)])
    assert question(section) is None


async def test_switching_off_is_not_asked_about(section, services):
    services.settings.current = replace(services.settings.current, lan=Lan(enabled=True))
    shown(section, services, Lan(enabled=True))
    section.enabled.click()
    await until(lambda: services.asked("lan") == [({"enabled": False},)])


async def test_taking_the_certificate_away_is_asked_about_once(section, services, qtbot):
    services.settings.current = replace(services.settings.current, lan=Lan(enabled=True, cert_file="/c.pem"))
    shown(section, services, Lan(enabled=True, cert_file="/c.pem"))
    section.certificate.clear()
    section.certificate.editingFinished.emit()
    section.certificate.editingFinished.emit()
    assert len(section.findChildren(Question)) == 1
    question(section).dismiss.click()
    assert section.certificate.text() == "/c.pem"
    assert services.asked("lan") == []
