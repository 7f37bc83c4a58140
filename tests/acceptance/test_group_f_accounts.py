"""Group F, accounts: several keys of one provider in the running program, and logins that are renewed."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

import pytest

from tests.acceptance.program import QUICK, Patchbay, toml
from tests.acceptance.rig import Rig
from tests.e2e.program import PROVIDER_KEY, ROOT, base_environment, configure, launched, provider
from tests.fakes.oauth import login_server
from tests.fakes.scripted import Scripted, whole
from tests.fakes.wires import ANTHROPIC

HEADLESS = ("--headless", "--port", "0")
WORK = "sk-work-canary-0123456789"
LIMITS = {**QUICK, "attempts": 3}
GOOD = whole(ANTHROPIC.whole())
ACCOUNT = '\n[[provider.account]]\nname = "work"\n'
LOGIN = """
[provider.login]
authorize_url = "URL/authorize"
token_url = "URL/token"
client_id = "patchbay"
scopes = ["models"]
"""


@pytest.fixture(scope="module")
async def shared(tmp_path_factory):
    """A program with three providers, each with its own key and that of an account."""
    folder = tmp_path_factory.mktemp("accounts") / "data"
    upstream = await Scripted(GOOD).start()
    account = f'{ACCOUNT}env_key = "WORK_KEY"\n'
    one_by_one = (provider(name, "anthropic-compatible", upstream.url, "model-a") + account for name in "ABC")
    configure(folder, toml(LIMITS, "\n".join(one_by_one)))
    async with launched(folder, *HEADLESS, environment={**base_environment(), "WORK_KEY": WORK}) as one:
        yield Patchbay(one, upstream, folder)
    await upstream.stop()


@pytest.fixture
async def p(shared):
    shared.upstream.seen.clear()
    yield shared
    await shared.upstream.hang_up()


@pytest.fixture
async def upstream():
    made = await Scripted(GOOD).start()
    yield made
    await made.stop()


async def ask(p, name):
    """The status of one request to a provider, whichever of its keys serves it."""
    return (await p.chat(ANTHROPIC, model=f"{name}:model-a")).status


def keyed(upstream, **answers):
    """Answers by the key that asks."""

    async def script(line, seen):
        await answers[seen.get("x-api-key")](line, seen)

    upstream.script = script


def keys(upstream):
    return [seen.get("x-api-key") for seen in upstream.seen]


def accounts(told, name="A"):
    """Of `provider account list --json`, by name."""
    return {one["name"]: one for one in told.json}


async def test_f_a_limited_account_rests_and_the_other_answers_at_once(p):
    limited = whole(ANTHROPIC.error("slow down", "rate_limit_error"), "Retry-After: 60", status=429)
    keyed(p.upstream, **{PROVIDER_KEY: limited, WORK: GOOD})
    began = time.monotonic()
    assert await ask(p, "A") == 200
    assert time.monotonic() - began < 1.0
    assert keys(p.upstream) == [PROVIDER_KEY, WORK]
    found = await p.detail(await p.row())
    assert [(one.account, one.status) for one in found.attempts] == [("", 429), ("work", 200)]
    for _ in range(3):
        assert await ask(p, "A") == 200
    assert keys(p.upstream)[2:] == [WORK] * 3


async def test_f08_a_rejected_key_is_asked_once_and_the_other_serves_with_one_notice(p):
    rejected = whole(ANTHROPIC.error("invalid x-api-key", "authentication_error"), status=401)
    keyed(p.upstream, **{PROVIDER_KEY: rejected, WORK: GOOD})
    assert [await ask(p, "B") for _ in range(20)] == [200] * 20
    assert Counter(keys(p.upstream)) == {PROVIDER_KEY: 1, WORK: 20}
    notices = (await p.running.status(lambda told: told["notices"]))["notices"]
    about = [one["text"] for one in notices if "invalid x-api-key" in one["text"]]
    assert len(about) == 1
    assert about[0].startswith("B rejected its key")
    assert WORK not in json.dumps(notices)


async def test_f08_the_notice_of_an_account_names_it_and_goes_when_the_account_does(p):
    rejected = whole(ANTHROPIC.error("invalid x-api-key", "authentication_error"), status=401)
    keyed(p.upstream, **{PROVIDER_KEY: rejected, WORK: rejected})
    assert await ask(p, "C") == 502
    assert await ask(p, "C") in (502, 503)
    assert Counter(keys(p.upstream)) == {PROVIDER_KEY: 1, WORK: 1}
    await p.running.status(lambda told: any(one["text"].startswith("C, account work: ") for one in told["notices"]))
    assert (await p.running.command("provider", "account", "remove", "C", "work")).code == 0
    await p.running.status(lambda told: not any("C, account work" in one["text"] for one in told["notices"]))


async def test_f_an_account_is_added_beside_the_running_program_and_serves(tmp_path, upstream):
    folder = tmp_path / "data"
    rig = Rig(tmp_path / "rig")
    rig.folder.mkdir()
    rig.keep()
    limited = whole(ANTHROPIC.error("slow down", "rate_limit_error"), "Retry-After: 60", status=429)
    keyed(upstream, **{PROVIDER_KEY: limited, WORK: GOOD})
    configure(folder, toml(LIMITS, provider("A", "anthropic-compatible", upstream.url, "model-a")))
    async with launched(folder, *HEADLESS, environment=rig.environment) as one:
        p = Patchbay(one, upstream, folder)
        added = await one.command("provider", "account", "add", "A", "work", text_in=f"{WORK}\n")
        assert (added.code, added.out) == (0, "")
        async with asyncio.timeout(10):
            while (await p.chat(ANTHROPIC)).status != 200:
                await asyncio.sleep(0.05)
        assert keys(upstream)[-1] == WORK
        assert accounts(await one.command("provider", "account", "list", "A", "--json"))["work"]["state"] == "ready"
    assert not [path for path in folder.rglob("*") if path.is_file() and WORK.encode() in path.read_bytes()]


async def test_f_a_login_from_the_terminal_serves_is_renewed_when_refused_and_leaves_no_trace(tmp_path, upstream):
    folder, rig = tmp_path / "data", Rig(tmp_path / "rig")
    rig.folder.mkdir()
    rig.keep()
    rig.move_clock(0)
    seen_by = []

    async def script(line, seen):
        seen_by.append(seen.get("x-api-key"))
        expired = whole(ANTHROPIC.error("token expired", "authentication_error"), status=401)
        await (expired if "canary-1-" in seen_by[-1] and len(seen_by) > 1 else GOOD)(line, seen)

    upstream.script = script
    async with login_server() as server:
        entry = provider("A", "anthropic-compatible", upstream.url, "model-a")
        entry = entry.replace('env_key = "E2E_PROVIDER_KEY"\n', "") + LOGIN.replace("URL", server.url)
        configure(folder, toml(LIMITS, entry))
        async with launched(folder, *HEADLESS, environment=rig.environment) as one:
            p = Patchbay(one, upstream, folder)
            await logged_in(one, server)
            async with asyncio.timeout(20):
                while (await p.chat(ANTHROPIC)).status != 200:
                    await asyncio.sleep(0.05)
            rig.move_clock(60)
            assert (await p.chat(ANTHROPIC)).status == 200
            assert [key.rpartition("-0")[0] for key in seen_by] == [
                "access-canary-1",
                "access-canary-1",
                "access-canary-2",
            ]
            assert [one.get("refresh_token") for one in server.asked][1:] == ["refresh-canary-1-0123456789"]
            async with asyncio.timeout(10):
                while "refresh-canary-2" not in json.dumps(rig.kept):
                    await asyncio.sleep(0.02)
    assert not [path for path in folder.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]


async def logged_in(one, server):
    """`patchbay provider account login`, with a browser that comes back."""
    login = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "--data-dir", str(one.data_dir), "provider", "account", "login", "A", "work"),
        cwd=ROOT,
        env=dict(one.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            address = (await login.stdout.readline()).decode().strip()
            status, page = await server.browse(address)
            assert (status, "can be closed" in page) == (200, True)
            _, err = await login.communicate()
        assert login.returncode == 0, err
        assert b"Logged in: account work of A has a key." in err
    finally:
        if login.returncode is None:
            login.kill()
            await login.wait()
