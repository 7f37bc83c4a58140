"""The table of errors: whose doing each is, and what may be tried after it."""

from __future__ import annotations

import pytest

from app.domain.errors import ErrorKind, Fault, PatchbayError
from app.domain.routing import ErrorRule, Meaning
from app.proxy.fleet.fleet import Outcome
from app.proxy.verdicts import judge

FAILED, LIMITED, REJECTED, NEUTRAL = Outcome.FAILED, Outcome.LIMITED, Outcome.REJECTED, Outcome.NEUTRAL
SILENT = Outcome.SILENT
FORBIDDEN = Outcome.FORBIDDEN
K = ErrorKind


def verdict(kind, *rules, message="sorry", **values):
    found = judge(PatchbayError(kind, message, **values), "Up", "the-model", rules)
    return found.outcome, found.elsewhere, found.again


@pytest.mark.parametrize(
    ("kind", "values", "wanted"),
    [
        (K.UNREACHABLE, {"unsent": True}, (FAILED, True, True)),
        (K.UPSTREAM_TIMEOUT, {"unsent": True}, (FAILED, True, True)),
        (K.TLS_FAILED, {"unsent": True}, (FAILED, True, False)),
        (K.ADDRESS_REFUSED, {"unsent": True}, (FAILED, True, False)),
        # Sent whole and answered with nothing, or not in time: it may run, and may have been billed.
        (K.UNREACHABLE, {}, (FAILED, False, False)),
        (K.UPSTREAM_TIMEOUT, {}, (SILENT, False, False)),
        (K.STREAM_STALLED, {}, (FAILED, False, False)),
        (K.RATE_LIMITED, {"upstream_status": 429}, (LIMITED, True, True)),
        (K.BILLING, {"upstream_status": 402}, (LIMITED, True, False)),
        (K.UPSTREAM_ERROR, {"upstream_status": 500}, (FAILED, True, True)),
        (K.UPSTREAM_ERROR, {"upstream_status": 501}, (FAILED, True, False)),
        (K.UPSTREAM_ERROR, {"upstream_status": 508}, (FAILED, True, False)),
        (K.OVERLOADED, {"upstream_status": 502}, (FAILED, True, True)),
        (K.OVERLOADED, {"upstream_status": 503}, (FAILED, True, True)),
        (K.OVERLOADED, {"upstream_status": 529}, (FAILED, True, True)),
        (K.OVERLOADED, {}, (FAILED, True, True)),
        (K.OVERLOADED, {"upstream_status": 503, "should_retry": False}, (FAILED, True, False)),
        (K.UPSTREAM_TIMEOUT, {"upstream_status": 504}, (FAILED, True, True)),
        # A gateway gave up waiting: what it waited for may run on.
        (K.UPSTREAM_TIMEOUT, {"upstream_status": 408}, (SILENT, False, False)),
        (K.UPSTREAM_TIMEOUT, {"upstream_status": 524}, (SILENT, False, False)),
        (K.OVERLOADED, {"upstream_status": 524}, (SILENT, False, False)),
        (K.CREDENTIAL_REJECTED, {"upstream_status": 401}, (REJECTED, True, False)),
        (K.CREDENTIAL_REJECTED, {"upstream_status": 403}, (FORBIDDEN, True, False)),
        (K.CALLER_UNAUTHENTICATED, {"upstream_status": 401}, (NEUTRAL, False, False)),
        (K.UPSTREAM_INVALID_REQUEST, {"upstream_status": 400}, (NEUTRAL, False, False)),
        (K.UPSTREAM_INVALID_REQUEST, {"upstream_status": 409}, (NEUTRAL, False, False)),
        (K.UPSTREAM_INVALID_REQUEST, {"upstream_status": 422}, (NEUTRAL, False, False)),
        (K.UPSTREAM_NOT_FOUND, {"upstream_status": 404}, (NEUTRAL, False, False)),
        (K.UPSTREAM_TOO_LARGE, {"upstream_status": 413}, (NEUTRAL, False, False)),
        (K.CONTEXT_TOO_LONG, {"upstream_status": 400}, (NEUTRAL, False, False)),
        (K.INVALID_REQUEST, {}, (NEUTRAL, False, False)),
        (K.UNSUPPORTED, {}, (NEUTRAL, True, False)),
        (K.REDIRECT_REFUSED, {"upstream_status": 302}, (FAILED, True, False)),
        (K.BAD_REPLY, {}, (FAILED, True, False)),
        (K.STREAM_CUT, {}, (FAILED, True, False)),
    ],
)
def test_the_table(kind, values, wanted):
    assert verdict(kind, **values) == wanted


def test_every_kind_has_a_verdict_and_only_a_provider_can_fail():
    for kind in ErrorKind:
        outcome, elsewhere, again = verdict(kind)
        assert elsewhere or not again
        if outcome is not NEUTRAL:
            assert kind.fault in (Fault.UPSTREAM, Fault.USER)


@pytest.mark.parametrize(
    "kind",
    [
        K.UPSTREAM_INVALID_REQUEST,
        K.UPSTREAM_NOT_FOUND,
        K.UPSTREAM_TOO_LARGE,
        K.CONTEXT_TOO_LONG,
        K.CALLER_UNAUTHENTICATED,
        K.CALLER_FORBIDDEN,
        K.INVALID_REQUEST,
    ],
)
def test_what_only_a_stand_in_refuses_may_suit_another(kind):
    error = PatchbayError(kind, "sorry")
    assert not judge(error, "Up", "m").elsewhere
    found = judge(error, "Up", "m", stand_in=True)
    assert (found.outcome, found.elsewhere, found.again) == (NEUTRAL, True, False)


def test_what_may_run_or_be_billed_stays_where_it_is_also_at_a_stand_in():
    for kind in (K.UPSTREAM_TIMEOUT, K.UNREACHABLE, K.STREAM_STALLED, K.INTERNAL):
        assert not judge(PatchbayError(kind, "sorry"), "Up", "m", stand_in=True).elsewhere
    refused = ErrorRule(Meaning.REFUSED, 500)
    error = PatchbayError(K.UPSTREAM_ERROR, "sorry", upstream_status=500)
    assert not judge(error, "Up", "m", (refused,), stand_in=True).elsewhere


def test_a_rule_of_the_user_says_what_an_error_means():
    overload = ErrorRule(Meaning.OVERLOADED, 400, "try later")
    found = judge(PatchbayError(K.UPSTREAM_INVALID_REQUEST, "Try LATER.", upstream_status=400), "Up", "m", (overload,))
    assert (found.outcome, found.elsewhere, found.again) == (FAILED, True, True)
    assert (found.error.kind, found.error.message, found.error.upstream_status) == (K.OVERLOADED, "Try LATER.", 400)
    assert verdict(K.UPSTREAM_INVALID_REQUEST, overload, upstream_status=400) == (NEUTRAL, False, False)
    limit = ErrorRule(Meaning.RATE_LIMITED, 403, provider="up")
    assert verdict(K.CREDENTIAL_REJECTED, limit, upstream_status=403) == (LIMITED, True, True)
    refused = ErrorRule(Meaning.REFUSED, 500)
    assert verdict(K.UPSTREAM_ERROR, refused, upstream_status=500) == (NEUTRAL, False, False)


def test_no_rule_reaches_what_no_provider_said():
    every = ErrorRule(Meaning.OVERLOADED, provider="Up")
    assert verdict(K.INVALID_REQUEST, every) == (NEUTRAL, False, False)
    assert verdict(K.INTERNAL, every) == (NEUTRAL, False, False)


def test_a_limit_that_names_the_model_is_the_models():
    def of(message):
        return judge(PatchbayError(K.RATE_LIMITED, message, upstream_status=429), "Up", "glm-5").model_only

    assert of("Rate limit reached for glm-5 in organization x")
    assert of("limit: 5, model: glm-5.")
    assert not of("Too many requests")
    assert not of("Rate limit reached for glm-5-air")
