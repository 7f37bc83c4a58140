from __future__ import annotations

import asyncio

from app.ui.in_parts import InParts, in_turns


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
    assert not three.whole
    assert not three.make_part()
    assert three.whole
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


async def test_others_have_their_turn_between_the_parts():
    three, seen = Three(), []
    making = asyncio.get_running_loop().create_task(in_turns(three), name="make")
    while not making.done():
        seen.append(len(three.made))
        await asyncio.sleep(0)
    assert seen == [0, 1, 2, 3]
    assert three.made == ["one", "two", "three"]
