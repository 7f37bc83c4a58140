"""Any answer, as Google's SDK reads it in both framings."""

from __future__ import annotations

import json

import pytest
from google.genai import errors
from hypothesis import given
from hypothesis import strategies as st

from app.dialects import signatures
from app.dialects.gemini import GEMINI
from app.domain.errors import ErrorKind, PatchbayError
from app.domain.events import (
    BlockDelta,
    BlockKind,
    BlockSignature,
    BlockStart,
    BlockStop,
    MessageStart,
    MessageStop,
    Ping,
    StopReason,
    UsageSeen,
)
from app.domain.request import Search, SearchHit
from app.domain.usage import NO_USAGE
from tests.dialects.gemini import sdk
from tests.dialects.gemini.test_dialect_sdk import USAGE, road, streamed

_TEXTS = st.text(max_size=9)
_KINDS = st.sampled_from(list(BlockKind))


@st.composite
def answers(draw):
    """Any stream in the strict order that readers keep to."""
    events = [MessageStart(draw(_TEXTS), "m", draw(st.sampled_from([None, USAGE])))]
    for index in range(draw(st.integers(0, 4))):
        kind = draw(_KINDS)
        search = Search("s", draw(_TEXTS), (SearchHit(draw(_TEXTS), draw(_TEXTS), draw(st.integers(-3, 9)), 4),))
        events.append(
            BlockStart(
                index,
                kind,
                id=draw(_TEXTS),
                name=draw(_TEXTS),
                json=draw(st.sampled_from([b"", b"data", b'{"type":"x"}', b"\xff"])),
                search=search if kind is BlockKind.SEARCH else None,
                signature=draw(st.sampled_from(["", "s", signatures.wrap("gemini", "m", b'"c2ln"')])),
            )
        )
        if kind in {BlockKind.TEXT, BlockKind.THINKING, BlockKind.TOOL}:
            pieces = st.one_of(_TEXTS, st.sampled_from(['{"a":', "1}", "\ud83d", "\n{\r\n}"]))
            events += [BlockDelta(index, text) for text in draw(st.lists(pieces, max_size=3))]
        if kind is BlockKind.THINKING and draw(st.booleans()):
            events.append(BlockSignature(index, draw(st.sampled_from(["x", signatures.wrap("u", "m", b"[]")]))))
        if draw(st.booleans()):
            events += [Ping(), UsageSeen(USAGE)]
        events.append(BlockStop(index))
    stop = MessageStop(draw(st.sampled_from(list(StopReason))), draw(st.sampled_from([USAGE, NO_USAGE])), None, "no")
    return [*events, stop]


@given(answers(), st.booleans(), st.booleans())
def test_the_client_reads_any_answer_in_both_framings(events, sse, show):
    chunks = streamed(events, sse=sse, show_thinking=show)
    said, kinds = "", {}
    for event in events:
        if isinstance(event, BlockStart):
            kinds[event.index] = event.kind
        elif isinstance(event, BlockDelta) and kinds[event.index] is BlockKind.TEXT:
            said += event.text.encode("utf-8", "replace").decode()
    assert sdk.text(chunks).replace("\ufffd", "?") == said.replace("\ufffd", "?")
    assert len([part for part in sdk.parts(chunks) if part.function_call]) == list(kinds.values()).count(BlockKind.TOOL)
    assert show or not any(part.thought for part in sdk.parts(chunks))
    assert chunks[-1].candidates[0].finish_reason
    assert chunks[-1].usage_metadata.total_token_count is not None


@given(answers(), st.integers(0, 20), st.booleans())
def test_an_answer_that_breaks_off_is_an_error_in_both_framings(events, kept, sse):
    writer = GEMINI.stream_writer(road(event_stream=sse))
    written = writer.write(events[: min(kept, len(events) - 1)])
    written += writer.fail(PatchbayError(ErrorKind.STREAM_CUT, "cut \ud800"))
    assert writer.fail(PatchbayError(ErrorKind.STREAM_CUT, "again")) == b""
    assert writer.write(events) == b""
    if sse:
        with pytest.raises(errors.APIError, match="cut"):
            sdk.streamed(written)
    else:
        assert json.loads(written)[-1]["error"]["status"] == "UNAVAILABLE"
