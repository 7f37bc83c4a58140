"""No exception of aiohttp, TLS or a socket reaches a client unmapped, and none shows what it quotes."""

from __future__ import annotations

import asyncio
import inspect
import re
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions, http_exceptions
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from app.domain.errors import ErrorKind, Fault
from app.proxy import upstream_errors
from app.proxy.upstream_errors import CAUGHT, from_exception, in_stream

SECRET_URL = "https://user:pass@api.example.com/v1/messages?key=sk-0123456789abcdef"
KEY = ConnectionKey("api.example.com", 443, True, True, None, None, None)
INFO = aiohttp.RequestInfo(URL(SECRET_URL), "POST", CIMultiDictProxy(CIMultiDict()), URL(SECRET_URL))
SAID_BY_THEIR_BASES = {"InvalidUrlClientError", "InvalidUrlRedirectClientError", "NonHttpUrlRedirectClientError"}


def classes(module, base=BaseException):
    found = (value for _, value in inspect.getmembers(module, inspect.isclass))
    return {one for one in found if issubclass(one, base) and one.__module__.startswith(("aiohttp", "ssl", "asyncio"))}


CLIENT = classes(client_exceptions, aiohttp.ClientError) | classes(aiohttp.client, aiohttp.ClientError)
TLS = classes(ssl, ssl.SSLError)


def made(kind):
    """One of each, with a secret in every text it can quote."""
    if issubclass(kind, aiohttp.ClientConnectorCertificateError):
        return kind(KEY, ssl.SSLCertVerificationError(1, SECRET_URL))
    if issubclass(kind, aiohttp.ServerFingerprintMismatch):
        return kind(b"a", b"b", "api.example.com", 443)
    if issubclass(kind, client_exceptions.UnixClientConnectorError):
        return kind("/a/path", KEY, OSError(2, "No such file or directory"))
    if issubclass(kind, aiohttp.ClientConnectorError):
        return kind(KEY, OSError(111, f"Connect call failed ('192.0.2.1', 443) [{SECRET_URL}]"))
    if issubclass(kind, aiohttp.ClientResponseError):
        return kind(INFO, (), status=400, message=SECRET_URL)
    if issubclass(kind, ssl.SSLError | OSError):
        return kind(1, "a text of the system")
    return kind(SECRET_URL)


@pytest.mark.parametrize("kind", sorted(CLIENT, key=str), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_client_has_a_row_of_its_own(kind):
    first = next(row for row, _, _ in upstream_errors._MAP if issubclass(kind, row))
    assert first is kind or kind.__name__ in SAID_BY_THEIR_BASES, f"{kind.__name__} is told as {first.__name__}"


@pytest.mark.parametrize("kind", sorted(CLIENT | TLS, key=str), ids=lambda kind: kind.__name__)
def test_no_text_shows_an_address_or_a_secret(kind):
    for error in (from_exception(made(kind), "Up"), in_stream(made(kind), "Up")):
        assert error.kind.fault in (Fault.UPSTREAM, Fault.USER), kind
        assert error.kind.status in (502, 504)
        assert error.message.startswith("Provider Up")
        assert not re.search(r"https?:|\?|sk-|pass|\[|\('", error.message), error.message
        assert issubclass(kind, CAUGHT)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), ErrorKind.UNREACHABLE),
        (BrokenPipeError(32, "Broken pipe"), ErrorKind.UNREACHABLE),
        (TimeoutError(), ErrorKind.UPSTREAM_TIMEOUT),
        (asyncio.IncompleteReadError(b"", 5), ErrorKind.STREAM_CUT),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), ErrorKind.TLS_FAILED),
        (OSError(24, "Too many open files"), ErrorKind.UNREACHABLE),
        (RuntimeError("Connection closed."), ErrorKind.UNREACHABLE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_sockets_raise(error, kind):
    assert from_exception(error, "Up").kind is kind
    assert isinstance(error, CAUGHT)


def test_broken_http_is_never_the_clients_fault():
    for kind in classes(http_exceptions, http_exceptions.HttpProcessingError):
        assert kind not in CLIENT  # aiohttp wraps them before they come out
    error = from_exception(made(aiohttp.ClientResponseError), "Up")
    assert (error.kind, error.kind.status) == (ErrorKind.BAD_REPLY, 502)


@pytest.mark.parametrize("kind", sorted(CLIENT | TLS | {ConnectionResetError, RuntimeError}, key=str))
def test_after_the_first_byte_everything_but_time_and_trust_is_a_cut(kind):
    told = in_stream(made(kind) if kind in CLIENT | TLS else kind("x"), "Up").kind
    assert told in (
        ErrorKind.STREAM_CUT,
        ErrorKind.UPSTREAM_TIMEOUT,
        ErrorKind.TLS_FAILED,
        ErrorKind.REDIRECT_REFUSED,
    )
