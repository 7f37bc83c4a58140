from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import replace

import pytest

from app.control import budgets as module
from app.control import ledger as ledger_module
from app.control.budgets import UNUSABLE, UNWRITTEN, BudgetControl
from app.control.ledger import BudgetLedger
from app.control.prices import Prices
from app.domain.budget import Period, Scope, Unit
from app.domain.client_key import ClientKey
from app.domain.errors import ConfigError, ErrorKind, PatchbayError
from app.domain.usage import Usage
from app.store.ledger.file import LedgerFile
from app.store.ledger.writer import LedgerWriter
from app.store.queries.reader import HistoryUnavailableError
from app.store.queries.spent import Asked, Spent
from app.store.state import ClientKeys
from tests.fakes.ledgers import budget, claim

NEW = budget(id="")


class Rig:
    """Budgets over a real `state.db`, and a history that answers what it is told to."""

    def __init__(self, desk, *, serving=True):
        self.desk = desk
        self.path = desk.folder / "state.db"
        self.asked: list[Asked] = []
        self.spent = Spent(100, 2_000_000_000, 3)
        self.writer = LedgerWriter(self.path)
        prices = Prices(lambda: (), desk.core.background, desk.clock, lambda *_: ())
        self.ledger = BudgetLedger(self.writer, prices, desk.clock, str)
        self.file = LedgerFile(self.path)
        self.control = BudgetControl(desk.core, self.file, self.ledger, self.answer, serving=serving)

    def answer(self, asked):
        self.asked.append(asked)
        if isinstance(self.spent, Exception):
            raise self.spent
        return self.spent

    async def open(self, **values):
        ClientKeys(self.path, clock=self.desk.clock).open()
        await self.control.open(**values)
        await self.desk.settle()
        return self

    async def use(self, tokens, **values):
        hold = await self.ledger.reserve(claim(tokens, 1, **values))
        hold.settle(Usage(tokens))

    async def close(self):
        assert await asyncio.to_thread(self.writer.close, 5)

    @property
    def one(self):
        (standing,) = self.control.standing()
        return standing


@pytest.fixture
async def make(desk, monkeypatch):
    monkeypatch.setattr(module, "RECORDED_S", 0.0)
    made = []

    async def make(*, elsewhere=False, **values):
        made.append(Rig(desk, **values))
        return await made[-1].open(elsewhere=elsewhere)

    yield make
    for rig in made:
        await rig.close()


@pytest.fixture
async def rig(make):
    return await make()


async def test_a_new_budget_begins_with_what_the_history_knows_and_says_so(rig):
    put = await rig.control.put(NEW)
    assert put.id
    assert (rig.one.budget, rig.one.used, rig.one.seeded, rig.one.unpriced) == (put, 100, 100, 0)
    money = await rig.control.put(replace(NEW, unit=Unit.MONEY, amount=10**10))
    standing = next(one for one in rig.control.standing() if one.budget == money)
    assert (standing.used, standing.seeded, standing.unpriced) == (2_000_000_000, 2_000_000_000, 3)


async def test_the_history_is_asked_for_what_the_budget_counts(rig, desk):
    desk.core.snapshots.client_keys({b"d": ClientKey("k1", "laptop")})
    rig.ledger.key_name = {"k1": "laptop"}.get
    await rig.control.put(replace(NEW, scope=Scope.KEY, subject="k1"))
    await rig.control.put(replace(NEW, scope=Scope.PROVIDER, subject="P"))
    await rig.control.put(replace(NEW, scope=Scope.MODEL, subject="m*", period=Period.TOTAL))
    begins = rig.ledger.accounts[rig.control.standing()[0].budget.id].tally.begins_us
    assert [replace(one, since_us=0) for one in rig.asked] == [
        Asked(0, key="laptop"),
        Asked(0, provider="P"),
        Asked(0, model="m*"),
    ]
    assert rig.asked[2].since_us == 0
    assert begins in {one.since_us for one in rig.asked}


async def test_a_history_that_cannot_be_read_does_not_stop_a_budget(rig):
    rig.spent = HistoryUnavailableError("history.db cannot be read")
    await rig.control.put(NEW)
    assert rig.one.used == 0
    await rig.use(10)
    assert rig.one.used == 10


async def test_what_ends_while_the_history_is_asked_is_counted_once(rig, desk):
    hold = await rig.ledger.reserve(claim(10, 1, exchange_id="runs"))
    held = asyncio.Event()
    real = rig.control._spent
    loop = asyncio.get_running_loop()

    def slow(asked):
        asyncio.run_coroutine_threadsafe(held.wait(), loop).result(5)
        return Spent(0) if "runs" in asked.besides else Spent(10) if real(asked) else Spent()

    rig.control._spent = slow
    putting = loop.create_task(rig.control.put(NEW), name="put a budget")
    while not rig.ledger.accounts:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)  # the question is on its way
    hold.settle(Usage(10))
    held.set()
    await putting
    assert rig.one.used == 10


async def test_sums_and_settings_survive_a_restart_and_holds_count_as_used(rig, make):
    put = await rig.control.put(NEW)
    await rig.use(40)
    await rig.ledger.reserve(claim(50, 9))  # and then it is killed
    again = await make()
    assert again.asked == []
    assert (again.one.budget, again.one.used, again.one.reserved) == (put, 199, 0)
    assert (again.one.assumed, again.one.seeded) == (59, 100)


async def test_another_process_changes_budgets_and_disturbs_no_sums(rig, make):
    put = await rig.control.put(NEW)
    hold = await rig.ledger.reserve(claim(50, 9))
    other = await make(serving=False, elsewhere=True)
    assert (other.one.used, other.one.reserved) == (100, 59)
    await other.control.put(replace(put, amount=5_000))
    new = await other.control.put(replace(NEW, scope=Scope.MODEL, subject="m1"))
    await other.desk.settle()
    await rig.control.reload()
    await rig.desk.settle()
    hold.settle(Usage(20))
    standings = {one.budget.id: (one.budget.amount, one.used, one.reserved) for one in rig.control.standing()}
    assert standings == {put.id: (5_000, 120, 0), new.id: (1_000, 120, 0)}
    await other.control.remove(put.id)
    await rig.control.reload()
    assert [one.budget.id for one in rig.control.standing()] == [new.id]


async def test_without_a_running_program_what_was_held_is_shown_as_used(rig, make):
    await rig.control.put(NEW)
    await rig.ledger.reserve(claim(50, 9))
    other = await make(serving=False)
    assert (other.one.used, other.one.assumed, other.one.reserved) == (159, 59, 0)


async def test_a_budget_that_counts_something_else_begins_anew(rig):
    put = await rig.control.put(NEW)
    await rig.use(40)
    await rig.control.put(replace(put, unit=Unit.MONEY, amount=10**10, hard=False))
    assert (rig.one.used, rig.one.seeded) == (2_000_000_000, 2_000_000_000)


async def test_the_file_is_not_believed_over_what_this_process_counted(rig, make):
    put = await rig.control.put(NEW)
    await rig.use(40)
    await rig.close()
    rig.ledger.accounts[put.id].tally.used = 777
    await rig.control.reload()
    assert rig.one.used == 777


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 2**53 + 1}, "amount"),
        ({"warn_percent": 101}, "warn_percent"),
        ({"subject": "P"}, "subject"),
        ({"scope": Scope.PROVIDER, "subject": " "}, "subject"),
        ({"scope": Scope.KEY, "subject": "nobody"}, "subject"),
        ({"scope": Scope.MODEL, "subject": "a\nb"}, "subject"),
        ({"scope": Scope.MODEL, "subject": "m" * 257}, "subject"),
    ],
)
async def test_what_cannot_be_a_budget_is_refused_by_its_field(rig, values, key):
    with pytest.raises(ConfigError) as caught:
        await rig.control.put(replace(NEW, **values))
    assert caught.value.key == key
    assert rig.control.standing() == ()


async def test_removing_what_is_not_there_is_an_error(rig):
    with pytest.raises(ConfigError, match="no budget 'x'"):
        await rig.control.remove("x")


async def test_the_fullest_stands_first_and_those_who_ask_are_told_of_changes(rig):
    told = []
    rig.control.subscribe(lambda _: told.append(rig.control.standing()))
    rig.spent = Spent()
    large, small = await rig.control.put(replace(NEW, amount=5_000)), await rig.control.put(NEW)
    told.clear()
    rig.control.tick()
    assert told == []
    await rig.use(10)
    rig.control.tick()
    rig.control.tick()
    assert [one.budget for one in rig.control.standing()] == [small, large]
    assert len(told) == 1


async def test_a_new_period_begins_by_itself(rig, desk):
    await rig.control.put(NEW)
    first = rig.one.resets_us
    desk.clock.forward(86_400)
    rig.control.tick()
    assert (rig.one.used, rig.one.resets_us > first) == (0, True)


async def test_warnings_come_from_what_is_used(rig, desk):
    told = []
    rig.control.on_warning(told.append)
    put = await rig.control.put(NEW)
    await rig.use(750)
    assert desk.notice(f"budget-{put.id}") == told[0]
    with pytest.raises(PatchbayError):
        await rig.use(200)
    assert len(told) == 2
    await rig.control.remove(put.id)
    assert desk.notice(f"budget-{put.id}") == ""


async def test_while_the_file_cannot_be_read_nothing_is_spent_and_it_is_tried_again(desk):
    rig = Rig(desk)
    rig.path.mkdir()
    await rig.control.open()
    assert "no request is sent" in desk.notice(UNUSABLE)
    with pytest.raises(PatchbayError) as caught:
        await rig.ledger.reserve(claim())
    assert caught.value.kind is ErrorKind.LEDGER_UNAVAILABLE
    with pytest.raises(ConfigError, match="nothing was changed"):
        await rig.control.put(NEW)
    rig.path.rmdir()
    ClientKeys(rig.path, clock=desk.clock).open()
    for _ in range(module.RETRY_TURNS):
        rig.control.tick()
    await desk.settle()
    assert desk.notice(UNUSABLE) == ""
    (await rig.ledger.reserve(claim())).release()


async def test_a_disk_that_takes_nothing_is_told_while_it_is_so(rig, desk):
    await rig.control.put(NEW)
    rig.writer.problem = "database or disk is full"
    rig.control.tick()
    assert "database or disk is full" in desk.notice(UNWRITTEN)
    rig.writer.problem = ""
    rig.control.tick()
    assert desk.notice(UNWRITTEN) == ""


async def test_the_price_list_is_loaded_ahead_only_for_budgets_of_money(rig):
    looked_up = []
    rig.ledger.prices._steps_of = lambda *what: looked_up.append(what) or ()
    put = await rig.control.put(NEW)
    rig.control.warm()
    await rig.desk.settle()
    assert looked_up == []
    await rig.control.put(replace(put, unit=Unit.MONEY))
    rig.control.warm()
    await rig.desk.settle()
    assert len(looked_up) == 1


async def test_a_file_that_others_keep_locked_stops_spending_until_they_let_go(rig, desk, monkeypatch):
    await rig.control.put(NEW)
    monkeypatch.setattr(ledger_module, "WRITE_S", 0.05)
    with contextlib.closing(sqlite3.connect(rig.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PatchbayError) as caught:
            await rig.ledger.reserve(claim())
        assert caught.value.kind is ErrorKind.LEDGER_UNAVAILABLE
        assert rig.one.reserved == 0
        other.execute("ROLLBACK")
    monkeypatch.setattr(ledger_module, "WRITE_S", 5.0)
    await rig.use(10)
    await rig.close()
    (kept,) = rig.file.read()
    assert (kept.balance.used, kept.held) == (110, 0)


async def test_a_file_that_cannot_be_read_later_changes_nothing(rig, desk, caplog):
    await rig.control.put(NEW)
    await rig.close()
    with contextlib.suppress(FileNotFoundError):
        for path in desk.folder.glob("state.db*"):
            path.unlink()
    rig.path.mkdir()
    await rig.control.reload()
    assert "were not reloaded" in caplog.text
    assert rig.one.used == 100


async def test_whoever_asks_is_told_of_warnings(rig):
    told = []
    stop = rig.control.on_warning(told.append)
    put = await rig.control.put(NEW)
    await rig.use(750)
    stop()
    await rig.use(149)
    assert len(told) == 1
    assert told[0].startswith(f"The {rig.control.name_of(put)}: 850 tokens of 1,000 tokens used.")


async def test_those_that_refuse_stand_first_and_those_of_a_key_that_is_gone_last(rig, desk):
    desk.core.snapshots.client_keys({b"d": ClientKey("k1", "laptop")})
    gone = await rig.control.put(replace(NEW, scope=Scope.KEY, subject="k1", amount=10))
    soft = await rig.control.put(replace(NEW, hard=False, amount=10))
    half = await rig.control.put(replace(NEW, amount=200))
    hard = await rig.control.put(replace(NEW, amount=100))
    desk.core.snapshots.client_keys({})
    assert [one.budget for one in rig.control.standing()] == [hard, soft, half, gone]
    assert [one.idle for one in rig.control.standing()] == [False, False, False, True]


async def test_one_with_too_little_left_is_told_as_refusing_until_it_is_raised_or_begins_anew(rig, desk):
    rig.spent = Spent()
    put = await rig.control.put(NEW)
    told = []
    rig.control.subscribe(lambda _: told.append(rig.one.refuses))
    await rig.use(600)
    rig.control.tick()
    with pytest.raises(PatchbayError):
        await rig.use(500)
    rig.control.tick()
    rig.control.tick()
    assert told == [False, True]
    assert (rig.one.too_little, rig.one.used) == (True, 600)
    await rig.control.put(replace(put, amount=2_000))
    assert not rig.one.refuses
    with pytest.raises(PatchbayError):
        await rig.use(1_500)
    assert rig.one.refuses
    desk.clock.forward(86_400)
    assert not rig.one.refuses
