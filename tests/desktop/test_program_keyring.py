"""The program and the system's keyring: a real one unlocked, a real one locked, one that hangs, none at all."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import pytest

from app.system.paths import locate
from tests.e2e.program import OPENAI, PROVIDER_KEY, command, configure, launched
from tests.fakes.desktop.secret_service import hanging_secret_service, keyring, locked_keyring
from tests.fakes.desktop.sni import tray_host

pytestmark = pytest.mark.time_limit(60)  # seconds on an idle machine, many more on a busy one

NEW_KEY = "sk-new-and-secret-0123456789abcdef"


@pytest.fixture
async def tray(bus):
    async with tray_host(bus.address) as host:
        yield host


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def unlocked(bus, short_path):
    with keyring(bus, short_path):
        yield


def needs_keyring(upstream, name="Main"):
    """A provider whose key only the keyring has."""
    return upstream.entry(name, "model-k").replace('env_key = "E2E_PROVIDER_KEY"\n', "")


async def test_a_provider_added_beside_the_running_program_serves_its_next_request(
    data, desk, tray, upstream, unlocked
):
    async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
        assert (await program.ask())[0] == 503
        added = await program.command(
            *("provider", "add", "Main", "--vendor", "anthropic-compatible"),
            *("--base-url", upstream.url, "--big", "model-k"),
            text_in=f"{NEW_KEY}\n",
        )
        assert (added.code, added.out, added.err) == (0, "", "Added Main.\n")
        await program.status(lambda now: [one["key"] for one in now["providers"]] == ["ready"])
        assert (await program.ask())[0] == 200
        assert (upstream.keys, upstream.models) == ([NEW_KEY], ["model-k"])
        item = await tray.item()
        menu = await item.menu_once(lambda menu: any(label.startswith("Provider: ") for label in menu.labels))
        title = next(label for label in menu.labels if label.startswith("Provider: "))
        assert menu[title].labels[1].startswith("Main")
        listed = await program.command("provider", "list", "--json")
        assert [(one["name"], one["credential_source"]) for one in listed.json] == [("Main", "system keyring")]
    assert await in_the_keyring(desk, data, "provider/Main") == NEW_KEY
    assert files_with(data, NEW_KEY) == []


async def test_the_client_key_lives_in_the_keyring_and_opens_the_next_start_too(data, desk, upstream, unlocked):
    configure(data, upstream.entry("A", "model-a"))
    environment = {name: value for name, value in desk.items() if name != "PATCHBAY_CLIENT_KEY"}
    printed = []
    for _ in range(2):
        async with launched(data, "--headless", "--port", "0", environment=environment) as program:
            lines = await program.command("env", "--client", "claude-code")
            url, token = (line.removeprefix("export ") for line in lines.out.split("\n")[:2])
            assert url == f"ANTHROPIC_BASE_URL={program.base_url}"
            program.key = token.removeprefix("ANTHROPIC_AUTH_TOKEN=")
            assert (await program.ask())[0] == 200
            printed.append(program.key)
            program.process.terminate()
            assert await program.ended() == 0
    assert printed[0] == printed[1]
    assert await in_the_keyring(environment, data, "client-key/default") == printed[0]
    assert files_with(data, printed[0]) == []


async def test_a_locked_keyring_is_said_to_the_client_and_to_the_user(data, desk, bus, short_path, upstream, tray):
    configure(data, needs_keyring(upstream))
    with locked_keyring(bus, short_path):
        async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
            status, reply = await program.ask()
            assert (status, reply["type"]) == (503, "error")
            assert "keyring" in reply["error"]["message"]
            assert "locked" in reply["error"]["message"]
            assert "Main" in reply["error"]["message"]
            status, reply = await program.ask(to=OPENAI)
            assert status == 503
            assert "locked" in reply["error"]["message"]
            assert reply["error"]["code"]
            told = await program.status(lambda now: now["notices"])
            (notice,) = [one for one in told["notices"] if one["id"] == "keyring"]
            assert "locked" in notice["text"]
            assert "Main" in notice["text"]
            assert upstream.keys == []
            item = await tray.item()
            await item.menu_once(lambda menu: menu.labels[0].startswith("▲ Main: keyring locked"))


async def test_a_keyring_that_hangs_delays_neither_start_nor_answers_nor_quit(data, desk, bus, tray, upstream, other):
    configure(data, needs_keyring(upstream) + other.entry("Env", "model-e"))
    with hanging_secret_service(bus):
        async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
            assert (await program.ask("Env:model-e"))[0] == 200
            assert other.keys == [PROVIDER_KEY]
            assert (await program.ask())[0] == 200  # another provider has its key at hand, and steps in
            status, reply = await program.ask("Main:model-k")
            assert status == 503
            assert "keyring" in reply["error"]["message"]
            await program.status(lambda now: [one["id"] for one in now["notices"]] == ["keyring"])
            await (await tray.item()).click("Quit")
            assert await program.ended() == 0  # a thread that waited for the keyring would wait for ever
    log = [json.loads(line)["message"] for line in (data / "logs" / "patchbay.log").read_text("utf-8").splitlines()]
    (gave_up,) = [place for place, text in enumerate(log) if "did not answer within 3 seconds" in text]
    assert log.index(f"listening on port {program.port}") < gave_up


async def test_without_a_keyring_keys_of_the_environment_work_and_others_are_refused_with_words(
    data, desk, upstream, tray
):
    configure(data, upstream.entry("A", "model-a"))
    async with launched(data, "--hidden", "--port", "0", environment=desk) as program:
        assert (await program.ask())[0] == 200
        before = (data / "patchbay.toml").read_bytes()
        refused = await program.command(
            "provider", "add", "Main", "--vendor", "anthropic-compatible", "--base-url", upstream.url, text_in=NEW_KEY
        )
        assert refused.code == 1
        assert "no keyring" in refused.err
        assert "--env-key" in refused.err
        assert NEW_KEY not in refused.err + refused.out
        assert (data / "patchbay.toml").read_bytes() == before
    assert files_with(data, NEW_KEY) == []


async def test_without_a_keyring_the_client_key_is_a_file_for_its_owner_and_the_user_is_told(data, desk, upstream):
    configure(data, upstream.entry("A", "model-a"))
    environment = {name: value for name, value in desk.items() if name != "PATCHBAY_CLIENT_KEY"}
    async with launched(data, "--headless", "--port", "0", environment=environment) as program:
        lines = await program.command("env")
        program.key = lines.out.split("ANTHROPIC_AUTH_TOKEN=")[1].split()[0]
        assert (await program.ask())[0] == 200
        assert (data / "client-key").stat().st_mode & 0o777 == 0o600
        told = await program.status(lambda now: now["notices"])
        assert [one["id"] for one in told["notices"]] == ["client-key-file"]
    assert files_with(data, program.key) == ["client-key"]


async def test_a_command_that_waits_for_the_keyring_says_so_and_can_be_given_up(data, desk, bus, upstream):
    configure(data, needs_keyring(upstream))
    environment = {name: value for name, value in desk.items() if name != "PATCHBAY_CLIENT_KEY"}
    with hanging_secret_service(bus):
        listed = await command(data, "provider", "list", "--json", environment=environment)
        assert listed.json[0]["credential"] == "unavailable"
        async with launched(data, "env", environment=environment, ready=False) as asked:
            said = await asked.says("waiting for the system keyring")
            asked.process.send_signal(signal.SIGINT)
            assert await asked.ended() == 130
        assert asked.said == [said]


def files_with(data, secret):
    return [path.name for path in data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


async def in_the_keyring(environment, data, name):
    """What the keyring itself says, asked from a process of its own."""
    code = "import sys, keyring; print(keyring.get_password(sys.argv[1], sys.argv[2]))"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, locate(data).keyring_namespace, name),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 15)
    return out.decode().strip()
