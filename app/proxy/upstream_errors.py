"""Every exception that aiohttp, the sockets or TLS can raise at us, as one of our own errors.

The only file that knows their names; `tests/house/test_upstream_errors.py` proves that none is missing. The texts name
the provider and never an address with credentials: aiohttp's own texts may quote URLs.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl

import aiohttp
from aiohttp.client_exceptions import UnixClientConnectorError

from app.domain.errors import ErrorKind, PatchbayError

_MAP: tuple[tuple[type[BaseException], ErrorKind, str], ...] = (
    # The first row that fits counts, so a subclass stands before its base.
    (aiohttp.ClientConnectorCertificateError, ErrorKind.TLS_FAILED, "its certificate cannot be trusted"),
    (aiohttp.ClientConnectorSSLError, ErrorKind.TLS_FAILED, "the TLS handshake failed"),
    (aiohttp.ClientSSLError, ErrorKind.TLS_FAILED, "the TLS handshake failed"),
    (aiohttp.ServerFingerprintMismatch, ErrorKind.TLS_FAILED, "its certificate is another one than expected"),
    (ssl.SSLCertVerificationError, ErrorKind.TLS_FAILED, "its certificate cannot be trusted"),
    (ssl.SSLError, ErrorKind.TLS_FAILED, "TLS failed"),
    (aiohttp.ClientConnectorDNSError, ErrorKind.UNREACHABLE, "its name cannot be resolved"),
    (aiohttp.ClientProxyConnectionError, ErrorKind.UNREACHABLE, "the HTTP proxy of this system cannot be reached"),
    (aiohttp.ClientHttpProxyError, ErrorKind.UNREACHABLE, "the HTTP proxy of this system refused the connection"),
    (UnixClientConnectorError, ErrorKind.UNREACHABLE, "it cannot be reached"),
    (aiohttp.ClientConnectorError, ErrorKind.UNREACHABLE, "it cannot be reached"),
    (aiohttp.ConnectionTimeoutError, ErrorKind.UPSTREAM_TIMEOUT, "connecting took too long"),
    (aiohttp.SocketTimeoutError, ErrorKind.UPSTREAM_TIMEOUT, "it did not answer in time"),
    (aiohttp.ServerTimeoutError, ErrorKind.UPSTREAM_TIMEOUT, "it did not answer in time"),
    (aiohttp.ServerDisconnectedError, ErrorKind.UNREACHABLE, "it closed the connection without an answer"),
    (aiohttp.ServerConnectionError, ErrorKind.UNREACHABLE, "the connection failed"),
    (aiohttp.ClientConnectionResetError, ErrorKind.UNREACHABLE, "it closed the connection"),
    (aiohttp.ClientOSError, ErrorKind.UNREACHABLE, "it closed the connection"),
    (aiohttp.ClientConnectionError, ErrorKind.UNREACHABLE, "the connection failed"),
    (aiohttp.UploadAbortedError, ErrorKind.UNREACHABLE, "it closed the connection during the request"),
    (aiohttp.ClientPayloadError, ErrorKind.STREAM_CUT, "its answer broke off"),
    (aiohttp.ContentTypeError, ErrorKind.BAD_REPLY, "it answered with something that is no model's reply"),
    (aiohttp.TooManyRedirects, ErrorKind.REDIRECT_REFUSED, "it redirects"),
    (aiohttp.WSServerHandshakeError, ErrorKind.BAD_REPLY, "it answered with broken HTTP"),
    # aiohttp reports an unreadable reply as this error with status 400: it is never the client's fault.
    (aiohttp.ClientResponseError, ErrorKind.BAD_REPLY, "it answered with broken HTTP"),
    (aiohttp.InvalidURL, ErrorKind.UNREACHABLE, "its base URL cannot be used"),
    (aiohttp.NonHttpUrlClientError, ErrorKind.UNREACHABLE, "its base URL is not http or https"),
    (aiohttp.RedirectClientError, ErrorKind.REDIRECT_REFUSED, "it redirects"),
    (aiohttp.ClientError, ErrorKind.UNREACHABLE, "the connection failed"),
    (asyncio.IncompleteReadError, ErrorKind.STREAM_CUT, "its answer broke off"),
    (TimeoutError, ErrorKind.UPSTREAM_TIMEOUT, "it did not answer in time"),
    (ConnectionError, ErrorKind.UNREACHABLE, "it closed the connection"),
    (OSError, ErrorKind.UNREACHABLE, "it cannot be reached"),
)

_NEVER_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
)
"""After these the provider cannot have seen anything of the request."""

CAUGHT = (aiohttp.ClientError, OSError, ssl.SSLError, asyncio.IncompleteReadError, RuntimeError)
"""What to catch round anything that touches an upstream. RuntimeError: aiohttp's "Connection closed." while reading."""


def from_exception(error: BaseException, provider: str) -> PatchbayError:
    """Our error for a foreign one, before the first byte of an answer; the text is safe to show."""
    kind, why = _row(error)
    detail = _detail(error)
    text = f"Provider {provider}: {why}{f' ({detail})' if detail else ''}."
    return PatchbayError(kind, text, unsent=isinstance(error, _NEVER_CONNECTED))


def in_stream(error: BaseException, provider: str) -> PatchbayError:
    """Our error for a foreign one after an answer began: whatever it was, the answer is cut."""
    kind, why = _row(error)
    if kind in (ErrorKind.UNREACHABLE, ErrorKind.BAD_REPLY, ErrorKind.STREAM_CUT):
        return PatchbayError(
            ErrorKind.STREAM_CUT, f"Provider {provider} closed the connection before its answer was complete."
        )
    return PatchbayError(kind, f"Provider {provider}: {why}.")


def has_begun(error: BaseException) -> bool:
    """Whether a part of a reply's head had come when the server closed; aiohttp tells it in place of its message."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def _row(error: BaseException) -> tuple[ErrorKind, str]:
    for kind_of_exception, kind, why in _MAP:
        if isinstance(error, kind_of_exception):
            return kind, why
    return ErrorKind.UNREACHABLE, "the connection failed"


def _detail(error: BaseException) -> str:
    """Why, in the system's own words for the fault: "Connection refused"; asyncio's and aiohttp's quote addresses."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return getattr(cause, "verify_message", "")
    if isinstance(cause, ssl.SSLError):
        return (getattr(cause, "reason", "") or "").replace("_", " ").lower()
    if isinstance(cause, socket.gaierror):
        return cause.strerror or ""
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno in errno.errorcode:
        return os.strerror(cause.errno)
    return ""
