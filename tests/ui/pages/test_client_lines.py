from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import Secret
from app.ui.pages.client_lines import ClientLines, masked
from tests.ui.conftest import until

KEY = "pb_" + "A" * 39 + "wxyz"


@pytest.fixture
def lines(show, services, tasks):
    async def snippet(client, shell="posix"):
        await services.keys._called("snippet", client, shell)
        return f"export URL=http://127.0.0.1:8082\nexport KEY={KEY}\n"

    services.keys.snippet = snippet
    return show(ClientLines(services, tasks), 700, 300)


def test_only_the_owner_knows_the_key_by_what_is_shown():
    assert masked(f"export KEY={KEY}") == "export KEY=pb_…wxyz"
    assert masked("nothing here") == "nothing here"


async def test_what_is_shown_is_masked_and_what_is_copied_is_whole(lines, qtbot):
    lines.show_lines()
    await until(lines.copy.isEnabled)
    assert lines.text.toPlainText().split("\n")[1] == "export KEY=pb_…wxyz"
    with qtbot.waitSignal(lines.copied) as caught:
        qtbot.mouseClick(lines.copy, Qt.MouseButton.LeftButton)
    assert "Claude Code" in caught.args[0]
    assert KEY in QGuiApplication.clipboard().text()
    assert QGuiApplication.clipboard().mimeData().hasFormat("x-kde-passwordManagerHint")


async def test_client_and_shell_are_chosen(lines, services, qtbot):
    lines.client.setCurrentIndex(1)
    lines.client.activated.emit(1)
    await until(lambda: services.asked("snippet"))
    lines.shell.setCurrentIndex(1)
    lines.shell.activated.emit(1)
    await until(lambda: services.asked("snippet")[-1] == ("codex", "powershell"))


async def test_without_the_key_nothing_can_be_copied(lines, services):
    services.keys.errors["snippet"] = VaultError(VaultProblem.LOCKED, "the keyring is locked")
    lines.show_lines()
    await until(lines.problem.isVisible)
    assert "the keyring is locked" in lines.problem.text()
    assert not lines.copy.isEnabled()
    services.keys.errors.clear()
    lines.show_lines()
    await until(lines.copy.isEnabled)
    assert not lines.problem.isVisible()


async def test_one_client_needs_no_choice(show, services, tasks):
    only = show(ClientLines(services, tasks, only="claude-code"), 700, 300)
    only.show_lines()
    await until(lambda: services.asked("snippet") == [("claude-code", only.shell.currentData())])
    assert not only.client.isVisible()


async def test_a_key_that_was_just_made_is_in_its_lines_until_it_is_forgotten(show, services, tasks):
    lines = show(ClientLines(services, tasks, key=Secret(KEY)), 700, 300)
    lines.show_lines()
    await until(lines.copy.isEnabled)
    assert KEY not in lines.text.toPlainText()
    lines.copy.click()
    assert KEY in QGuiApplication.clipboard().text()
    lines.forget()
    assert not lines.copy.isEnabled()
    assert lines.text.toPlainText() == lines._lines == ""
    assert lines._key is None
