"""What both lanes do first: send the request, note the attempt, and tell an answer from a refusal."""

from __future__ import annotations

import asyncio
from types import TracebackType

from multidict import CIMultiDict

from app.dialects.base import Operation
from app.domain.errors import ErrorKind, Fault, PatchbayError
from app.domain.exchange import Side
from app.domain.provider import AuthStyle
from app.domain.redact import Redactor
from app.proxy.headers import pairs
from app.proxy.incoming import Incoming
from app.proxy.job import Job
from app.proxy.lanes.refused import Refused
from app.proxy.upstream import usable
from app.vendors import signing

_ERROR_BYTES = 1024 * 1024
_NS = 1_000_000_000
_REJECTED = "provider_credential_rejected"


class Sent:
    """A request on its way to the provider; entering gives the head of the reply, leaving lets go of the connection.

    Both raise PatchbayError: what `Upstreams.send` raises, UPSTREAM_TIMEOUT, REDIRECT_REFUSED, BAD_REPLY.
    """

    __slots__ = (
        "_body",
        "_headers",
        "_incoming",
        "_job",
        "_operation",
        "_started_ns",
        "_started_us",
        "_status",
        "_streams",
        "_url",
    )

    def __init__(
        self, job: Job, headers: CIMultiDict[str], body: bytes, query: str, operation: Operation = Operation.CHAT
    ) -> None:
        speaks = job.tools.dialect(job.provider.dialect)
        self._streams = job.call.peek.stream and operation is Operation.CHAT
        path = speaks.path(operation, job.model, stream=self._streams)
        self._job = job
        self._operation = operation
        self._headers = headers
        self._body = body
        self._url = signing.url(job.provider, path, job.model, query)
        self._incoming: Incoming | None = None
        self._status = 0

    async def __aenter__(self) -> Incoming:
        """Send it."""
        job, exchange = self._job, self._job.exchange
        shared = exchange.client_request.body
        body = shared if self._body is shared[0] else (self._body,)
        exchange.upstream_request = Side(pairs(self._headers.items()), body, f"POST {self._url}")
        self._started_us, self._started_ns = job.tools.clock.now_us(), job.tools.clock.monotonic_ns()
        try:
            incoming = self._incoming = await self._head()
            self._status = exchange.upstream_status = incoming.status
            exchange.upstream_reply_head = Side(pairs(incoming.headers.items()), line=incoming.line)
            usable(incoming.status, job.provider.name)
            return incoming
        except BaseException as error:
            self._leave(error)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Note how it went."""
        self._leave(error)

    async def _head(self) -> Incoming:
        job = self._job
        limit_s = job.first_byte_s if self._streams else job.limits.reply_total_s
        job.watch.wait(limit_s)
        try:
            return await job.tools.upstreams.send(
                job.provider,
                "POST",
                self._url,
                self._headers,
                self._body,
                connect_timeout_s=job.limits.connect_s,
                resent=self._resent,
            )
        except asyncio.CancelledError:
            if job.watch.overdue():
                raise _timeout(job, limit_s) from None
            raise
        finally:
            job.watch.rest()

    def _resent(self) -> None:
        """The connection was dead, and the request goes out again: two tries, whatever comes of the second."""
        clock = self._job.tools.clock
        self._job.exchange.attempt(0, "stale_connection", self._started_us, self._started_ns)
        self._started_us, self._started_ns = clock.now_us(), clock.monotonic_ns()

    def _leave(self, error: BaseException | None) -> None:
        """Close the connection and put the attempt on the record; a refused key is blamed on whoever's it was."""
        job, problem = self._job, ""
        if self._incoming is not None:
            self._incoming.close()
        if isinstance(error, Refused):
            told: PatchbayError | None = error.error
        else:
            told = blamed(job, error) if isinstance(error, PatchbayError) else None
        if told is not None:
            problem = told.kind.word
            _tell_failure(job, told, self._operation)
        elif isinstance(error, asyncio.CancelledError) and not job.exchange.delivered:
            problem = "cancelled"
        elif error is None or job.exchange.delivered:  # a client may leave as soon as it has everything
            _tell(job, self._status, self._operation)
        job.exchange.attempt(self._status, problem, self._started_us, self._started_ns)
        if told is not None and told is not error and not isinstance(error, Refused):
            raise told from None


def _tell(job: Job, status: int, operation: Operation) -> None:
    if job.exchange.error is not None:
        _tell_failure(job, job.exchange.error, operation)
    elif status < 400:
        job.tools.events.provider_answered(job.provider.name, job.account.name)


def _tell_failure(job: Job, error: PatchbayError, operation: Operation) -> None:
    events, name, account, status = job.tools.events, job.provider.name, job.account.name, error.upstream_status
    if error.kind.fault is Fault.UPSTREAM or error.kind is ErrorKind.BILLING:
        events.provider_failed(name, error.kind.word, error.message, account)
    elif status is not None and error.kind is not ErrorKind.CREDENTIAL_REJECTED and operation is Operation.CHAT:
        events.provider_refused(name, status, error.message, account)  # nobody but us counts tokens at providers


async def read_whole(job: Job, incoming: Incoming, sent_ns: int, first: bytes = b"") -> bytes:
    """The whole body of a reply that is no stream; raises PatchbayError UPSTREAM_TIMEOUT and what reading raises."""
    tap, limit_s = job.exchange.tap, job.limits.reply_total_s
    incoming.allow(job.limits.max_reply_bytes - len(first))
    if first:
        tap.chunk(first)
    job.watch.due_ns = sent_ns + int(limit_s * _NS)
    try:
        while chunk := await incoming.read():
            tap.chunk(chunk)
    except asyncio.CancelledError:
        if job.watch.overdue():
            raise _timeout(job, limit_s) from None
        raise
    finally:
        job.watch.rest()
    chunks = tap.chunks
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def read_refusal(job: Job, incoming: Incoming) -> tuple[PatchbayError, bytes]:
    """What a reply with a status of 400 or more means, and its body."""
    incoming.allow(_ERROR_BYTES)
    body = b""
    job.watch.wait(job.limits.idle_s)
    try:
        while chunk := await incoming.read():
            job.exchange.tap.chunk(chunk)
        body = b"".join(job.exchange.tap.chunks)
    except asyncio.CancelledError:
        if not job.watch.overdue():
            raise
    except PatchbayError:
        pass  # the status says enough
    finally:
        job.watch.rest()
    error = job.tools.dialect(job.provider.dialect).read_error(incoming.status, incoming.headers, body)
    return blamed(job, error), body


def foreign(job: Job, incoming: Incoming) -> PatchbayError:
    """The error for a reply that no model API sends: a web page, a login form."""
    what = incoming.media_type if incoming.media_type.isascii() else ""
    return PatchbayError(
        ErrorKind.BAD_REPLY,
        f"Provider {job.provider.name} answered with {what[:60] or 'something'} instead of a model's reply. "
        "Check its base URL.",
        upstream_status=incoming.status,
    )


def cut(job: Job) -> PatchbayError:
    """The error for a stream that ended before its terminator."""
    return PatchbayError(
        ErrorKind.STREAM_CUT,
        f"Provider {job.provider.name} closed the connection before its answer was complete.",
    )


def own_secret(job: Job) -> str:
    """The provider key that is ours to protect; empty where the caller brought it."""
    secret = job.credential.secret
    return secret.value if secret is not None and job.provider.auth is not AuthStyle.CLIENT else ""


def blamed(job: Job, error: PatchbayError) -> PatchbayError:
    """A refused key: whose it was decides who is told, once. No text of an upstream may show a key of ours."""
    secret = own_secret(job)
    if secret:
        error.message = Redactor((secret,)).text(error.message)
    if error.kind is not ErrorKind.CREDENTIAL_REJECTED or error.code == _REJECTED:
        return error
    status = error.upstream_status
    name = job.provider.name
    if job.provider.auth is AuthStyle.CLIENT:
        kind = ErrorKind.CALLER_FORBIDDEN if status == 403 else ErrorKind.CALLER_UNAUTHENTICATED
        return PatchbayError(kind, error.message, code=error.code, upstream_status=status, should_retry=False)
    if status == 403:  # one model, one tool, one region; a key that is no good at all is a 401
        job.tools.events.provider_failed(name, error.kind.word, error.message, job.account.name)
        verdict = "does not allow this to", "Choose another model, or ask the provider what the key may do."
    else:
        job.tools.events.credential_rejected(name, error.message, job.account.name)
        verdict = "rejected", "Enter a valid one in Patchbay under Providers."
    said = error.message if error.message.endswith((".", "!", "?")) else f"{error.message}."
    return PatchbayError(
        ErrorKind.CREDENTIAL_REJECTED,
        f"Provider {name} {verdict[0]} the key that Patchbay holds for it{f' ({status})' if status else ''}: "
        f"{said} {verdict[1]}",
        code=_REJECTED,
        upstream_status=status,
        should_retry=False,
    )


def _timeout(job: Job, limit_s: float) -> PatchbayError:
    return PatchbayError(
        ErrorKind.UPSTREAM_TIMEOUT, f"Provider {job.provider.name} did not answer within {limit_s:g} s."
    )
