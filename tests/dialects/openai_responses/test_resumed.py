from __future__ import annotations

import json

import pytest

from app.dialects.base import Road
from app.dialects.openai_responses.resumed import Resumed, resumed
from app.dialects.openai_responses.stream_write import ResponsesStreamWriter
from app.domain.errors import ErrorKind, PatchbayError

SEEN = (
    b'event: response.created\ndata: {"type":"response.created","sequence_number":0,'
    b'"response":{"id":"abc-1","created_at":1777.0}}\n\n'
    b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number": 7,'
    b'"delta":"\\"sequence_number\\":99"}\n\n'
)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (SEEN, Resumed("abc-1", 1777, 8)),
        (SEEN.replace(b"\n", b"\r\n"), Resumed("abc-1", 1777, 8)),
        (b"", Resumed()),
        (b'data: {"response":5,"sequence_number":2}\n\n', Resumed(number=3)),
        (b'data: {"response":{"id":5,"created_at":true}}\n\n', Resumed(created_s=1)),
        (b"data: {broken}\n\n", Resumed()),
        (b'data: {"response":{"id":"abc', Resumed()),
    ],
)
def test_where_a_stream_stands(seen, expected):
    assert resumed(seen) == expected


def test_the_failure_behind_a_stream_goes_on_with_its_number_id_and_time():
    writer = ResponsesStreamWriter(Road("asked", "sent", resumes=SEEN))
    said = writer.fail(PatchbayError(ErrorKind.STREAM_CUT, "cut"))
    event = json.loads(said.partition(b"data: ")[2])
    assert (event["type"], event["sequence_number"]) == ("response.failed", 8)
    assert (event["response"]["id"], event["response"]["created_at"]) == ("abc-1", 1777)
