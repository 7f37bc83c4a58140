"""Group H, keys: no keyring, a key for one session, long tokens, writes that fail, and keys changed by someone else."""

from __future__ import annotations

import asyncio

import pytest

from app.system.paths import locate
from tests.acceptance.contract import err
from tests.acceptance.program import QUICK, Patchbay, providers, toml
from tests.acceptance.rig import Rig
from tests.e2e.program import PROVIDER_KEY, base_environment, command, configure, launched
from tests.fakes.scripted import Scripted, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT

HEADLESS = ("--headless", "--port", "0")
LONG_KEY = "sk-long-" + "0123456789" * 500


@pytest.fixture
async def upstream():
    made = await Scripted(whole(ANTHROPIC.whole())).start()
    yield made
    await made.stop()


@pytest.fixture
def data(tmp_path, upstream):
    folder = tmp_path / "data"
    configure(folder, toml(QUICK, providers(upstream.url)))
    return folder


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    folder.mkdir()
    return Rig(folder)


def keyless(data):
    """The providers keep their keys in the keyring."""
    file = data / "patchbay.toml"
    file.write_text(file.read_text("utf-8").replace('env_key = "E2E_PROVIDER_KEY"\n', ""), "utf-8")


async def test_h09_without_a_keyring_a_request_is_refused_in_its_own_dialect_and_nothing_is_written(data):
    keyless(data)
    async with launched(data, *HEADLESS, environment=base_environment()) as one:
        p = Patchbay(one, Scripted(), data)
        err(ANTHROPIC, await p.chat(ANTHROPIC), 503, "api_error")
        refusal = await p.chat(CHAT)
        err(CHAT, refusal, 503)
        assert refusal.json()["error"]["code"] == "provider_credential_unavailable"
        rows = await p.rows(2)
        assert {row.error_kind for row in rows} == {"credential_unavailable"}
        refused = await one.command(
            *("provider", "add", "B", "--vendor", "openai", "--big", "m"), text_in=f"{LONG_KEY}\n"
        )
        assert refused.code == 1
        assert LONG_KEY not in refused.out + refused.err
    for path in data.rglob("*"):
        assert not path.is_file() or LONG_KEY.encode() not in path.read_bytes()


async def test_h09_a_key_for_this_session_works_until_the_end(data, rig):
    keyless(data)
    script = f"""
import asyncio
from app.domain.provider import Secret
services = window._services
entry = next(one for one in services.providers.entries() if one.name == "A")
work = services.providers.edit("A", entry, Secret({PROVIDER_KEY!r}), keep="session")
window.kept = asyncio.get_running_loop().create_task(work)
"""
    async with launched(data, "--port", "0", environment=rig.desktop) as one:
        assert (await one.ask())[0] == 503
        await rig.until("say(window is not None)", "True")
        assert await rig.do(script) == ""
        await one.status(lambda now: now["providers"][0]["key"] == "ready")
        assert (await one.ask())[0] == 200
        one.process.terminate()
        assert await one.ended() == 0
    for path in data.rglob("*"):
        assert not path.is_file() or PROVIDER_KEY.encode() not in path.read_bytes()
    async with launched(data, *HEADLESS, environment=rig.environment) as one:
        assert (await one.ask())[0] == 503


async def test_h11_a_token_longer_than_an_entry_comes_back_whole_and_a_failed_write_keeps_the_old_one(
    data, rig, upstream
):
    rig.keep()
    add = (
        "provider",
        "add",
        "Long",
        "--vendor",
        "anthropic-compatible",
        "--base-url",
        upstream.url,
        "--big",
        "model-a",
    )
    added = await command(data, *add, environment=rig.environment, text_in=f"{LONG_KEY}\n")
    assert (added.code, added.err) == (0, "Added Long.\n")
    before = rig.kept
    assert len(before) > 1
    (rig.folder / "keyring-full").touch()
    again = await command(
        data, *(one.replace("Long", "Other") for one in add), environment=rig.environment, text_in=f"{LONG_KEY}2\n"
    )
    assert again.code == 1
    assert "keyring" in again.err
    assert LONG_KEY not in again.err + again.out
    assert before.items() <= rig.kept.items()
    async with launched(data, *HEADLESS, environment=rig.environment) as one:
        assert (await one.ask("Long:model-a"))[0] == 200
        assert upstream.seen[-1].get("x-api-key") == LONG_KEY


async def test_h11_a_key_that_was_changed_or_removed_outside_is_noticed(data, rig, upstream):
    keyless(data)
    name = f"{locate(data).keyring_namespace}|provider/A"
    rig.keep(**{name: "sk-the-old-one"})

    async def script(line, seen):
        if seen.get("x-api-key") == "sk-the-new-one":
            await whole(ANTHROPIC.whole())(line, seen)
        else:
            body = ANTHROPIC.error("invalid x-api-key", "authentication_error")
            await line.send(head(401, "application/json", length=len(body)), body)

    upstream.script = script
    async with launched(data, *HEADLESS, environment=rig.environment) as one:
        await one.status(lambda now: now["providers"][0]["key"] == "ready")
        rig.keep(**{name: "sk-the-new-one"})
        status, refused = await one.ask("A:model-a")
        assert status == 502, "the old one was tried, and its refusal is not the client's"
        assert "A" in refused["error"]["message"]
        async with asyncio.timeout(5):
            while (await one.ask("A:model-a"))[0] != 200:
                await asyncio.sleep(0.05)
        one.process.terminate()
        assert await one.ended() == 0
    rig.keep()
    async with launched(data, *HEADLESS, environment=rig.environment) as one:
        status, reply = await one.ask("A:model-a")
        assert status == 503
        assert "A" in reply["error"]["message"]
