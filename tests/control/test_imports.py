from __future__ import annotations

import keyring.errors
import pytest

from app.control.imports import ImportControl
from app.control.slots import vault_name
from app.domain.errors import ConfigError
from app.domain.provider import Account, CredentialState, Secret
from tests.fakes.keyrings import RaisingKeyring


@pytest.fixture
def cc_proxy(root):
    return root / "tests/data/configs/providers.toml"


def imports(desk):
    return ImportControl(desk.core, desk.configuration, desk.providers, desk.keys)


async def test_a_preview_changes_nothing(desk, cc_proxy):
    await desk.begin()
    report = await imports(desk).preview(cc_proxy)
    assert (report.imported, report.changed) == (3, 0)
    assert [entry.name for entry in report.providers] == ["OpenAI", "OpenRouter", "Claude"]
    assert any("web_search" in line for line in report.skipped)
    assert desk.providers.entries() == ()
    assert desk.keyring.entries == {}
    assert "canary" not in repr(report)


async def test_an_import_takes_providers_keys_and_choices_over_once(desk, cc_proxy):
    await desk.begin()
    before = cc_proxy.read_bytes()
    await imports(desk).apply(cc_proxy)
    assert cc_proxy.read_bytes() == before
    assert [one.name for one in desk.snapshot.providers] == ["OpenAI", "OpenRouter", "Claude"]
    assert desk.keyring.entries["patchbay-test", vault_name("OpenRouter")].startswith("sk-or-v1-canary")
    assert desk.snapshot.target("claude-opus-4-5").model == "anthropic/claude-opus-4.1"
    assert [key.name for key in desk.keys.all()] == ["from providers.toml"]
    assert desk.snapshot.settings.port == 8082
    assert desk.leaked("canary") == []
    again = await imports(desk).apply(cc_proxy)
    assert (again.imported, again.changed) == (0, 0)
    assert len(desk.snapshot.providers) == 3


async def test_without_a_keyring_keys_live_for_the_session_and_the_report_says_so(make_desk, cc_proxy):
    desk = make_desk(keyring=RaisingKeyring(keyring.errors.NoKeyringError()))
    await desk.begin()
    report = await imports(desk).apply(cc_proxy)
    assert any(line.startswith("key of OpenAI: kept for this session only") for line in report.skipped)
    assert desk.snapshot.credential("OpenAI").secret == Secret("sk-proj-canary0123456789abcdefghij")
    assert desk.leaked("canary") == []


async def test_a_file_that_cannot_be_read_is_named(desk, tmp_path):
    await desk.begin()
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read \(No such file"):
        await imports(desk).preview(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("[config]\nport = \n", "utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml, line 2"):
        await imports(desk).apply(tmp_path / "broken.toml")


async def test_the_keys_of_accounts_go_to_their_accounts_and_ours_stay(desk, tmp_path):
    theirs = '\n[[provider.account]]\nname = "work"\nweight = 3\napi_key = "sk-work-canary-0123456789"\n'
    other = tmp_path / "other" / "patchbay.toml"
    other.parent.mkdir()
    other.write_text(f'[[provider]]\nname = "A"\nvendor = "openai"\n{theirs}', "utf-8")
    await desk.begin('[[provider]]\nname = "A"\nvendor = "openai"\n\n[[provider.account]]\nname = "home"\n')
    await desk.accounts.edit("A", "home", Account("home"), Secret("sk-home-0123456789"))
    await imports(desk).apply(other)
    assert desk.providers.entries()[0].accounts == (Account("home"), Account("work", weight=3))
    assert desk.snapshot.credential("A", "work").secret == Secret("sk-work-canary-0123456789")
    assert desk.snapshot.credential("A", "home").secret == Secret("sk-home-0123456789")
    assert desk.snapshot.credential("A").state is CredentialState.MISSING
