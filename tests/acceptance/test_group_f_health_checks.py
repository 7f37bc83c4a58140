"""Group F, health checks: providers are asked whether they serve where the user wants that, for nothing and unseen."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from app.store.ledger.file import LedgerFile
from tests.acceptance.contract import err
from tests.acceptance.program import QUICK, started
from tests.acceptance.rig import Rig
from tests.e2e.program import KEY, PROVIDER_KEY
from tests.fakes.scripted import whole
from tests.fakes.wires import ANTHROPIC, CHAT

LIMITS = {**QUICK, "breaker_failures": 3, "breaker_open_s": 120}
ON = "[routing]\nhealth_check_s = 1\n"
TURN_S = 0.01
FAILING = whole(ANTHROPIC.error("out of order", "api_error"), status=500)
GOOD = whole(ANTHROPIC.whole())
MODELS = whole(json.dumps({"data": [{"id": "model-a"}], "usage": {"input_tokens": 900, "output_tokens": 90}}).encode())


class Asked:
    """The script of an upstream: what it serves, and the list of its models, each as a script; tells who asked."""

    def __init__(self):
        self.serves, self.lists = GOOD, {"A": MODELS, "C": MODELS}
        self.names = asyncio.Queue()
        self.probes = []
        self.posts = 0

    async def __call__(self, line, seen):
        if seen.line.startswith("POST"):
            self.posts += 1
            return await self.serves(line, seen)
        name = "A" if seen.get("x-api-key") else "C"
        self.probes.append(seen)
        self.names.put_nowait(name)
        return await self.lists[name](line, seen)

    async def by(self, name, times=1):
        """Wait until it was asked for its models so many times on behalf of that provider."""
        async with asyncio.timeout(10):
            while times:
                times -= await self.names.get() == name


@pytest.fixture
def program(tmp_path):
    """The program with a hundred turns a second: what it does every five seconds it does twenty times in one."""

    @asynccontextmanager
    async def program(more="", **lists):
        rig, asked = Rig(tmp_path), Asked()
        rig.hurry(TURN_S)
        asked.lists |= lists
        async with started(LIMITS, more=more, environment=rig.environment, script=asked) as p:
            yield p, asked

    return program


async def breakers(p, wanted):
    async with asyncio.timeout(10):
        while (found := (await p.figures()).breakers) != wanted:
            pass
    return found


async def opened(p, asked):
    """A fails until it is left alone."""
    asked.serves = FAILING
    for _ in range(3):
        assert (await p.chat(ANTHROPIC)).status == 500
    await p.rows(3)


async def test_f_nobody_is_asked_before_the_user_wants_it(program):
    async with program() as (p, asked):
        await opened(p, asked)
        await p.running.status(lambda told: told["resting"])  # meanwhile it could have asked many times
        assert asked.probes == []
        assert (await p.figures()).breakers == {"A": "open"}
        assert (await p.running.command("route", "health-checks", "10")).code == 0
        await asked.by("C")  # of whom nothing was heard yet


async def test_f_who_failed_comes_back_for_nothing_and_before_anybody_asks_for_it(program):
    gate = asyncio.get_running_loop().create_future()

    async def slowly(line, seen):
        await gate
        await MODELS(line, seen)

    async with program(ON, A=slowly) as (p, asked):
        await opened(p, asked)
        await asked.by("A")
        assert (await p.figures()).breakers == {"A": "open"}
        assert "A rests for" in err(ANTHROPIC, await p.chat(ANTHROPIC), 503)
        assert asked.posts == 3
        asked.serves = GOOD
        gate.set_result(None)
        await breakers(p, {"A": "half-open"})
        assert asked.posts == 3
        assert (await p.chat(ANTHROPIC)).status == 200
        assert (await p.figures()).breakers == {}
        assert asked.posts == 4
        for one in asked.probes:
            assert one.body == b""
            assert one.line.split(" ")[:2] in (["GET", "/v1/models"], ["GET", "/v1/models?limit=1000"])


async def test_f_who_goes_on_failing_opens_though_nobody_used_it(program):
    async with program(ON, A=FAILING) as (p, asked):
        await breakers(p, {"A": "open"})
        assert asked.posts == 0
        assert "3 failures in a row: server error" in err(ANTHROPIC, await p.chat(ANTHROPIC), 503)
        assert asked.posts == 0


async def test_f_a_check_is_no_request_of_the_users_and_counts_in_no_budget(program):
    async with program(ON) as (p, asked):
        added = await p.running.command("budget", "add", "--amount", "5000", "--per", "day", "--tokens", "--json")
        assert added.code == 0, added.err
        assert (await p.chat(ANTHROPIC)).status == 200
        await p.row()
        await asked.by("A", 2)
        await asked.by("C", 1)
        assert (await p.chat(CHAT, ANTHROPIC)).status == 200
        assert (await p.row()).provider == "A"
        told = await p.running.status(lambda told: told["today"]["exchanges"] == 2)
        assert told["today"]["output_tokens"] == 14
        (one,) = await asyncio.to_thread(LedgerFile(p.data_dir / "state.db").read)
        assert one.balance.used == 36
        assert asked.posts == 2


async def test_f_the_key_goes_to_its_provider_and_nowhere_else(program):
    away = whole(b"", "Location: /elsewhere", status=302)
    told_it = whole(CHAT.error(f"key {PROVIDER_KEY} is not valid", "authentication_error"), status=401)
    async with program(ON, A=away, C=told_it) as (p, asked):
        await asked.by("A", 2)
        told = await p.running.status(lambda told: any("rejected its key" in one["text"] for one in told["notices"]))
        assert [one["text"].split(" ")[0] for one in told["notices"] if "rejected its key" in one["text"]] == ["C"]
        assert len([one for one in asked.probes if one.get("authorization")]) == 1  # until someone changes its key
        for one in asked.probes:
            assert "elsewhere" not in one.line
            assert PROVIDER_KEY not in one.line
            assert PROVIDER_KEY in str(one.headers)
            assert KEY not in str(one.headers)
        assert PROVIDER_KEY not in json.dumps(told)
    assert PROVIDER_KEY not in "\n".join(p.running.said)
    assert not [path for path in p.data_dir.rglob("*") if path.is_file() and PROVIDER_KEY.encode() in path.read_bytes()]
