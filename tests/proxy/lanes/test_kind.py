from __future__ import annotations

import pytest

from app.proxy.lanes.kind import Kind, kind_of


@pytest.mark.parametrize(
    ("media_type", "first", "streaming", "kind"),
    [
        ("text/event-stream", b"data: x\n\n", True, Kind.STREAM),
        ("text/event-stream", b": busy\n\n", False, Kind.STREAM),
        ("text/event-stream", b"\n", True, Kind.STREAM),
        ("text/event-stream", b"", True, Kind.STREAM),
        ("text/event-stream", b'{"id": 1}', True, Kind.WHOLE),
        ("application/json", b'  {"id": 1}', True, Kind.WHOLE),
        ("application/json", b"   ", False, Kind.WHOLE),
        ("application/json", b"data: {}\n\n", True, Kind.STREAM),
        ("application/problem+json", b"{}", False, Kind.WHOLE),
        ("", b"event: x\n", True, Kind.STREAM),
        ("", b"\xef\xbb\xbf{}", False, Kind.WHOLE),
        ("text/plain", b"data: x", True, Kind.STREAM),
        ("text/plain", b"hello", True, Kind.FOREIGN),
        ("text/html", b"{}", False, Kind.FOREIGN),
        ("image/png", b"\x89PNG", True, Kind.FOREIGN),
        ("", b"", True, Kind.STREAM),
        ("", b"", False, Kind.WHOLE),
    ],
)
def test_what_a_body_is(media_type, first, streaming, kind):
    assert kind_of(media_type, first, streaming=streaming) is kind
