from __future__ import annotations

from app.proxy.instance import Instance


def test_a_program_knows_its_own_mark_and_nobody_elses():
    mine, other = Instance("secret one"), Instance("secret two")
    assert mine.is_own(f"1.1 proxy, {mine.via}, 1.1 edge")
    assert not mine.is_own(other.via)
    assert not mine.is_own("")
    assert mine.via == Instance("secret one").via


def test_the_mark_gives_nothing_away():
    mine = Instance("secret one")
    assert "secret" not in mine.via
    assert mine.proof("a") != mine.proof("b") != Instance("secret two").proof("b")
    assert len(mine.proof("a")) == 64
