from __future__ import annotations

import json
import time

import pytest

from app.cli.running import Key, Running
from app.control.report import report
from app.domain.periods import until
from app.domain.provider import CredentialState
from app.domain.routing import Resting
from app.domain.status import AccountStatus, AppStatus, ProxyState
from tests.fakes.sample import NOW_US, provider

END_US = NOW_US + 60_000_000
END = until(END_US, NOW_US)
OWN = AccountStatus("", CredentialState.READY, "system keyring")
SPARE = AccountStatus("spare", CredentialState.READY, "environment variable SPARE")
IDLE = AccountStatus("idle", CredentialState.READY, "system keyring", weight=0)
LOST = AccountStatus("lost", CredentialState.MISSING, "")


def running(*resting, accounts=(OWN,)):
    now = AppStatus(ProxyState.RUNNING, providers=(provider("Alpha", accounts=accounts),), resting=resting)
    return Running(report(now), NOW_US)


def rest(account="", model="", until_us=END_US, why="quota used up", breaker=""):
    return Resting("Alpha", account, model, until_us, why, breaker)


def test_nothing_is_known_where_nothing_runs():
    idle = Running("")
    assert (idle.key("Alpha"), idle.stops("Alpha"), idle.notes("Alpha"), idle.resting()) == (None, "", "", [])


def test_an_account_rests_by_itself():
    told = running(rest("spare"), rest(model="gpt-5"), rest("lost"), accounts=(OWN, SPARE, LOST))
    assert told.rest("Alpha", "spare") == (END_US, "quota used up")
    assert [told.rest("Alpha", one) for one in ("", "lost", "none")] == [None] * 3
    assert told.rest("Beta", "") is None


def test_keys_are_as_the_program_has_them():
    told = running(accounts=(OWN, SPARE))
    assert told.key("Alpha") == Key("ready", "system keyring")
    assert told.key("Alpha", "spare") == Key("ready", "environment variable SPARE")
    assert (told.key("Alpha", "none"), told.key("Beta")) == (None, None)


@pytest.mark.parametrize(
    ("resting", "accounts", "words"),
    [
        ([rest()], (OWN,), f"rests until {END} (quota used up)"),
        ([rest()], (OWN, IDLE, LOST), f"rests until {END} (quota used up)"),
        ([rest(why="")], (OWN,), f"rests until {END}"),
        ([rest(why="a\x1b[2Jb")], (OWN,), f"rests until {END} (a\ufffd[2Jb)"),
        ([rest(), rest("spare", until_us=END_US + 1)], (OWN, SPARE), f"rests until {END} (quota used up)"),
        ([rest(model="gpt-5")], (OWN,), f"rests until {END} (quota used up)"),
        ([rest()], (OWN, SPARE), ""),
        ([rest(model="other")], (OWN,), ""),
        ([rest(breaker="half-open")], (OWN,), ""),
        ([rest(until_us=NOW_US)], (OWN,), ""),
        ([], (LOST,), "no key at hand"),
    ],
)
def test_a_target_is_skipped_while_all_its_keys_rest(resting, accounts, words):
    assert running(*resting, accounts=accounts).stops("Alpha", "gpt-5") == words


def test_some_keys_may_rest():
    told = running(rest(), accounts=(OWN, SPARE))
    assert told.notes("Alpha", "gpt-5") == f"1 of 2 keys rests until {END} (quota used up)"
    assert told.resting() == [f"Alpha: 1 of 2 keys rests until {END} (quota used up)"]


def test_the_list_names_single_models_and_does_not_repeat_the_whole():
    one = rest(model="gpt-5", why="rate limited")
    assert running(one).resting() == [f"Alpha: gpt-5 rests until {END} (rate limited)"]
    assert running(rest(), rest(model="gpt-5")).resting() == [f"Alpha rests until {END} (quota used up)"]


def test_a_report_of_an_older_version_is_understood():
    told = json.loads(report(AppStatus(ProxyState.RUNNING, providers=(provider("Alpha"),), resting=(rest(),))))
    del told["providers"][0]["accounts"], told["providers"][0]["key_source"]
    older = Running(json.dumps(told), NOW_US)
    assert (older.key("Alpha"), older.stops("Alpha")) == (None, f"rests until {END} (quota used up)")
    assert Running("", time.time_ns() // 1_000).resting() == []
