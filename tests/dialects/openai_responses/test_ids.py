from __future__ import annotations

import pytest

from app.dialects.openai_responses.ids import Ids


@pytest.mark.parametrize(
    ("upstream", "response"),
    [("chatcmpl-9", "resp_9"), ("msg_01A", "resp_01A"), ("gen-é/1", "resp_gen-__1"), ("resp_a", "resp_a")],
)
def test_the_response_is_called_like_the_upstreams(upstream, response):
    assert Ids(upstream, 1).response == response


def test_the_same_answer_has_the_same_ids():
    assert Ids("a", 1).item("msg", 0) == Ids("a", 1).item("msg", 0)


def test_answers_of_servers_that_count_from_one_share_no_item():
    assert Ids("chatcmpl-1", 1).item("msg", 0) != Ids("chatcmpl-1", 2).item("msg", 0)
    assert Ids("", 1).response != Ids("", 1).response


def test_items_begin_like_their_kind_and_are_short():
    ids = Ids("a" * 500, 1)
    assert ids.item("fc", 3).startswith("fc_")
    assert ids.item("fc", 3).endswith("0003")
    assert max(len(ids.item("msg", 70_000)), len(ids.response)) <= 69
