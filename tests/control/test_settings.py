from __future__ import annotations

import pytest

from app.control.settings import SettingsControl
from app.domain.errors import ConfigError
from app.domain.settings import AuthMode, Theme


@pytest.fixture
def settings(desk):
    return SettingsControl(desk.core, desk.configuration, desk.folder)


async def test_changes_hold_and_are_written_with_the_comments_kept(desk, settings):
    await desk.begin("[config]\nhistory_days = 30 # a month\n")
    await settings.change(history_days=7, theme=Theme.DARK, auth="open", big_model="A:b", notify_on_close=False)
    assert settings.current.theme is Theme.DARK
    assert settings.current.auth is AuthMode.OPEN
    assert "history_days = 7 # a month" in desk.text()
    loaded = desk.file.load().settings
    assert (loaded.theme, loaded.auth, loaded.big_model, loaded.notify_on_close) == ("dark", "open", "A:b", False)
    await settings.change(big_model="")
    assert "big_model" not in desk.text()
    assert settings.config_path == desk.file.path
    assert settings.data_dir == desk.folder


async def test_a_port_that_is_set_wins_over_the_command_lines(make_desk):
    desk = make_desk(port=0)
    await desk.begin()
    await SettingsControl(desk.core, desk.configuration, desk.folder).change(port=8090)
    assert desk.snapshot.settings.port == 8090
    assert "port = 8090" in desk.text()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("port", 0, "1 to 65535"), ("theme", "pink", "system, light, dark"), ("shoe_size", 43, "no such setting")],
)
async def test_a_bad_value_changes_nothing(desk, settings, key, value, words):
    await desk.begin("[config]\n")
    before = settings.current
    with pytest.raises(ConfigError, match=words):
        await settings.change(history_days=3, **{key: value})
    assert settings.current == before
    assert desk.text() == "[config]\n"


async def test_reloading_says_what_is_wrong(desk, settings):
    await desk.begin("[config]\nhistory_days = 30\n")
    desk.file.path.write_text("[config]\nhistory_days = never\n", "utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        await settings.reload()
    assert settings.current.history_days == 30


async def test_where_keys_are_kept_can_be_asked(desk, settings):
    assert (await settings.keyring()).usable


async def test_masking_rules_are_judged_kept_and_taken_out(desk):
    settings = SettingsControl(desk.core, desk.configuration, desk.folder)
    await desk.begin("[config]\nport = 9000\n")
    await settings.change(redaction=("ACME-[0-9]{6}", "second"))
    assert settings.current.redaction == ("ACME-[0-9]{6}", "second")
    assert desk.file.load().settings.redaction == ("ACME-[0-9]{6}", "second")
    for bad, words in (
        (("fine", "("), "rule 2, '\\(', is no regular expression"),
        (("a" * 9,) * 65, "not be more than 64"),
    ):
        with pytest.raises(ConfigError, match=words):
            await settings.change(redaction=bad)
    assert settings.current.redaction == ("ACME-[0-9]{6}", "second")
    await settings.change(redaction=())
    assert "patterns" not in desk.text()
