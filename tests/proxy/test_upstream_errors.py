"""What a foreign exception says to a person: why, and never an address or a secret that it quotes."""

from __future__ import annotations

import errno
import inspect
import re
import socket
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from app.domain.errors import ErrorKind, Fault
from app.proxy.upstream_errors import CAUGHT, from_exception, in_stream
from tests.fakes.wires import ANTHROPIC

SECRET_URL = "https://user:pass@api.example.com/v1/messages?key=sk-0123456789abcdef"
KEY = ConnectionKey("api.example.com", 443, True, True, None, None, None)
INFO = aiohttp.RequestInfo(URL(SECRET_URL), "POST", CIMultiDictProxy(CIMultiDict()), URL(SECRET_URL))


def classes(module, base):
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, base)]
    return sorted(set(found), key=lambda one: one.__name__)


FOREIGN = [*classes(client_exceptions, aiohttp.ClientError), *classes(ssl, ssl.SSLError)]


def made(kind):
    """One of each, with a secret in every text that it can quote."""
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
    if issubclass(kind, OSError):
        return kind(1, SECRET_URL)
    return kind(SECRET_URL)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_no_text_shows_an_address_or_a_secret(kind):
    for error in (from_exception(made(kind), "Up"), in_stream(made(kind), "Up")):
        assert error.kind.fault in (Fault.UPSTREAM, Fault.USER)
        assert error.kind.status in (502, 504)
        assert error.message.startswith("Provider Up")
        assert error.message.endswith(".")
        assert not re.search(r"://|\?|sk-|pass|\[|\('|192\.", error.message), error.message
    assert issubclass(kind, CAUGHT)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_after_the_first_byte_everything_but_time_and_trust_is_a_cut(kind):
    others = (ErrorKind.UPSTREAM_TIMEOUT, ErrorKind.TLS_FAILED, ErrorKind.REDIRECT_REFUSED)
    assert in_stream(made(kind), "Up").kind in (ErrorKind.STREAM_CUT, *others)


def connecting(cause):
    return aiohttp.ClientConnectorError(KEY, cause)


def tls(reason):
    error = ssl.SSLError(1, f"[SSL: {reason}] text (_ssl.c:1000)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            connecting(OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 9)")),
            "it cannot be reached (Connection refused)",
        ),
        (
            connecting(OSError(errno.ECONNREFUSED, "Multiple exceptions: [Errno 111] Connect call failed ('::1', 9)")),
            "it cannot be reached (Connection refused)",
        ),
        (connecting(OSError("Multiple exceptions: ...")), "it cannot be reached"),
        (connecting(OSError(123456, "a number of another system")), "it cannot be reached"),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "Name or service not known")),
            "its name cannot be resolved (Name or service not known)",
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, tls("WRONG_VERSION_NUMBER")),
            "the TLS handshake failed (wrong version number)",
        ),
        (ConnectionResetError(errno.ECONNRESET, "x"), "it closed the connection (Connection reset by peer)"),
        (aiohttp.ServerDisconnectedError(), "it closed the connection without an answer"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_why_in_the_words_of_the_system(error, words):
    assert from_exception(error, "Up").message == f"Provider Up: {words}."


async def test_a_base_url_with_a_secret_in_it_is_not_repeated(rig):
    rig.configure(ANTHROPIC, base_url="http://user:hunter2@127.0.0.1:9/?key=hunter2")
    reply = await rig.chat(ANTHROPIC)
    assert reply.status == 502
    row = await rig.row()
    assert "hunter2" not in f"{reply.body!r} {row.error} {row.attempts}"


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_only_where_no_connection_was_made_it_is_certain_that_nothing_was_sent(kind):
    """What may have been sent may have been billed."""
    never = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
    never += (aiohttp.ServerFingerprintMismatch, aiohttp.InvalidURL)
    assert from_exception(made(kind), "Up").unsent is issubclass(kind, never)
