from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from app.domain.exchange import UNFINISHED, Attempt, Filter, Move, Side, Sides, State
from app.domain.redact import Redactor
from app.domain.routing import Weighed
from app.domain.usage import NO_USAGE, Usage, UsageSource
from app.store.intake import Ended, Moved, Progressed, Started, without_bodies
from tests.fakes.exchanges import NOW_US, USAGE, end, exchange_id, sides, start
from tests.store.conftest import NOBODY, blocks_of

SECRET = "hunter2-hunter2"
KEYS = [
    "sk-ant-api03-abcdefghijklmnop",
    "sk-proj-abcdefghijklmnopqrst",
    "ghp_" + "c" * 36,
    "AKIAABCDEFGHIJKLMNOP",
    "AIza" + "B" * 35,
    "-----BEGIN PRIVATE KEY-----MIIEow-----END PRIVATE KEY-----",
    "eyJhbGciOiJ.eyJzdWIiOiIx.SflKxwRJSMeKKF2",
    SECRET,
]


def row(store, number=1):
    return store.reader.detail(exchange_id(number)).row


def test_a_start_is_a_row(store):
    store.record(start())
    found = row(store)
    assert (found.state, found.client, found.sent_model) == (State.STARTED, "claude-code", "claude-opus-4-8")
    assert (found.usage, found.cost, found.duration_ms) == (NO_USAGE, None, None)


def test_an_end_fills_the_row_and_prices_it(store):
    store.exchange(error_kind="rate_limited", error="slow down")
    found = row(store)
    assert (found.state, found.client_status, found.first_token_ms, found.duration_ms) == (State.DONE, 200, 210, 1_500)
    assert (found.error_kind, found.error, found.stop_reason) == ("rate_limited", "slow down", "end_turn")
    assert (found.request_bytes, found.reply_bytes, found.attempts) == (100, 200, 1)
    assert found.usage == USAGE
    assert (found.cost.input_nusd, found.cost.output_nusd, found.cost.total_nusd) == (1_000_000, 1_000_000, 2_000_000)
    assert found.cost.source == "test prices"


def test_the_dialect_that_was_taken_after_all_is_the_one_in_the_record(store):
    store.exchange(upstream_dialect="openai_responses")
    assert row(store).upstream_dialect == "openai_responses"
    store.exchange(2)
    assert row(store, 2).upstream_dialect == "openai_chat"


def test_an_unknown_price_is_unpriced(store):
    store.exchange(start={"sent_model": "unheard-of"})
    assert row(store).cost is None


def test_the_detail_has_everything_that_was_said(store):
    attempts = (Attempt("A", "m", NOW_US, 5, 529, "overloaded"), Attempt("B", "n", NOW_US + 9, 7, 200))
    store.exchange(
        sides=sides(b"ask|me", b"data: 42"),
        answer="42",
        dropped=("top_k",),
        attempts=attempts,
        timeline=((1, 2), (3, 4)),
    )
    found = store.reader.detail(exchange_id(1))
    assert (found.client_request.body, found.upstream_reply.body) == (b"ask|me", b"data: 42")
    assert (found.upstream_request.same_as, found.client_reply.same_as) == ("client_request", "upstream_reply")
    assert (found.answer, found.dropped, found.attempts, found.timeline) == (
        "42",
        ("top_k",),
        attempts,
        ((1, 2), (3, 4)),
    )


def test_the_first_end_stays(store):
    store.record(start(), end(state=State.CANCELLED, client_status=499, answer="first"))
    store.record(end(state=State.DONE, client_status=200, answer="second"))
    found = store.reader.detail(exchange_id(1))
    assert (found.row.state, found.row.client_status, found.answer) == (State.CANCELLED, 499, "first")


def test_the_first_of_two_ends_in_one_batch_stays(store):
    store.record(start(), end(state=State.FAILED), end(state=State.DONE))
    assert row(store).state is State.FAILED


def test_sql_itself_refuses_to_end_a_row_twice(store):
    store.exchange(state=State.FAILED)
    store.opened.recording._running[exchange_id(1)] = _running(store)
    with pytest.raises(sqlite3.IntegrityError):
        store.record(end(state=State.DONE))
    assert row(store).state is State.FAILED


def _running(store):
    from app.store.recording import _Running

    (seq,) = store.connection.execute("SELECT seq FROM exchange").fetchone()
    return _Running(seq, start())


def test_late_usage_fills_what_is_missing_and_nothing_else(store):
    store.record(start(), end(state=State.CANCELLED, usage=NO_USAGE))
    store.record(end(usage=USAGE))
    assert (row(store).state, row(store).usage, row(store).cost.total_nusd) == (State.CANCELLED, USAGE, 2_000_000)
    store.record(end(usage=Usage(input_tokens=9)))
    assert row(store).usage == USAGE


def test_progress_is_an_estimate_until_the_end_knows_better(store):
    store.record(start(), Progressed(exchange_id(1), Usage(input_tokens=7, output_tokens=3)))
    assert row(store).usage == Usage(input_tokens=7, output_tokens=3, source=UsageSource.ESTIMATED)
    store.record(end())
    assert row(store).usage == USAGE


def test_an_end_that_knows_no_counts_keeps_the_last_progress_and_prices_it(store):
    store.record(start(), Progressed(exchange_id(1), Usage(input_tokens=7, output_tokens=3)))
    store.record(end(state=State.CANCELLED, usage=NO_USAGE))
    assert row(store).usage == Usage(input_tokens=7, output_tokens=3, source=UsageSource.ESTIMATED)
    assert row(store).cost.total_nusd == 7 * 1_000 + 3 * 5_000


def test_progress_of_an_ended_exchange_changes_nothing(store):
    store.exchange()
    store.record(Progressed(exchange_id(1), Usage(input_tokens=7)))
    assert row(store).usage == USAGE


def test_bodies_that_were_shed_leave_their_sizes(store):
    event = without_bodies(Ended(end(sides=sides(b"ask", b"answer!"), answer="42"), 12))
    store.record(start(), event)
    found = store.reader.detail(exchange_id(1))
    assert (found.client_request.size_bytes, found.client_request.dropped, found.client_request.body) == (3, True, b"")
    assert (found.client_reply.size_bytes, found.client_reply.dropped) == (7, True)
    assert found.client_request.line == "POST /v1/messages"
    assert found.answer == ""
    assert store.count("block") == 0


def test_secrets_reach_neither_the_file_nor_the_index(make_store):
    redactor = Redactor([SECRET])
    store = make_store(redactor=lambda: redactor)
    text = " ".join(KEYS)
    side = Side((("x-note", text), ("authorization", "Bearer x")), (text.encode(),), f"POST /?key={KEYS[4]}")
    store.record(
        start(requested_model=KEYS[0]),
        end(
            sides=Sides(side, side, side, side),
            answer=text,
            error=text,
            attempts=(Attempt("A", "m", 1, 2, 3, text),),
        ),
    )
    store.index()
    detail = store.reader.detail(exchange_id(1))
    kept = repr(detail) + repr(blocks_of(store))
    assert [key for key in KEYS if key in kept] == []
    assert kept.count("[secret]") > 30
    store.close()
    raw = store.path.read_bytes()
    assert [key for key in KEYS if key.encode() in raw] == []
    for key in KEYS:
        assert store.reader.count(Filter(search=f'"{key}"')) == 0


def test_a_batch_that_fails_leaves_nothing_behind_in_file_or_memory(store):
    store.record(start(1))
    with pytest.raises(sqlite3.IntegrityError):
        store.record(start(2), end(1, sides=sides(b"a|b", b"c")), start(2))
    assert store.reader.count(Filter()) == 1
    assert store.count("block") == 0
    store.record(start(2), end(1, sides=sides(b"a|b", b"c")))
    assert row(store, 1).state is State.DONE
    assert store.reader.detail(exchange_id(1)).client_request.body == b"a|b"
    store.check()


def test_values_that_sqlite_cannot_hold_do_not_lose_the_row(store):
    usage = Usage(input_tokens=2**70, output_tokens=-(2**70))
    store.exchange(
        start={"client": "a\ud800\0b", "sent_model": "unheard-of"}, usage=usage, request_bytes=2**63, error="\udfff"
    )
    found = row(store)
    assert (found.client, found.error) == ("a\ufffd\ufffdb", "\ufffd")
    assert (found.usage.input_tokens, found.usage.output_tokens) == (2**63 - 1, -(2**63 - 1))
    assert found.request_bytes == 2**63 - 1


def test_what_runs_is_taken_over_by_a_new_connection(store, make_store):
    store.record(start(1), start(2), Progressed(exchange_id(1), Usage(input_tokens=7)))
    old = store.opened.recording
    store.connection.execute("DELETE FROM exchange WHERE id = ?", (exchange_id(2),))
    store.close()
    again = make_store(boot=store.injected.boot)
    again.opened.recording.adopt(old)
    again.record(end(1, usage=NO_USAGE), end(2))
    assert (row(again, 1).state, row(again, 1).usage.input_tokens) == (State.DONE, 7)
    assert row(again, 2).state is State.DONE


def test_the_price_list_is_loaded_ahead_and_may_fail(store, make_store, tmp_path):
    asked = []
    make_store(tmp_path / "a.db", price=lambda *what: asked.append(what)).opened.recording.warm(5)
    assert asked == [("", "", 5, 0, "")]
    make_store(tmp_path / "b.db", price=lambda: None).opened.recording.warm(5)


def test_started_events_carry_no_future_into_the_file(store):
    store.record(Started(replace(start(), id="other"), None))
    assert store.reader.count(Filter()) == 1


ELSEWHERE = {"provider": "Other", "vendor": "openai", "sent_model": "unheard-of", "upstream_dialect": "openai_chat"}


def test_the_provider_that_answered_in_the_end_is_the_one_of_the_row_and_of_its_price(store):
    store.exchange(**ELSEWHERE, account="spare")
    found = store.reader.detail(exchange_id(1))
    assert (found.row.provider, found.row.vendor, found.row.sent_model) == ("Other", "openai", "unheard-of")
    assert (found.row.requested_model, found.row.cost, found.account) == ("opus", None, "spare")
    assert store.reader.facets().providers == ("Other",)


def test_a_provider_that_holds_a_secret_is_masked_also_when_it_comes_late(store):
    store.exchange(**{**ELSEWHERE, "provider": KEYS[0]})
    assert KEYS[0] not in row(store).provider


def test_the_routing_trace_is_kept_and_masked(store):
    trace = (
        Weighed("A", "", "m", "chosen", "A is preferred", 0),
        Weighed("A", "", "m", "failed", f"bad key {KEYS[0]}", 30),
        Weighed("B", "spare", "n", "chosen", "é 漢", 31),
    )
    store.exchange(trace=trace, attempts=(Attempt("B", "n", NOW_US, 5, 200, account="spare"),))
    found = store.reader.detail(exchange_id(1))
    assert [one.why for one in found.trace][::2] == ["A is preferred", "é 漢"]
    assert KEYS[0] not in found.trace[1].why
    assert found.trace[2] == trace[2]
    assert found.attempts[0].account == "spare"
    store.exchange(2)
    assert store.reader.detail(exchange_id(2)).trace == ()


def move(number=1, **values):
    attempts = (
        Attempt("Anthropic", "claude-opus-4-8", NOW_US, 40, 500, "upstream_error"),
        Attempt("Other", "unheard-of", NOW_US + 50, 0, 0, UNFINISHED, "spare"),
    )
    trace = (Weighed("Anthropic", "", "claude-opus-4-8", "failed", "no", 40),)
    base = Move(exchange_id(number), "openai_chat", "Other", "openai", "unheard-of", "spare", attempts, trace)
    return Moved(replace(base, **values), NOBODY)


def test_a_row_names_who_is_asked_while_nobody_has_answered_yet(store):
    store.record(start(), move())
    found = store.reader.detail(exchange_id(1))
    assert (found.row.state, found.row.provider, found.row.vendor) == (State.STARTED, "Other", "openai")
    assert (found.row.sent_model, found.row.attempts, found.account) == ("unheard-of", 2, "spare")
    assert [(one.provider, one.error) for one in found.attempts] == [
        ("Anthropic", "upstream_error"),
        ("Other", UNFINISHED),
    ]
    assert [one.verdict for one in found.trace] == ["failed"]


def test_the_end_replaces_what_a_move_has_said(store):
    store.record(start())
    store.record(move())
    store.record(move(provider="Third"))
    store.record(end(**{**ELSEWHERE, "provider": "Anthropic", "sent_model": "claude-opus-4-8"}))
    found = store.reader.detail(exchange_id(1))
    assert (found.row.state, found.row.provider, found.row.attempts) == (State.DONE, "Anthropic", 1)
    assert (len(found.attempts), found.account, found.trace) == (1, "", ())


def test_a_move_that_holds_a_secret_is_masked_and_one_of_no_row_is_nothing(store):
    store.record(start(), move(account=KEYS[0]), move(2))
    assert KEYS[0] not in store.reader.detail(exchange_id(1)).account
    assert store.count("exchange") == store.count("exchange_detail") == 1


def test_a_process_that_dies_after_a_move_leaves_who_was_asked(store, make_store):
    store.record(start(), move(), Progressed(exchange_id(1), USAGE))
    store.close()
    found = make_store(boot="later").reader.detail(exchange_id(1))
    assert (found.row.state, found.row.provider, found.row.attempts) == (State.INTERRUPTED, "Other", 2)
    assert [one.provider for one in found.attempts] == ["Anthropic", "Other"]
