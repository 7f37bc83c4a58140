from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.sse import Sse, SseReader
from app.domain.errors import ErrorKind, PatchbayError

LINES = st.sampled_from(
    [b"data: x", b"data:y", b"data:  two", b"data", b"event: e", b"event:f", b": note", b"id: 3", b"retry: 9", b"odd"]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\r"])
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=12).map(lambda pairs: b"".join(a + b for a, b in pairs))


def read(*pieces: bytes) -> list[tuple[bytes, bytes]]:
    reader = SseReader()
    events = [event for piece in pieces for event in reader.feed(piece)] + reader.close()
    return [(event.event, event.data) for event in events]


def reference(stream: bytes) -> list[tuple[bytes, bytes]]:
    """The standard's algorithm, line by line, written to be read rather than to be fast."""
    stream = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found: list[tuple[bytes, bytes]] = []
    name, data = b"", []
    for line in [*stream.split(b"\n"), b""]:
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
        elif line == b"":
            found += [(name, b"\n".join(data))] if data else []
            name, data = b"", []
    return found


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        pytest.param(b"event: a\ndata: 1\n\n", [(b"a", b"1")], id="event and data"),
        pytest.param(b"data: 1\n\ndata: 2\n\n", [(b"", b"1"), (b"", b"2")], id="data only"),
        pytest.param(b"data:1\n\n", [(b"", b"1")], id="no space after the colon"),
        pytest.param(b"data: 1\nevent: a\n\n", [(b"a", b"1")], id="event after data"),
        pytest.param(b"data: 1\ndata: 2\n\n", [(b"", b"1\n2")], id="several data lines"),
        pytest.param(b": OPENROUTER PROCESSING\n\ndata: 1\n\n", [(b"", b"1")], id="comment"),
        pytest.param(b"event: a\n\ndata: 1\n\n", [(b"", b"1")], id="event without data is none"),
        pytest.param(b"data: 1", [(b"", b"1")], id="no blank line at the end"),
        pytest.param(b"\xef\xbb\xbfdata: 1\n\n", [(b"", b"1")], id="byte order mark"),
        pytest.param(b"data: a\r\rdata: b\r\n\r\ndata: c\n\n", [(b"", b"a"), (b"", b"b"), (b"", b"c")], id="line ends"),
        pytest.param("data: a\u2028b\n\n".encode(), [(b"", "a\u2028b".encode())], id="U+2028 ends no line"),
        pytest.param(b"\n\n\ndata: 1\n\n\n\n", [(b"", b"1")], id="blank lines"),
        pytest.param(b"data\n\n", [(b"", b"")], id="data without a colon"),
    ],
)
def test_what_an_event_is(stream: bytes, events: list[tuple[bytes, bytes]]) -> None:
    assert read(stream) == events
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == events


@given(STREAMS, st.booleans(), st.data())
def test_the_chunks_do_not_matter(stream: bytes, mark: bool, data: st.DataObject) -> None:
    stream = b"\xef\xbb\xbf" * mark + stream
    pieces = []
    rest = stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:size])
        rest = rest[size:]
    assert read(*pieces) == reference(stream)


def test_characters_cut_by_a_read_stay_whole() -> None:
    text = "é 漢 😀 👩‍👩‍👧".encode()
    stream = b"data: " + text + b"\n\n"
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == [(b"", text)]


def test_an_event_is_handed_out_as_soon_as_it_is_complete() -> None:
    reader = SseReader()
    assert reader.feed(b"data: 1\n") == []
    assert reader.feed(b"\ndata: 2") == [Sse(b"", b"1")]
    assert reader.feed(b"\r\n\r") == [Sse(b"", b"2")]
    assert reader.feed(b"\n") == []


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_beyond_the_bound_is_refused(size: int) -> None:
    reader = SseReader(max_event_bytes=100)
    stream = b"data: " + b"x" * 90 + b"\n\n" + b"data: " + b"x" * 200 + b"\n\n"
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    with pytest.raises(PatchbayError) as raised:
        list(map(reader.feed, pieces))
    assert raised.value.kind is ErrorKind.BAD_REPLY


def test_a_long_stream_of_short_events_is_no_long_event() -> None:
    reader = SseReader(max_event_bytes=100)
    assert len(reader.feed(b"data: 1\n\n" * 1000)) == 1000
