from __future__ import annotations

from app.ui.in_parts import InParts


class Three(InParts):
    def __init__(self):
        self.made = []

    def parts(self):
        self.made.append("one")
        yield
        self.made.append("two")
        yield
        self.made.append("three")


def test_nothing_is_made_before_it_is_wanted():
    assert Three().made == []


def test_parts_are_made_one_by_one_and_never_twice():
    three = Three()
    assert three.make_part()
    assert three.made == ["one"]
    assert three.make_part()
    assert not three.make_part()
    assert not three.make_part()
    assert three.made == ["one", "two", "three"]


def test_what_is_left_is_made_at_once():
    three = Three()
    three.make_part()
    three.complete()
    three.complete()
    assert three.made == ["one", "two", "three"]


def test_what_has_no_parts_is_whole():
    assert not InParts().make_part()
