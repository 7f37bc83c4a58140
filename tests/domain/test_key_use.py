from __future__ import annotations

from app.domain.client_key import ClientKey, KeyPolicy
from app.domain.key_use import KeyUse


def ending(at_us, **more):
    return ClientKey("1", "laptop", policy=KeyPolicy(expires_us=at_us), **more)


def test_b07_a_key_that_was_over_once_is_over_though_the_clock_goes_back():
    use = KeyUse()
    assert not use.is_over(ending(10), 9)
    assert use.is_over(ending(10), 10)
    assert use.is_over(ending(10), 1)
    assert use.ended == {("1", 10)}


def test_another_end_is_another_chance():
    use = KeyUse()
    assert use.is_over(ending(10), 10)
    assert not use.is_over(ending(20), 9)
    assert use.is_over(ending(20, expired=True), 9)


def test_a_key_without_an_end_is_never_over():
    assert not KeyUse().is_over(ClientKey("1", "laptop"), 2**62)
    assert KeyUse().is_over(ClientKey("1", "laptop", expired=True), 0)


def test_uses_are_taken_once():
    use = KeyUse()
    use.used["1"] = 5
    assert use.take() == {"1": 5}
    assert use.take() == {}
