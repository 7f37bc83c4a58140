from __future__ import annotations

import asyncio

import aiohttp
import pytest

from app.boot import build, make_history
from app.domain.exchange import Filter, State
from app.domain.provider import CredentialState, Secret
from app.domain.status import Health, ProxyState
from app.lifecycle import Lifecycle
from app.system.paths import locate, prepare
from app.vault.vault import Vault
from tests.fakes.keyrings import HangingKeyring, MemoryKeyring
from tests.fakes.upstream import provider, upstream

CLIENT_KEY = "pb_client-canary-0123456789abcdefghijklmnopqrstu"
PROVIDER_KEY = "sk-provider-canary-0123456789abcdef"
ASKED = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "A question"}]}


class Running:
    """The whole program below a folder, in this process."""

    def __init__(self, folder, *, keyring=None, environment=None, port=0, demo=False):
        self.folder = folder / "data"
        self.paths = locate(self.folder)
        prepare(self.paths)
        self.keyring = keyring or MemoryKeyring()
        vault = Vault(self.paths.keyring_namespace, backend=self.keyring)
        history = make_history(self.paths, vault)
        environment = {"PATCHBAY_CLIENT_KEY": CLIENT_KEY} if environment is None else environment
        self.program = build(self.paths, vault, recorder=history, port=port, environment=environment)
        self.services = self.program.services
        self.life = Lifecycle(self.program, history, demo=demo)

    def write(self, text):
        self.paths.config.write_text(text, "utf-8")

    async def __aenter__(self):
        await self.life.start()
        self.life.follow()
        return self

    async def __aexit__(self, *_):
        self.life.quit()
        await self.life.until_quit()
        await self.life.stop()

    async def ask(self, body=ASKED, key=CLIENT_KEY):
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        url = f"http://127.0.0.1:{self.services.proxy.port}/v1/messages"
        async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as reply:
            return reply.status, await reply.json()

    async def until(self, wanted, limit_s=10.0):
        """Wait until `wanted(status)` holds."""
        board, changed = self.services.status, asyncio.Event()
        leave = board.subscribe(lambda _: changed.set())
        async with asyncio.timeout(limit_s):
            while not wanted(board.current):
                changed.clear()
                board.touch()
                await changed.wait()
        leave()
        return board.current

    def leaked(self, canary):
        return [path.name for path in self.folder.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]


@pytest.fixture
async def there():
    async with upstream() as made:
        yield made


async def test_a_request_goes_through_and_no_key_is_left_in_any_file(tmp_path, there):
    running = Running(tmp_path)
    running.write(provider(there.base_url, more=f'api_key = "{PROVIDER_KEY}"\n'))
    body = {**ASKED, "messages": [{"role": "user", "content": f"My keys are {PROVIDER_KEY} and {CLIENT_KEY}."}]}
    async with running:
        status, reply = await running.ask(body)
        assert (status, reply["content"][0]["text"]) == (200, "A few words.")
        assert there.keys == [PROVIDER_KEY]
        assert PROVIDER_KEY.encode() in there.bodies[0]
        shown = await running.until(lambda now: now.today.output_tokens == 3)
        assert shown.providers[0].health is Health.OK
        (row,) = await running.services.insight.page(Filter())
        assert (row.state, row.usage.output_tokens, row.client_key) == (State.DONE, 3, "environment")
        detail = await running.services.insight.detail(row.id)
        assert b"[secret]" in detail.client_request.body
        for side in (detail.client_request, detail.upstream_request, detail.upstream_reply, detail.client_reply):
            stored = side.body + repr(side.headers).encode()
            assert PROVIDER_KEY.encode() not in stored
            assert CLIENT_KEY.encode() not in stored
        await running.services.exports.export(running.folder / "out.jsonl", "jsonl", Filter())
        await running.until(lambda now: now.providers[0].credential_source == "system keyring")
    assert PROVIDER_KEY in running.keyring.entries.values()
    assert running.leaked(PROVIDER_KEY) == []
    assert running.leaked(CLIENT_KEY) == []


async def test_a_switch_leads_the_next_request_elsewhere(tmp_path, there):
    async with upstream() as other:
        running = Running(tmp_path)
        running.write(
            provider(there.base_url, "One", 'auth = "none"\n') + provider(other.base_url, "Two", 'auth = "none"\n')
        )
        async with running:
            await running.ask()
            await running.services.routes.use("Two")
            await running.ask()
    assert (len(there.bodies), len(other.bodies)) == (1, 1)


async def test_a_rejected_key_is_marked_said_and_healed_by_a_new_one(tmp_path, there):
    running = Running(tmp_path, environment={"PATCHBAY_CLIENT_KEY": CLIENT_KEY})
    running.write(provider(there.base_url, more=f'api_key = "{PROVIDER_KEY}"\n'))
    there.status = 401
    async with running:
        status, reply = await running.ask()
        assert status == 502
        assert "Local" in reply["error"]["message"]
        shown = await running.until(lambda now: now.providers[0].credential is CredentialState.REJECTED)
        assert any(one.id == "key/Local" for one in shown.notices)
        there.status = 200
        (entry,) = running.services.providers.entries()
        await running.services.providers.edit("Local", entry, Secret("sk-the-right-key-0123"))
        assert (await running.ask())[0] == 200
        assert there.keys[-1] == "sk-the-right-key-0123"


async def test_a_hanging_keyring_delays_neither_start_nor_stop_nor_other_providers(tmp_path, there):
    running = Running(
        tmp_path, keyring=HangingKeyring(), environment={"PATCHBAY_CLIENT_KEY": CLIENT_KEY, "K": PROVIDER_KEY}
    )
    running.write(provider(there.base_url, "One", 'env_key = "K"\n') + provider(there.base_url, "Two"))
    async with asyncio.timeout(3):
        await running.__aenter__()
    assert (await running.ask())[0] == 200
    await running.services.routes.use("Two")
    await running.services.routes.only(True)
    status, reply = await running.ask()
    assert status == 503
    assert "Two" in reply["error"]["message"]
    async with asyncio.timeout(3):
        await running.__aexit__()
    running.keyring.release.set()


async def test_a_key_made_by_another_process_opens_the_running_proxy(tmp_path, there):
    from app.store.state import ClientKeys

    running = Running(tmp_path)
    running.write(provider(there.base_url, more='auth = "none"\n'))
    async with running:
        assert (await running.ask(key="pb_unknown-0123456789"))[0] == 401
        other = ClientKeys(running.paths.state, clock=running.program.core.clock)
        digest = running.services.keys._digest(Secret("pb_made-elsewhere-0123"))
        await asyncio.to_thread(other.add, "elsewhere", digest)
        await running.program.watch.look()
        assert (await running.ask(key="pb_made-elsewhere-0123"))[0] == 200
        version = running.program.core.snapshots.current.version
        for _ in range(3):  # reading the keys must not look like another change of them
            await running.program.watch.look()
        assert running.program.core.snapshots.current.version == version


async def test_an_edit_of_the_file_is_followed(tmp_path, there):
    running = Running(tmp_path)
    async with running:
        assert (await running.ask())[0] == 503
        running.write(provider(there.base_url, more='auth = "none"\n'))
        await running.program.watch.look()
        assert (await running.ask())[0] == 200
        running.write("[[provider]]\nname = 3\n")
        await running.program.watch.look()
        assert (await running.ask())[0] == 200
        await running.until(lambda now: any(one.id == "config-broken" for one in now.notices))


async def test_a_second_quit_cuts_the_grace_short_and_every_row_has_its_end(tmp_path, there):
    running = Running(tmp_path)
    running.write(provider(there.base_url, more='auth = "none"\n'))
    there.answering.clear()
    async with running:
        asking = asyncio.get_running_loop().create_task(running.ask(), name="a request that hangs")
        await running.until(lambda now: now.in_flight == 1)
        running.life.quit()
        running.life.quit()
    async with asyncio.timeout(5):
        await asyncio.wait([asking])
    asking.exception()
    again = Running(tmp_path)
    async with again:
        (row,) = await again.services.insight.page(Filter())
        assert row.state in (State.FAILED, State.CANCELLED)


async def test_the_very_first_start_makes_a_key_and_writes_the_port(tmp_path):
    running = Running(tmp_path, environment={}, port=None)
    async with running:
        await running.until(lambda now: now.proxy is ProxyState.RUNNING)
        key = await running.services.keys.default_key()
        assert (await running.ask(key=key.value))[0] == 503
        port = running.services.proxy.port
    assert f"port = {port}" in running.paths.config.read_text("utf-8")
    again = Running(tmp_path, environment={}, port=None, keyring=running.keyring)
    async with again:
        assert await again.services.keys.default_key() == key
