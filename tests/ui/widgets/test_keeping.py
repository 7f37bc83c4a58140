from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.status import VaultStatus
from app.ui.widgets.keeping import ENVIRONMENT, KEYRING, SESSION, Keeping


@pytest.fixture
def keeping(show):
    return show(Keeping(), 500, 120)


async def test_the_keyring_is_proposed_and_the_variable_is_entered_where_it_counts(keeping, qtbot):
    assert (keeping.choice, keeping.env_key.isEnabled()) == (KEYRING, False)
    with qtbot.waitSignal(keeping.changed):
        qtbot.mouseClick(keeping.environment, Qt.MouseButton.LeftButton, pos=keeping.environment.rect().center())
    assert (keeping.choice, keeping.env_key.isEnabled()) == (ENVIRONMENT, True)
    with qtbot.waitSignal(keeping.changed):
        qtbot.keyClicks(keeping.env_key, "A")


async def test_without_a_keyring_memory_is_proposed(keeping):
    assert keeping.show_keyring(VaultStatus("KWallet", usable=True)) == ""
    assert "(KWallet)" in keeping.keyring.text()
    assert keeping.show_keyring(VaultStatus("no keyring", usable=False, problem="Start one.")) == "Start one."
    assert (keeping.choice, keeping.keyring.isEnabled()) == (SESSION, False)
