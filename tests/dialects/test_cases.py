from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.errors import PatchbayError
from app.domain.events import MessageStart
from app.domain.usage import NO_USAGE
from tests.dialects.case_files import CASES, Case, client_events, coalesced, of_kind, same, without_optional

PIECES = (1, 2, 3, 7, 64, 1000)


def test_every_case_is_of_a_kind_that_is_run() -> None:
    assert set(CASES) == {name for kind in ("request", "response", "stream", "error") for name in of_kind(kind)}
    assert len(CASES) >= 70


@pytest.mark.parametrize("name", of_kind("request"))
def test_request(name: str) -> None:
    case = Case(name)
    if "expected_response" in case.case and "upstream_response" not in case.case:
        with pytest.raises(PatchbayError) as raised:
            case.written()
        reply = case.client.write_error(raised.value, "req_1")
        assert reply.status == case.case["expected_response"]["status"]
        same(json.loads(reply.body), case.case["expected_response"]["body"])
        return
    written = case.written()
    expected = case.case["expected_request_out"]
    optional = set(case.case.get("compare", {}).get("optional_fields", ())) - set(expected)
    same({name: value for name, value in json.loads(written.body).items() if name not in optional}, expected)
    assert case.written().body == written.body, "the same request must give the same bytes"


@pytest.mark.parametrize("name", of_kind("response"))
def test_response(name: str) -> None:
    case = Case(name)
    road = case.road()
    reply = case.upstream.read_reply(json.dumps(case.case["upstream_response"]).encode(), road)
    same(json.loads(case.client.write_reply(reply, road)), case.case["expected_response"])


def _sizes(stream: bytes) -> list[list[bytes]]:
    return [[stream]] + [[stream[at : at + size] for at in range(0, len(stream), size)] for size in PIECES]


@pytest.mark.parametrize("name", of_kind("stream"))
def test_stream(name: str) -> None:
    case = Case(name)
    compare: dict[str, Any] = case.case.get("compare", {})
    if "expected_request_out" in case.case:
        sent = without_optional(json.loads(case.written().body), compare)
        same(sent, without_optional(case.case["expected_request_out"], compare))
    for pieces in _sizes(case.upstream_bytes()):
        road = case.road()
        reader, writer = case.upstream.stream_reader(road), case.client.stream_writer(road)
        written = b"".join(writer.write(reader.feed(piece)) for piece in pieces) + writer.write(reader.close())
        expected = coalesced(without_optional(case.case["expected_client_events"], compare), compare)
        actual = coalesced(without_optional(client_events(written), compare), compare)
        same(actual, expected, "stream")


@pytest.mark.parametrize("name", of_kind("stream"))
def test_stream_is_written_event_by_event_as_all_at_once(name: str) -> None:
    case = Case(name)
    road = case.road()
    reader = case.upstream.stream_reader(road)
    events = reader.feed(case.upstream_bytes()) + reader.close()
    one, all_at_once = case.client.stream_writer(road), case.client.stream_writer(road)
    if isinstance(events[0], MessageStart):
        events[0] = MessageStart("fixed", events[0].model, NO_USAGE)
    assert b"".join(one.write([event]) for event in events) == all_at_once.write(events)


@pytest.mark.parametrize("name", of_kind("error"))
def test_error(name: str) -> None:
    case = Case(name)
    given = case.case["upstream_body"]
    body = given.encode() if isinstance(given, str) else json.dumps(given).encode()
    error = case.upstream.read_error(case.case["upstream_status"], case.case["upstream_headers"], body)
    reply = case.client.write_error(error, "req_1")
    headers = dict(reply.headers)
    assert reply.status == case.case["expected_status"]
    for header, value in case.case["expected_headers"].items():
        assert value in ("*", headers[header]), header
    same(json.loads(reply.body), case.case["expected_response"])
