from __future__ import annotations

from app.domain.client_key import ClientKey, KeyPolicy


def test_a_key_is_over_from_its_end_on():
    key = ClientKey("1", "laptop", policy=KeyPolicy(expires_us=10))
    assert not key.is_over(9)
    assert key.is_over(10)
    assert key.ends == (10,)


def test_a_text_of_a_rotated_key_ends_for_itself():
    key = ClientKey("1", "laptop", policy=KeyPolicy(expires_us=10), ends_us=5)
    assert key.is_over(5)
    assert key.ends == (10, 5)


def test_what_was_over_once_stays_so():
    assert ClientKey("1", "laptop", policy=KeyPolicy(expires_us=10), expired=True).is_over(1)
    assert not ClientKey("1", "laptop").is_over(2**62)
