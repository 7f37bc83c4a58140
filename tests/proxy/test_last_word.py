"""What a client is told when nobody has answered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.domain.errors import ErrorKind, PatchbayError
from app.domain.provider import Account
from app.domain.route import Target
from app.proxy.fleet.candidate import Candidate
from app.proxy.lanes.refused import Refused
from app.proxy.last_word import Failure, LastWord
from tests.fakes.rig import provider
from tests.fakes.wires import CHAT

K = ErrorKind


def failure(name, kind, message="Sorry.", *, refused=False, **values):
    error = PatchbayError(kind, message, **values)
    job = SimpleNamespace(home=provider(CHAT, "http://x", name=name), model="m")
    return Failure(job, error, Refused(error, 500, b"{}", ()) if refused else None)


def told(*failures):
    word = LastWord()
    word.failures.extend(failures)
    return word.said()


def skipped(*errors, words=()):
    word = LastWord()
    candidate = Candidate(Target(provider(CHAT, "http://x"), "m"), Account())
    for one in errors:
        word.skipped(candidate, one.message, one)
    for one in words:
        word.skipped(candidate, one)
    return word


def test_one_failure_is_told_as_it_is():
    only = failure("A", K.BAD_REPLY)
    assert told(only) is only.error
    only = failure("A", K.UPSTREAM_ERROR, refused=True)
    assert told(only) is only


@pytest.mark.parametrize(
    "kind", [K.UNREACHABLE, K.UPSTREAM_ERROR, K.CREDENTIAL_REJECTED, K.UPSTREAM_NOT_FOUND, K.STREAM_CUT]
)
def test_a_limit_that_says_when_to_come_back_is_worth_the_most(kind):
    for order in (1, -1):
        failures = [failure("A", K.RATE_LIMITED, retry_after_s=7.0, upstream_status=429), failure("B", kind)]
        said = told(*failures[::order])
        assert (said.kind, said.retry_after_s, said.upstream_status) == (K.RATE_LIMITED, 7.0, 429)
    said = told(failure("A", K.RATE_LIMITED), failure("B", K.RATE_LIMITED, retry_after_s=7.0))
    assert said.retry_after_s == 7.0
    waits = [failure(name, K.RATE_LIMITED, retry_after_s=wait) for name, wait in (("A", 40.0), ("B", 20.0))]
    assert told(*waits).retry_after_s == 20.0


@pytest.mark.parametrize(
    ("failures", "told_kind", "again"),
    [
        # What passes at the first asked is worth more than what a stand-in alone refuses.
        ([(K.UPSTREAM_ERROR, {}), (K.UPSTREAM_INVALID_REQUEST, {})], K.UPSTREAM_ERROR, True),
        ([(K.UNREACHABLE, {}), (K.UPSTREAM_NOT_FOUND, {})], K.UNREACHABLE, True),
        ([(K.UPSTREAM_ERROR, {}), (K.CONTEXT_TOO_LONG, {}), (K.OVERLOADED, {})], K.OVERLOADED, True),
        ([(K.RATE_LIMITED, {"retry_after_s": 3.0}), (K.UPSTREAM_INVALID_REQUEST, {})], K.RATE_LIMITED, True),
        # What nobody can wait for hides no real answer.
        (
            [(K.RATE_LIMITED, {"retry_after_s": 7200.0}), (K.UPSTREAM_INVALID_REQUEST, {})],
            K.UPSTREAM_INVALID_REQUEST,
            None,
        ),
        ([(K.CREDENTIAL_REJECTED, {}), (K.UPSTREAM_INVALID_REQUEST, {})], K.UPSTREAM_INVALID_REQUEST, None),
        (
            [(K.CREDENTIAL_REJECTED, {}), (K.UPSTREAM_INVALID_REQUEST, {}), (K.OVERLOADED, {})],
            K.UPSTREAM_INVALID_REQUEST,
            None,
        ),
        (
            [(K.UPSTREAM_ERROR, {"should_retry": False}), (K.UPSTREAM_INVALID_REQUEST, {})],
            K.UPSTREAM_INVALID_REQUEST,
            None,
        ),
        ([(K.RATE_LIMITED, {"retry_after_s": 7200.0}), (K.UPSTREAM_ERROR, {})], K.UPSTREAM_ERROR, True),
        ([(K.RATE_LIMITED, {"retry_after_s": 7200.0}), (K.CREDENTIAL_REJECTED, {})], K.RATE_LIMITED, False),
        ([(K.RATE_LIMITED, {"retry_after_s": 7200.0}), (K.UPSTREAM_NOT_FOUND, {})], K.RATE_LIMITED, False),
        ([(K.CREDENTIAL_REJECTED, {"should_retry": False}), (K.UPSTREAM_NOT_FOUND, {})], K.CREDENTIAL_REJECTED, False),
    ],
)
def test_the_most_useful_of_several(failures, told_kind, again):
    said = told(*(failure(name, kind, **values) for name, (kind, values) in zip("ABC", failures, strict=False)))
    assert (said.kind, said.should_retry) == (told_kind, again)


def test_who_would_have_to_wait_for_long_is_told_not_to_try_again():
    said = told(failure("A", K.RATE_LIMITED, retry_after_s=61.0))
    assert (said.should_retry, said.retry_after_s) == (False, 61.0)
    only = failure("A", K.RATE_LIMITED, retry_after_s=60.0)
    assert told(only) is only.error
    waits = [failure(name, K.RATE_LIMITED, retry_after_s=wait) for name, wait in zip("ABC", (7200, 3, 9), strict=True)]
    assert (told(*waits).retry_after_s, told(*waits).should_retry) == (3, True)
    long = failure("A", K.RATE_LIMITED, refused=True, retry_after_s=61.0, upstream_status=429)
    long.refused.headers = (("retry-after", "61"), ("X-Should-Retry", "true"))
    assert told(long).headers() == (("retry-after", "61"), ("x-should-retry", "false"))
    short = failure("A", K.RATE_LIMITED, refused=True, retry_after_s=6.0, upstream_status=429)
    short.refused.headers = (("retry-after", "6"), ("x-should-retry", "true"))
    assert told(short).headers() == short.refused.headers


def test_it_says_how_many_were_tried_and_who():
    said = told(failure("A", K.OVERLOADED, "Overloaded"), failure("B", K.UNREACHABLE), failure("A", K.OVERLOADED))
    assert said.message == "Overloaded. Patchbay tried 3 times: A, B."


def test_a_providers_own_words_stay_where_only_it_was_asked():
    mine, again = failure("A", K.OVERLOADED, refused=True), failure("A", K.UPSTREAM_ERROR, refused=True)
    assert told(mine, again) is mine
    assert isinstance(told(mine, failure("B", K.UNREACHABLE)), PatchbayError)


def test_sentences_in_a_list_end_once():
    rejected = PatchbayError(K.CREDENTIAL_REJECTED, "First rejected its key. Enter a valid one under Providers.")
    error = skipped(rejected, words=["rests for 9 s"]).unasked(9.0)
    assert "one under Providers; Up rests for 9 s." in error.message


def test_while_somebody_rests_it_says_until_when():
    for wait_s, retry in ((12.0, True), (60.0, True), (61.0, False)):
        error = skipped(words=["rests for 12 s (rate limited)"]).unasked(wait_s)
        assert (error.kind, error.retry_after_s, error.should_retry) == (K.ALL_RESTING, wait_s, retry)
        assert "Up rests for 12 s (rate limited)" in error.message


@pytest.mark.parametrize("kind", [K.QUOTA_EXCEEDED, K.LEDGER_UNAVAILABLE, K.BUSY])
def test_a_budget_or_a_crowd_says_more_than_a_rest(kind):
    error = PatchbayError(kind, "no")
    assert skipped(PatchbayError(K.CREDENTIAL_UNAVAILABLE, "key"), error).unasked(5.0) is error


def test_what_was_forbidden_is_told_where_nobody_else_is_to_be_waited_for():
    error = skipped(words=["m rests for 9 s (not allowed)"]).unasked(None, "No access to m.")
    assert (error.kind, error.upstream_status, error.should_retry) == (K.CREDENTIAL_REJECTED, 403, False)
    assert error.message == "No access to m. Nobody was asked again: Up m rests for 9 s (not allowed)."
    assert skipped(words=["rests"]).unasked(9.0, "No access to m.").kind is K.ALL_RESTING
    no_key, no_money = PatchbayError(K.CREDENTIAL_UNAVAILABLE, "key"), PatchbayError(K.QUOTA_EXCEEDED, "money")
    assert skipped(no_key).unasked(None, "No access to m.").kind is K.CREDENTIAL_REJECTED
    assert skipped(no_key, no_money).unasked(None, "No access to m.") is no_money


def test_without_any_rest_the_first_of_the_gravest_is_told():
    key, other = PatchbayError(K.CREDENTIAL_UNAVAILABLE, "A"), PatchbayError(K.CREDENTIAL_UNAVAILABLE, "B")
    assert skipped(key, other).unasked(None) is key
    assert skipped(words=["rests because its weight is 0"]).unasked(None).kind is K.NO_PROVIDER
    assert LastWord().unasked(None).kind is K.NO_PROVIDER
