from __future__ import annotations

from app.domain.errors import ConfigError, ErrorKind, Fault, PatchbayError


def test_every_kind_has_a_word_of_its_own_and_an_error_status():
    words = [kind.word for kind in ErrorKind]
    assert len(words) == len(set(words))
    assert all(400 <= kind.status < 600 for kind in ErrorKind)
    assert all(isinstance(kind.fault, Fault) for kind in ErrorKind)


def test_two_kinds_are_never_aliases():
    assert len(list(ErrorKind)) == len(ErrorKind.__members__)


def test_a_client_s_fault_is_not_worth_repeating_unless_it_was_slow():
    repeatable = {kind for kind in ErrorKind if kind.retryable and kind.fault is Fault.CLIENT}
    assert repeatable == {ErrorKind.BODY_TIMEOUT, ErrorKind.KEY_RATE_LIMITED, ErrorKind.TOO_MANY_FAILURES}


def test_an_error_keeps_its_message():
    error = PatchbayError(ErrorKind.RATE_LIMITED, "slow down", retry_after_s=2)
    assert str(error) == "slow down"
    assert error.retry_after_s == 2


def test_a_config_error_says_where():
    assert str(ConfigError("is no number", file="patchbay.toml", line=3, key="port")) == (
        "patchbay.toml, line 3, port: is no number"
    )
    assert str(ConfigError("is empty")) == "is empty"
