from __future__ import annotations

import pytest

from app.domain.settings import Theme
from app.domain.status import NoticeAction, ProxyState
from app.ui.commands import Commands
from tests.ui.conftest import until


@pytest.fixture
def commands(services, tasks):
    return Commands(services, tasks)


@pytest.mark.parametrize(
    ("action", "where"),
    [
        (NoticeAction.ADD_PROVIDER, ("providers", "add")),
        (NoticeAction.OPEN_PROVIDERS, ("providers", "")),
        (NoticeAction.OPEN_SETTINGS, ("settings", "")),
        (NoticeAction.OPEN_BUDGETS, ("budgets", "")),
    ],
)
async def test_a_notice_leads_to_a_page(commands, action, where):
    heard = []
    commands.go_to.connect(lambda *place: heard.append(place))
    commands.answer(action)
    assert heard == [where]


@pytest.mark.parametrize(
    ("action", "call"),
    [
        (NoticeAction.USE_NEXT_PORT, "use_next_port"),
        (NoticeAction.RETRY_PORT, "retry_port"),
        (NoticeAction.UNLOCK_KEYRING, "unlock_keyring"),
    ],
)
async def test_a_notice_does_what_it_offers(commands, services, action, call):
    commands.answer(action)
    await until(lambda: services.asked(call) == [()])


async def test_every_action_of_a_notice_is_known(commands, monkeypatch):
    monkeypatch.setattr("app.ui.commands.QDesktopServices.openUrl", lambda url: True)
    for action in NoticeAction:
        commands.answer(action)


async def test_a_new_port_is_told(commands, services):
    said = []
    commands.said.connect(said.append)
    services.status.set(proxy=ProxyState.PORT_TAKEN)
    commands.answer(NoticeAction.USE_NEXT_PORT)
    await until(lambda: said == ["Now on port 8083; copy the settings for your clients anew"])


async def test_files_are_opened_by_the_desktop(commands, services, tasks, monkeypatch):
    opened, heard = [], []
    tasks.failed.connect(heard.append)
    monkeypatch.setattr("app.ui.commands.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile()))
    commands.open_config()
    commands.open_logs()
    assert opened == [str(services.settings.config_path), str(services.settings.data_dir / "logs")]
    assert heard[0].startswith("Nothing on this desktop opens")


async def test_the_theme_is_switched_and_kept(commands, services, themes):
    commands.use_theme(Theme.DARK)
    await until(lambda: services.asked("change") == [({"theme": Theme.DARK},)])
    assert commands.theme is Theme.DARK


async def test_the_demo_is_sent_a_request(commands, services):
    commands.send_sample()
    await until(lambda: services.asked("send_sample"))
