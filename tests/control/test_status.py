from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.control.status import StatusBoard
from app.control.today import Today
from app.domain.exchange import Totals
from app.domain.provider import Account, Credential, CredentialState, Secret, Tier, credential_id
from app.domain.rest_words import rest_words
from app.domain.route import CLAUDE_NAMES
from app.domain.routing import ModelWindow, Resting
from app.domain.status import Health, NoticeAction, ProxyState, Severity

TWO = """
[config]
provider = "Claude"

[[provider]]
name = "Router"
vendor = "openrouter"
big_models = ["big/one", "big/two"]
small_models = ["small/one"]

[[provider]]
name = "Claude"
vendor = "anthropic"
"""
UNTOLD = """
[[provider]]
name = "Untold"
vendor = "anthropic-compatible"
base_url = "http://127.0.0.1:9"
models = ["claude-opus-4-8", "claude-haiku-4-5", "another"]
"""


@pytest.fixture
def board(desk):
    today = Today(desk.core, lambda wanted: Totals(exchanges=3))
    made = StatusBoard(desk.core, desk.proxy, desk.marks, today, "1.2.3")
    made.today = today
    yield made
    made.close()


async def test_an_empty_program_says_what_to_do(desk, board):
    await desk.begin()
    board.refresh()
    status = board.current
    assert (status.proxy, status.active, status.tiers, status.version) == (ProxyState.STOPPED, "", (), "1.2.3")
    assert [(one.id, one.action) for one in status.notices] == [("no-provider", NoticeAction.ADD_PROVIDER)]


async def test_providers_keep_their_order_color_and_truth(desk, board):
    await desk.begin(TWO)
    desk.marks.provider_answered("Claude")
    board.refresh()
    router, claude = board.current.providers
    assert (router.name, router.active, router.color, router.vendor_label) == ("Router", False, 0, "OpenRouter")
    assert (claude.active, claude.color, claude.dialect) == (True, 1, "anthropic_messages")
    assert claude.credential is CredentialState.MISSING
    assert claude.health is Health.DOWN
    assert router.models == ("big/one", "big/two", "small/one")
    assert router.env_key == "OPENROUTER_API_KEY"


async def test_accounts_are_shown_by_priority_and_one_that_is_ready_speaks_for_the_provider(desk, board):
    await desk.begin(TWO)
    router = replace(
        desk.snapshot.providers[0], accounts=(Account("late", priority=5), Account("work", priority=2, weight=3))
    )
    desk.core.snapshots.configure(desk.snapshot.settings, (router, desk.snapshot.providers[1]))
    ready = Credential(CredentialState.READY, Secret("sk-work-0123456789"), "system keyring")
    desk.core.snapshots.credentials({credential_id("Router", "work"): ready})
    board.refresh()
    shown = board.current.providers[0]
    assert [(one.name, one.priority, one.weight) for one in shown.accounts] == [
        ("", 0, 1),
        ("work", 2, 3),
        ("late", 5, 1),
    ]
    assert shown.accounts[1].state is CredentialState.READY
    assert (shown.credential, shown.credential_source) == (CredentialState.READY, "account work, system keyring")
    assert shown.health is Health.UNKNOWN


async def test_what_rests_is_told_of_the_account_and_of_a_provider_with_nobody_else(desk, board):
    await desk.begin(TWO)
    desk.core.snapshots.credentials(
        {name: Credential(CredentialState.READY, Secret("sk-0123456789abcdef")) for name in ("Router", "Claude")}
    )
    desk.server.resting = (Resting("Router", "", "", 77, "rate limited"), Resting("Claude", "", "opus", 99, "quota"))
    board.refresh()
    router, claude = board.current.providers
    assert (router.resting_until_us, router.resting_why) == (77, "rate limited")
    assert (router.accounts[0].resting_until_us, router.accounts[0].resting_why) == (77, "rate limited")
    assert (claude.resting_until_us, claude.accounts[0].resting_until_us) == (0, 0)
    assert len(board.current.resting) == 2
    desk.server.learned.refused(desk.providers.provider("Claude"), "opus", "maximum context length is 8192 tokens")
    board.refresh()
    assert board.current.windows == (ModelWindow("Claude", "opus", 8_192),)
    desk.server.resting = ()
    board.refresh()
    assert board.current.providers[0].resting_until_us == 0


async def test_a_rest_is_the_health_of_the_account_and_of_a_provider_with_nobody_else(desk, board):
    await desk.begin(TWO)
    desk.core.snapshots.credentials(
        {name: Credential(CredentialState.READY, Secret("sk-0123456789abcdef")) for name in ("Router", "Claude")}
    )
    for name in ("Router", "Claude"):
        desk.marks.provider_answered(name)
    soon_us = desk.clock.now_us() + 60_000_000
    desk.server.resting = (
        Resting("Router", "", "", soon_us, "rate limited"),
        Resting("Claude", "", "opus", soon_us, "x"),
    )
    router, claude = board.look().providers
    words = rest_words(soon_us, "rate limited", desk.clock.now_us())
    assert (router.health, router.health_text) == (Health.DEGRADED, words)
    assert (router.accounts[0].health, router.accounts[0].health_text) == (Health.DEGRADED, words)
    assert claude.health is Health.OK
    assert claude.health_text == f"answered just now; opus {rest_words(soon_us, 'x', desk.clock.now_us())}"
    assert claude.accounts[0].health_text == "answered just now"


async def test_the_end_of_a_rest_is_noticed_by_itself(desk, board):
    await desk.begin(TWO)
    desk.core.snapshots.credentials({"Router": Credential(CredentialState.READY, Secret("sk-0123456789abcdef"))})
    desk.server.resting = (Resting("Router", "", "", desk.clock.now_us() + 1_000, "rate limited"),)
    board.refresh()
    heard = asyncio.Event()
    board.subscribe(lambda _: heard.set())
    desk.server.resting = ()
    async with asyncio.timeout(5):
        await heard.wait()
    assert board.current.providers[0].health_text == "not used yet"


async def test_tiers_of_a_provider_that_serves_claude_itself(desk, board):
    await desk.begin(TWO)
    board.refresh()
    big = board.current.tiers[0]
    assert (big.tier, big.as_asked, big.chosen, big.effective) == (Tier.BIG, True, "", "")
    await desk.routes.choose(Tier.BIG, "claude-opus-4-8")
    board.refresh()
    assert (board.current.tiers[0].chosen, board.current.tiers[0].effective) == ("claude-opus-4-8", "claude-opus-4-8")


async def test_tiers_of_a_provider_that_maps_them(desk, board):
    await desk.begin(TWO)
    await desk.routes.use("Router")
    board.refresh()
    big, middle, small = board.current.tiers
    assert big.models == ("big/one", "big/two", "small/one")
    assert small.models == ("small/one", "big/one", "big/two")
    assert (big.as_asked, big.effective) == (False, "big/one")
    assert (middle.effective, small.effective) == ("big/one", "small/one")


async def test_a_choice_that_leads_elsewhere_names_the_provider(desk, board):
    await desk.begin(TWO.replace("[config]", '[config]\nsmall_model = "Router:small/one"'))
    board.refresh()
    small = board.current.tiers[2]
    assert (small.chosen, small.effective) == ("Router:small/one", "Router:small/one")


async def test_pausing_open_auth_demo_and_degraded_are_shown(desk, board):
    await desk.begin('[config]\nauth = "open"\n')
    await desk.proxy.start()
    await desk.demo.start()
    desk.proxy.pause()
    desk.server.in_flight = 2
    board.degraded = lambda: "the disk is full"
    board.refresh()
    status = board.current
    assert (status.proxy, status.open_auth, status.demo, status.in_flight) == (ProxyState.PAUSED, True, True, 2)
    assert status.recorder_degraded
    assert status.port == 8082
    desk.proxy.resume()
    board.refresh()
    assert board.current.proxy is ProxyState.RUNNING


async def test_changes_that_come_together_are_told_once_and_nothing_is_told_without_change(desk, board):
    await desk.begin(TWO)
    board.refresh()
    told, heard = [], asyncio.Event()

    def hear(status):
        told.append(status)
        heard.set()

    leave = board.subscribe(hear)
    for text in ("one", "two", "three"):
        desk.core.notices.put("x", Severity.INFO, text)
    desk.marks.provider_answered("Claude")
    async with asyncio.timeout(5):
        await heard.wait()
    assert [one.text for one in told[0].notices if one.id == "x"] == ["three"]
    board.touch()
    board.refresh()
    assert len(told) == 1
    leave()
    desk.core.notices.drop("x")
    board.refresh()
    assert len(told) == 1


async def test_todays_totals_reach_the_status(desk, board):
    await board.today.ask()
    board.refresh()
    assert board.current.today.exchanges == 3


async def test_what_is_asked_is_only_said_to_be_served_where_it_is(desk, board):
    """Models of no tier: their names decide, and nothing is "as asked"."""
    await desk.begin(UNTOLD)
    board.refresh()
    for choice in board.current.tiers:
        assert not choice.as_asked
        assert choice.effective == desk.core.snapshots.current.target(f"{CLAUDE_NAMES[choice.tier]}-9").model
    assert [choice.effective for choice in board.current.tiers] == ["claude-opus-4-8", "another", "claude-haiku-4-5"]
