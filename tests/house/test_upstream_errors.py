"""Every exception that aiohttp's client knows becomes an error of ours, on purpose and not by a catch-all."""

from __future__ import annotations

import asyncio
import inspect
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions, http_exceptions

from app.domain.errors import ErrorKind, Fault
from app.proxy import upstream_errors

OURS_TO_HANDLE = sorted(
    {
        one
        for _, one in inspect.getmembers(client_exceptions, inspect.isclass)
        if issubclass(one, Exception) and one.__module__.startswith("aiohttp")
    },
    key=lambda one: one.__name__,
)
NEVER_RAISED_AT_US = {
    "WSMessageTypeError": "no WebSocket is ever opened",
    "UploadAbortedError": "no upload tracker is ever passed",
    "HttpProcessingError": "aiohttp wraps it in ClientResponseError",
}
BASES = {aiohttp.ClientError, OSError, TimeoutError, ConnectionError}


def rows_for(kind_of_exception):
    return [row for row in upstream_errors._MAP if issubclass(kind_of_exception, row[0])]


@pytest.mark.parametrize("one", OURS_TO_HANDLE, ids=lambda one: one.__name__)
def test_every_exception_of_the_client_has_a_row(one):
    if one.__name__ in NEVER_RAISED_AT_US:
        return
    rows = rows_for(one)
    assert rows, f"{one.__name__} is not mapped"
    assert one in BASES or rows[0][0] not in BASES, f"{one.__name__} falls to the row of {rows[0][0].__name__}"
    assert issubclass(one, upstream_errors.CAUGHT)


def test_the_list_of_what_never_comes_is_not_out_of_date():
    known = {one.__name__ for one in OURS_TO_HANDLE} | {"HttpProcessingError"}
    assert set(NEVER_RAISED_AT_US) <= known
    assert not issubclass(http_exceptions.HttpProcessingError, aiohttp.ClientError)


def test_no_row_is_hidden_by_one_above_it():
    for index, (one, _, _) in enumerate(upstream_errors._MAP):
        above = [other.__name__ for other, _, _ in upstream_errors._MAP[:index] if issubclass(one, other)]
        assert not above, f"{one.__name__} is never reached: {above}"


def test_nothing_of_the_upstreams_is_called_the_clients_fault():
    assert all(kind.fault is not Fault.CLIENT for _, kind, _ in upstream_errors._MAP)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), ErrorKind.UPSTREAM_TIMEOUT),
        (ConnectionResetError(104, "Connection reset by peer"), ErrorKind.UNREACHABLE),
        (BrokenPipeError(), ErrorKind.UNREACHABLE),
        (OSError(113, "No route to host"), ErrorKind.UNREACHABLE),
        (ssl.SSLError("bad"), ErrorKind.TLS_FAILED),
        (ssl.SSLCertVerificationError("bad"), ErrorKind.TLS_FAILED),
        (asyncio.IncompleteReadError(b"", 1), ErrorKind.STREAM_CUT),
        (RuntimeError("Connection closed."), ErrorKind.UNREACHABLE),
        (aiohttp.ServerDisconnectedError(), ErrorKind.UNREACHABLE),
        (aiohttp.ClientPayloadError("x"), ErrorKind.STREAM_CUT),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.word,
)
def test_what_the_system_raises(error, kind):
    told = upstream_errors.from_exception(error, "Up")
    assert told.kind is kind
    assert told.message.startswith("Provider Up: ")


def test_in_the_middle_of_an_answer_everything_is_a_cut_or_a_timeout():
    kinds = {
        upstream_errors.in_stream(ConnectionResetError(), "Up").kind,
        upstream_errors.in_stream(OSError(), "Up").kind,
    }
    kinds.add(upstream_errors.in_stream(aiohttp.ClientPayloadError("http://secret@host"), "Up").kind)
    assert kinds == {ErrorKind.STREAM_CUT}
    assert upstream_errors.in_stream(aiohttp.SocketTimeoutError(), "Up").kind is ErrorKind.UPSTREAM_TIMEOUT


def test_no_text_repeats_a_url():
    for error in (aiohttp.ClientPayloadError("http://user:pass@host"), aiohttp.InvalidURL("http://user:pass@host")):
        assert "pass" not in upstream_errors.from_exception(error, "Up").message
