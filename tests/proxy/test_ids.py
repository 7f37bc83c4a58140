from __future__ import annotations

from app.proxy.ids import Ids


def test_ids_sort_by_time_and_look_like_uuid7():
    ids = Ids()
    made = [ids.next(1_795_262_400_000_000 + number * 100) for number in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {32}
    assert {(one[12], one[16] in "89ab") for one in made} == {("7", True)}
    assert int(made[0][:12], 16) == 1_795_262_400_000


def test_they_grow_even_within_one_moment_and_when_the_clock_goes_back():
    ids = Ids()
    made = [ids.next(5_000_000) for _ in range(10_000)] + [ids.next(1_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_two_programs_do_not_make_the_same():
    assert Ids().next(1_000) != Ids().next(1_000)
