"""Group B, quotas and budgets: exact under any number of clients, through the running program and across a kill."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from app.dialects.prompt_size import prompt_tokens
from app.domain.usage import UsageSource
from app.store.ledger.file import LedgerFile
from tests.acceptance.contract import alive, err, kinds, up
from tests.acceptance.program import QUICK, providers, toml
from tests.e2e.program import base_environment, configure, launched
from tests.fakes.scripted import LAST, Scripted, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT, WIRES

MORE = """
[[price]]
provider = "A"
model = "model-*"
input = 2
output = 10
cache_write = 2.5
"""
LIMITS = {"reply_total_s": 20, "first_byte_s": 20}
CLIENTS = 50
MODEL = "A:model-a"


def reply(tokens_in, tokens_out):
    """An answer that reports this much."""
    body = json.loads(ANTHROPIC.whole())
    body["usage"] = {"input_tokens": tokens_in, "output_tokens": tokens_out}
    return json.dumps(body).encode()


class Reporting:
    """An upstream that uses what it is told to, and remembers what it told."""

    def __init__(self, pause_s=0.0, most_in=10):
        self.random = random.Random(5)
        self.told = []
        """Tokens of each request, from the moment on in which the provider would bill them."""
        self.pause_s = pause_s
        self.most_in = most_in

    async def __call__(self, line, seen):
        most_out = json.loads(seen.body)["max_tokens"]
        used = self.random.randint(1, self.most_in), self.random.randint(1, most_out)  # 0 beside a text is estimated
        self.told.append(sum(used))
        await asyncio.sleep(self.random.random() * self.pause_s)
        body = reply(*used)
        await line.send(head(200, "application/json", length=len(body)) + body)


def accounts(running):
    """The budgets by id, as they are on the disk."""
    return {one.budget.id: one for one in LedgerFile(running.data_dir / "state.db").read()}


async def put(running, *arguments):
    """Set a budget; its id, once the running program counts it."""
    answer = await running.command("budget", "add", *arguments, "--json")
    assert answer.code == 0, answer.err
    await standing(running, answer.json["id"])
    return answer.json["id"]


async def standing(running, budget_id, limit_s=5.0):
    """What a budget counted, once nothing runs: a hold and what replaces it change in one step."""
    async with asyncio.timeout(limit_s):
        while True:
            one = (await asyncio.to_thread(accounts, running))[budget_id]
            if one.balance is not None and not one.held:
                return one.balance
            await asyncio.sleep(0.01)


@pytest.fixture
async def clean(p):
    yield p
    for budget_id in accounts(p.running):
        assert (await p.running.command("budget", "remove", budget_id)).code == 0


async def test_b13_what_was_used_is_booked_and_what_does_not_fit_never_reaches_the_upstream(clean):
    p = clean
    p.upstream.script = whole(reply(600, 300))
    assert (await p.chat(ANTHROPIC)).status == 200
    await p.row()
    quota = await put(p.running, "--amount", "1000", "--per", "day", "--tokens")
    one = await standing(p.running, quota)
    assert (one.used, one.seeded) == (900, 900)
    p.upstream.script = whole(reply(10, 30))
    assert (await p.chat(ANTHROPIC, max_tokens=50)).status == 200
    await p.row()
    assert (await standing(p.running, quota)).used == 940
    up(p, 2)
    for wire in WIRES:
        message = err(
            wire, await p.chat(wire, max_tokens=61), 429, kinds(wire, "rate_limit_error", "insufficient_quota")
        )
        assert "daily token quota of all requests" in message
        assert "60 tokens left" in message
        assert "resets tomorrow at 00:00" in message
        assert (await p.row()).error_kind == "quota_exceeded"
    up(p, 2)
    assert (await standing(p.running, quota)).used == 940


async def test_b13_a_refusal_says_how_long_and_that_trying_again_is_of_no_use(clean):
    p = clean
    await put(p.running, "--amount", "10", "--per", "day", "--tokens")
    answer = await p.chat(ANTHROPIC, max_tokens=50)
    assert answer.get("x-should-retry") == "false"
    await p.running.command("budget", "remove", *accounts(p.running))
    await put(p.running, "--amount", "200", "--per", "day", "--tokens")
    p.upstream.script = Reporting(pause_s=0)
    async with asyncio.timeout(10):
        while (last := await p.chat(ANTHROPIC, max_tokens=150)).status == 200:
            pass
    assert 0 < int(last.get("retry-after")) <= 86_400
    await p.settle()


async def test_b13_the_counter_is_the_sum_of_200_random_requests(clean):
    p = clean
    p.upstream.script = upstream = Reporting(most_in=1_000)
    ids = [
        await put(p.running, "--amount", "10000000", "--per", "month", "--tokens"),
        await put(p.running, "--amount", "10000000", "--per", "total", "--tokens", "--provider", "A"),
        await put(p.running, "--amount", "10000000", "--per", "week", "--tokens", "--model", "model-*", "--soft"),
    ]
    before = {one: (await standing(p.running, one)).used for one in ids}

    async def client(number):
        for _ in range(10):
            assert (await p.chat(ANTHROPIC, max_tokens=1 + number * 37)).status == 200

    await asyncio.gather(*map(client, range(20)))
    assert len(upstream.told) == 200
    for one in ids:
        assert (await standing(p.running, one)).used - before[one] == sum(upstream.told)
    await p.rows(200)


async def test_b13_money_is_booked_at_the_users_price_as_the_history_has_it(clean):
    p = clean
    budget_id = await put(p.running, "--amount", "1", "--per", "total", "--provider", "A")
    before = (await standing(p.running, budget_id)).used
    p.upstream.script = whole(reply(12, 34))
    assert (await p.chat(ANTHROPIC, max_tokens=50)).status == 200
    row = await p.row()
    assert (row.cost.total_nusd, row.cost.source) == (12 * 2_000 + 34 * 10_000, "patchbay.toml")
    assert (await standing(p.running, budget_id)).used - before == row.cost.total_nusd
    file = p.data_dir / "patchbay.toml"
    file.write_text(file.read_text().replace("output = 10", "output = 20"))
    assert (
        await p.running.command("budget", "change", budget_id, "--amount", "2")
    ).code == 0  # and a look at all files
    assert (await p.chat(ANTHROPIC, max_tokens=50)).status == 200
    dearer = await p.row()
    assert dearer.cost.total_nusd == 12 * 2_000 + 34 * 20_000
    assert (await standing(p.running, budget_id)).used - before == row.cost.total_nusd + dearer.cost.total_nusd


async def test_b13_what_a_provider_invents_does_not_use_a_budget_up(clean):
    p = clean
    quota = await put(p.running, "--amount", "10000000", "--per", "total", "--tokens", "--provider", "A")
    p.upstream.script = whole(reply(1_000_000_000_000, 7))
    assert (await p.chat(ANTHROPIC, max_tokens=50)).status == 200
    row = await p.row()
    assert row.usage.source is not UsageSource.REPORTED
    one = await standing(p.running, quota)
    assert one.used - one.seeded == row.usage.total_tokens < 1_000


async def test_b13_a_model_without_a_price_is_not_asked_for_money(clean):
    p = clean
    await put(p.running, "--amount", "1", "--per", "day")
    p.upstream.script = whole(CHAT.whole())
    message = err(CHAT, await p.chat(CHAT), 429, "insufficient_quota")
    assert "[[price]]" in message
    up(p, 0)
    await p.running.command("budget", "change", *accounts(p.running), "--soft")
    assert (await p.chat(CHAT)).status == 200
    await p.rows(2)


async def test_b13_50_clients_at_once_never_exceed_a_hard_budget(clean):
    p = clean
    quota = await put(p.running, "--amount", "20000", "--per", "total", "--tokens", "--provider", "A")
    seeded = (await standing(p.running, quota)).used
    p.upstream.script = upstream = Reporting(pause_s=0.02)
    await p.running.command("budget", "change", quota, "--amount", str(seeded + 5_000))
    statuses = Counter()

    async def client():
        for _ in range(8):
            answer = await p.chat(ANTHROPIC, max_tokens=200)
            statuses[answer.status] += 1
            if answer.status == 429:
                lasts = answer.get("x-should-retry") == "false"
                assert lasts or 0 < int(answer.get("retry-after")) <= 10

    async def looks():
        while not done.is_set():
            one = (await asyncio.to_thread(accounts, p.running))[quota]
            assert one.balance.used + one.held <= one.budget.amount
            held.append(one.held)
            await asyncio.sleep(0.01)

    done, held = asyncio.Event(), []
    looking = asyncio.get_running_loop().create_task(looks(), name="look at the budget")
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    done.set()
    await looking
    assert max(held) > 0
    one = await standing(p.running, quota)
    assert set(statuses) == {200, 429}
    assert one.used - seeded == sum(upstream.told) <= 5_000
    assert statuses[200] == len(upstream.told)
    await p.settle()
    await p.running.command("budget", "remove", quota)
    await alive(p)


def talking(tokens):
    """A stream of about so many tokens, in pieces of a hundred."""

    async def script(line, seen):
        await line.send(head(200, "text/event-stream"))
        *events, last = [chunk(event) for event in CHAT.events(*["word " * 80] * (tokens // 100))]
        for event in events:
            await line.send(event)
            await asyncio.sleep(0.02)
        await line.send(last, LAST)

    return script


async def test_b13_an_answer_without_a_bound_ends_where_its_budget_does(clean):
    p = clean
    quota = await put(p.running, "--amount", "11000", "--per", "total", "--tokens", "--provider", "C")
    p.upstream.script = talking(60_000)
    reply = await p.chat(CHAT, stream=True, max_tokens=None)
    assert reply.status == 200
    assert not CHAT.ended_well(reply.body)
    assert "has no room for more" in CHAT.stream_error(reply.body)["message"]
    row = await p.row()
    assert row.error_kind == "quota_exceeded"
    one = await standing(p.running, quota)
    assert one.used - one.seeded == row.usage.total_tokens
    assert 7_000 < one.used <= 11_000
    await p.running.command("budget", "change", quota, "--amount", "40000")
    p.upstream.script = talking(12_000)
    reply = await p.chat(CHAT, stream=True, max_tokens=None)
    assert CHAT.ended_well(reply.body)
    assert (await standing(p.running, quota)).used == one.used + (await p.row()).usage.total_tokens


async def test_b13_after_kill_9_nothing_is_forgotten_and_what_was_settled_is_exact(tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="pb-"))
    upstream = await Scripted().start()
    upstream.script = reporting = Reporting(pause_s=0.3)
    environment = base_environment()
    configure(folder / "data", toml({**QUICK, **LIMITS}, providers(upstream.url)))
    arguments = ("--headless", "--port", "0")
    answered = []
    try:
        async with launched(folder / "data", *arguments, environment=environment) as running:
            quota = await put(running, "--amount", "40000", "--per", "total", "--tokens")

            async def client():
                while running.process.returncode is None:
                    status, body = await running.ask(MODEL)
                    assert status == 200
                    answered.append(sum(body["usage"].values()))

            clients = [asyncio.get_running_loop().create_task(client(), name="a client") for _ in range(CLIENTS)]
            await asyncio.sleep(1.2)
            settled = sum(answered)
            await asyncio.sleep(0.3)  # what was answered is on the disk by now
            running.process.send_signal(signal.SIGKILL)
            await running.process.wait()
            await asyncio.gather(*clients, return_exceptions=True)
        most = prompt_tokens(upstream.seen[0].body) + 50
        async with launched(folder / "data", *arguments, environment=environment) as running:
            one = await standing(running, quota)
            assert sum(reporting.told) <= one.used <= 40_000
            assert settled <= one.used - one.assumed <= sum(reporting.told)
            assert 0 < one.assumed <= CLIENTS * most
            before, told = one.used, len(reporting.told)
            assert (await running.ask(MODEL))[0] == 200
            assert (await standing(running, quota)).used == before + reporting.told[told]
            running.process.send_signal(signal.SIGTERM)
            assert await running.ended() == 0
            at_rest = accounts(running)[quota]
            assert (at_rest.held, at_rest.balance.used) == (0, before + reporting.told[told])
    finally:
        await upstream.stop()
        shutil.rmtree(folder, ignore_errors=True)
