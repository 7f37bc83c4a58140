"""Answers that come from us and not from a provider: errors in the client's own dialect, and the status."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from aiohttp import web
from multidict import CIMultiDict

from app.dialects.base import Dialect
from app.domain.errors import ErrorKind, PatchbayError
from app.proxy.headers import PLAIN
from app.proxy.instance import Instance

_NONCE_CHARS = 200

_CLOSES = (ErrorKind.HOST_NOT_ALLOWED, ErrorKind.ORIGIN_NOT_ALLOWED, ErrorKind.UPGRADE_REFUSED, ErrorKind.TOO_LARGE)
"""After these nothing good comes on the same connection."""


def whole(status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> web.Response:
    """An answer whose body is all there."""
    made = CIMultiDict(PLAIN)
    for name, value in headers:
        made[name] = value
    if "Content-Type" not in made:
        made["Content-Type"] = "application/json"
    return web.Response(status=status, body=body, headers=made)


def refusal(error: PatchbayError, dialect: Dialect, request_id: str, *, array: bool = False) -> web.Response:
    """An error before anything was sent, as the client's dialect words it.

    `array` is for a client that reads a growing array: Google's servers send it an array of one error.
    """
    told = dialect.write_error(error, request_id)
    reply = whole(told.status, b"[" + told.body + b"]" if array else told.body, told.headers)
    for name, value in error.headers:
        reply.headers[name] = value
    if error.kind is ErrorKind.UNAUTHENTICATED:
        reply.headers["WWW-Authenticate"] = "Bearer"
    if error.kind is ErrorKind.METHOD_NOT_ALLOWED and error.param:
        reply.headers["Allow"] = error.param
    if error.upstream_status is not None:
        reply.headers["x-patchbay-upstream-status"] = str(error.upstream_status)
    if error.kind in _CLOSES:
        reply.force_close()
    return reply


def status(instance: Instance, query: str) -> web.Response:
    """That somebody is here; with a proof that it is us, where `nonce=` asks for one."""
    said = {"status": "ok"}
    nonce = parse_qs(query).get("nonce", [""])[0]
    if nonce and len(nonce) <= _NONCE_CHARS:
        said["proof"] = instance.proof(nonce)
    return whole(200, json.dumps(said).encode())


def internal(dialect: Dialect, request_id: str) -> web.Response:
    """A defect of ours; what it was is in the log."""
    error = PatchbayError(ErrorKind.INTERNAL, "Patchbay failed on this request; its log says why.", should_retry=False)
    return refusal(error, dialect, request_id)
