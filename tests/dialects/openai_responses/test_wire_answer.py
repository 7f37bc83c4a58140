from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from openai.types.responses import ResponseOutputItem, ResponseStreamEvent

from app.dialects.openai_responses import wire_answer as wire
from app.dialects.openai_responses.answer_items import KINDS
from tests.dialects.openai_responses.answers import arguments, delta, summary, text


def types_of(union):
    """The words by which the SDK tells the members of a union apart."""
    members = get_args(get_args(union)[0])
    return {get_args(member.model_fields["type"].annotation)[0] for member in members}


def test_every_event_and_item_has_the_name_that_the_vendor_gives_it():
    assert types_of(ResponseStreamEvent) >= {*wire.DELTAS, *wire.COMPLETE}
    assert types_of(ResponseOutputItem) >= set(KINDS)


def test_each_delta_is_found_by_its_own_name():
    assert {kind.__struct_config__.tag for kind in wire.DELTAS.values()} == set(wire.DELTAS)
    assert {kind.__struct_config__.tag for kind in wire.COMPLETE.values()} == set(wire.DELTAS)


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (text(1, "a", 2), wire.TextDelta("a", 1, "i1", 2)),
        (summary(1, "a", 3), wire.SummaryDelta("a", 1, "i1", 3)),
        (arguments(0, "{"), wire.ArgumentsDelta("{", 0, "i0")),
        (delta("refusal", 0, "no", content_index=1), wire.RefusalDelta("no", 0, "i0", 1)),
        (delta("reasoning_text", 0, "hm", content_index=1), wire.ThoughtDelta("hm", 0, "i0", 1)),
        (delta("custom_tool_call_input", 0, "x"), wire.InputDelta("x", 0, "i0")),
    ],
)
def test_deltas_are_told_apart_by_one_decoder(event, found):
    decoder = msgspec.json.Decoder(wire.Delta)
    assert decoder.decode(msgspec.json.encode(event)) == found
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(msgspec.json.encode({**event, "output_index": None}))


def test_a_value_is_given_or_not():
    assert [wire.given(msgspec.Raw(raw)) for raw in (b"", b"null", b"{}", b"0")] == [False, False, True, True]
    assert wire.PartIn(text="a").said() == wire.PartIn(refusal="a").said() == "a"
