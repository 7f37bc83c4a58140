from __future__ import annotations

import json
import time

import pytest

from app.control.report import report
from app.control.tallies import USED_UP
from app.domain.budget import Budget, BudgetStanding, Period, Scope, Unit
from app.domain.periods import moment, period_at
from app.domain.status import AppStatus, ProxyState
from app.store.ledger.file import Balance, LedgerFile
from app.store.ledger.writer import LedgerWriter

ADD = ("budget", "add", "--amount", "20", "--per", "month")


def listed(cli):
    return json.loads(cli("budget", "list", "--json").out)


def test_without_budgets_it_says_how_to_set_one(cli):
    answer = cli("budget", "list")
    assert (answer.code, answer.out) == (0, "")
    assert "budget add" in answer.err


def test_a_budget_is_set_listed_changed_and_removed(cli):
    answer = cli(*ADD)
    assert answer.code == 0
    assert answer.out.startswith("Set the monthly budget of all requests (")
    (one,) = listed(cli)
    assert (one["amount"], one["unit"], one["period"], one["hard"], one["used"]) == (
        20_000_000_000, "nano-dollars", "month", True, 0,
    )  # fmt: skip
    assert "monthly budget of all requests" in cli("budget", "list").out
    assert cli("budget", "change", one["id"], "--amount", "$12.3456789012", "--warn", "50").code == 1
    assert cli("budget", "change", one["id"], "--amount", "$12.50", "--soft", "--warn", "50").code == 0
    (changed,) = listed(cli)
    assert (changed["amount"], changed["hard"], changed["warn_percent"]) == (12_500_000_000, False, 50)
    assert cli("budget", "change", one["id"], "--hard").code == 0
    assert listed(cli)[0]["amount"] == 12_500_000_000
    assert cli("budget", "remove", one["id"]).code == 0
    assert listed(cli) == []


def test_tokens_models_and_providers(cli):
    cli("provider", "add", "Local", "--vendor", "ollama")
    cli("budget", "add", "--amount", "1_000", "--per", "day", "--tokens", "--model", "claude-*", "--soft")
    cli("budget", "add", "--amount", "5", "--per", "week", "--provider", "local")
    cli("budget", "add", "--amount", "5", "--per", "total")
    found = {(one["scope"], one["subject"], one["unit"], one["period"], one["amount"]) for one in listed(cli)}
    assert found == {
        ("model", "claude-*", "tokens", "day", 1_000),
        ("provider", "Local", "nano-dollars", "week", 5_000_000_000),
        ("all", "", "nano-dollars", "total", 5_000_000_000),
    }


def test_a_keys_budget_is_set_by_its_name_and_stays_when_the_key_is_revoked(cli):
    cli("key", "create", "laptop")
    assert cli(*ADD, "--key", "laptop", "--json").code == 0
    key_id = listed(cli)[0]["subject"]
    assert listed(cli)[0]["name"] == "monthly budget of the key laptop"
    cli("key", "revoke", "laptop")
    assert listed(cli)[0]["name"] == f"monthly budget of the key {key_id} (revoked)"


@pytest.mark.parametrize(
    ("typed", "nusd"),
    [
        ("1,5", 1_500_000_000),
        ("1.250,50", 1_250_500_000_000),
        ("$1,250", 1_250_000_000_000),
        ("20 USD", 20_000_000_000),
    ],
)
def test_amounts_are_read_as_the_window_reads_them(cli, typed, nusd):
    assert cli("budget", "add", "--amount", typed, "--per", "month").code == 0
    assert listed(cli)[0]["amount"] == nusd


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("budget", "add", "--amount", "much", "--per", "day"), "--amount: 'much' will not do. This is not an amount"),
        (("budget", "add", "--amount", "0", "--per", "day"), "more than nothing"),
        (("budget", "add", "--amount", "20e3", "--per", "day"), "is not an amount"),
        (("budget", "add", "--amount", "1.234", "--per", "day"), "may mean 1234 or 1 and a fraction"),
        (("budget", "add", "--amount", "nan", "--per", "day"), "is not an amount"),
        (("budget", "add", "--amount", "1e30", "--per", "day"), "is not an amount"),
        (("budget", "add", "--amount", "1.5", "--per", "day", "--tokens"), "no smaller parts"),
        ((*ADD, "--key", "nobody"), "no client key 'nobody'"),
        ((*ADD, "--provider", "Nobody"), "no provider 'Nobody'"),
        (("budget", "change", "x", "--amount", "3"), "no budget 'x'"),
        (("budget", "remove", "x"), "no budget 'x'"),
    ],
)
def test_what_is_wrong_is_said_in_words(cli, arguments, words):
    answer = cli(*arguments)
    assert answer.code == 1
    assert words in answer.err
    assert listed(cli) == []


def test_the_status_tells_how_budgets_stand(cli):
    cli(*ADD)
    assert "Budget    monthly budget of all requests: $0.00 of $20.00 used" in cli("status").out


def test_the_status_of_a_running_program_tells_which_budget_refuses_and_until_when(cli):
    quota = Budget("q", Scope.ALL, "", Unit.TOKENS, Period.DAY, 100)
    now_us = time.time_ns() // 1_000
    ends_us = period_at(Period.DAY, now_us)[1]
    short = BudgetStanding(quota, 90, 0, ends_us, too_little=True)
    told = report(AppStatus(ProxyState.RUNNING, budgets=(short, BudgetStanding(quota, 100, 0, 0))))
    cli.beside(told)
    lines = [line for line in cli("status").out.splitlines() if line.startswith("Budget")]
    used = "Budget    daily token quota of all requests: "
    assert lines == [
        f"{used}90 tokens of 100 tokens used; too little left, requests are refused until {moment(ends_us, now_us)}",
        f"{used}100 tokens of 100 tokens used; used up, requests are refused",
    ]


def test_looking_and_setting_writes_no_sums(cli):
    cli(*ADD)
    cli("budget", "list")
    (account,) = LedgerFile(cli.folder / "state.db").read()
    assert (account.balance, account.held) == (None, 0)


def test_the_list_tells_which_budget_refuses_and_why(cli):
    cli("budget", "add", "--amount", "100", "--per", "day", "--tokens")
    (one,) = listed(cli)
    assert not one["refuses"]
    begins_us, ends_us = period_at(Period.DAY, time.time_ns() // 1_000)
    words = []
    for used in (90, 100):
        writer = LedgerWriter(cli.folder / "state.db")
        writer.keep(((one["id"], Balance(begins_us, ends_us, used, warned=USED_UP)),))
        assert writer.close(5)
        words.append(cli("budget", "list").err)
        assert listed(cli)[0]["refuses"]
    until = f"requests are refused until {moment(ends_us, begins_us)}.\n"
    name = "The daily token quota of all requests"
    assert words == [f"{name}: too little left, {until}", f"{name}: used up, {until}"]
