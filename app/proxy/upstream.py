"""Sending to providers: one connection pool for each, and what comes back before a byte of it is read."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict
from yarl import URL

from app.domain.errors import ConfigError, ErrorKind, PatchbayError
from app.domain.provider import Provider
from app.proxy import upstream_errors
from app.proxy.addresses import CLEAR_TEXT, DIALLING, AddressRule, Dialling
from app.proxy.incoming import Incoming
from app.proxy.resolver import Resolver
from app.proxy.system_proxy import SystemProxy, system_proxy
from app.proxy.trust import tls_context

_KEEP_ALIVE_S = 15.0
_DNS_CACHE_S = 60
_LARGE_BODY_BYTES = 256 * 1024
_URLS = 256
_REDIRECTS = (301, 302, 303, 307, 308)
_UNUSABLE = (204, 205, 304)
_What = tuple[str, URL, CIMultiDict[str], bytes | None]


class _LargeBody(aiohttp.Payload):
    """A large body written piece by piece, so that it neither holds the loop nor is copied whole."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, content_type="application/json")
        self._size = len(data)
        self._data = data

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The base class asks for it; nobody calls it."""
        return self._data.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write all of it, waiting wherever the connection is full."""
        view = memoryview(self._data)
        for start in range(0, len(view), _LARGE_BODY_BYTES):
            await writer.write(view[start : start + _LARGE_BODY_BYTES])


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a pool is for: providers that differ in models or keys alone share it."""

    url: URL
    insecure_allowed: bool
    local: bool
    ca_file: str


@dataclass(slots=True)
class _Line:
    """The way to one origin: its pool, and what else can be known before a request."""

    session: aiohttp.ClientSession
    proxy: SystemProxy | None
    rule: AddressRule
    tls: ssl.SSLContext | None
    urls: dict[str, URL] = field(default_factory=dict)
    spare: aiohttp.ClientSession | None = None
    """Makes a fresh connection for every request; for the one retry after a stale one."""
    users: int = 0
    """Replies that are not closed yet."""
    retired: bool = False
    """No longer wanted; closed when nobody uses it, for closing a session cuts its streams."""


class Upstreams:
    """The pools of all providers; belongs to the loop it is used on."""

    def __init__(self, own_ports: Callable[[], frozenset[int]] = frozenset) -> None:
        self._own_ports = own_ports
        self._lines: dict[_Origin, _Line] = {}
        self._known: dict[tuple[str, str], tuple[Provider, _Line]] = {}
        """By provider name and dialect: the answer to `_line` for as long as the provider is the same object."""
        self._making = asyncio.Lock()
        self._tls: dict[str, ssl.SSLContext] = {}
        """By the file of certificates that is trusted beside the system's own."""
        self._closing: set[asyncio.Task[None]] = set()

    async def send(
        self,
        provider: Provider,
        method: str,
        url: str,
        headers: CIMultiDict[str],
        body: bytes | None,
        *,
        connect_timeout_s: float,
        resent: Callable[[], None] = lambda: None,
    ) -> Incoming:
        """Send a request and wait for the head of the reply, which the caller must `close`.

        A connection out of the pool that turns out to be closed, without a byte back, is replaced by a fresh one,
        once: then the provider cannot have answered the request. Never repeated otherwise, for it may have been billed.
        `resent` is called before it goes out again. Raises PatchbayError.
        """
        known = self._known.get((provider.name, provider.dialect))
        if known is not None and known[0] is provider:
            line = known[1]
        else:
            line = await self._line(provider, connect_timeout_s)
        target = line.urls.get(url)
        if target is None:
            target = _parse(url, provider)
            if len(line.urls) >= _URLS:
                line.urls.clear()
            line.urls[url] = target
        line.users += 1
        dialling = Dialling()
        DIALLING.set(dialling)
        try:
            what = method, target, headers, body
            response = await self._try(provider, line, connect_timeout_s, what, dialling, resent)
        except BaseException:
            self._release(line)
            raise
        return Incoming(response, provider.name, functools.partial(self._release, line))

    def keep_only(self, providers: tuple[Provider, ...]) -> None:
        """Drop the pools of providers that are gone or point elsewhere; what runs keeps its connection to its end."""
        self._known.clear()
        wanted = set()
        for provider in providers:
            for base_url in (provider.base_url, *(url for _, url in provider.endpoints)):
                with contextlib.suppress(PatchbayError):  # one that cannot be used is told to whoever uses it
                    wanted.add(_origin(provider, base_url))
        for origin in [one for one in self._lines if one not in wanted]:
            line = self._lines.pop(origin)
            line.retired = True
            if not line.users:
                self._close_later(line)

    async def close(self) -> None:
        """Close every pool."""
        self._known.clear()
        lines = tuple(self._lines.values())
        self._lines.clear()
        for line in lines:
            await _close(line)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _try(
        self,
        provider: Provider,
        line: _Line,
        connect_timeout_s: float,
        what: _What,
        dialling: Dialling,
        resent: Callable[[], None],
    ) -> aiohttp.ClientResponse:
        try:
            return await _request(line.session, line.proxy, *what)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if dialling.fresh or upstream_errors.has_begun(error):
                raise _failure(error, dialling, provider) from None
        except upstream_errors.CAUGHT as error:
            raise _failure(error, dialling, provider) from None
        resent()
        try:
            return await _request(self._spare(line, connect_timeout_s), line.proxy, *what)
        except upstream_errors.CAUGHT as error:
            raise _failure(error, dialling, provider) from None

    async def _line(self, provider: Provider, connect_timeout_s: float) -> _Line:
        origin = _origin(provider, provider.base_url)
        async with self._making:
            line = self._lines.get(origin)
            if line is None:
                line = await self._make(provider, origin.url, connect_timeout_s)
                self._lines[origin] = line
            self._known[provider.name, provider.dialect] = (provider, line)
            return line

    async def _make(self, provider: Provider, url: URL, connect_timeout_s: float) -> _Line:
        proxy = await asyncio.to_thread(system_proxy, url)
        secure = url.scheme == "https"
        tls = await self._trust(provider) if secure else None
        if proxy is not None and not secure and not provider.allow_insecure:
            raise PatchbayError(ErrorKind.ADDRESS_REFUSED, f"Provider {provider.name}: {CLEAR_TEXT}.", unsent=True)
        # Through a proxy, what is dialled is the proxy, wherever the system's owner put it.
        rule = AddressRule(secure or proxy is not None, provider.allow_insecure, provider.local, self._own_ports)
        return _Line(self._session(rule, tls, connect_timeout_s, fresh=False), proxy, rule, tls)

    async def _trust(self, provider: Provider) -> ssl.SSLContext:
        known = self._tls.get(provider.ca_file)
        if known is None:
            try:
                known = await asyncio.to_thread(tls_context, provider.ca_file)
            except ConfigError as error:
                raise PatchbayError(
                    ErrorKind.TLS_FAILED, f"Provider {provider.name}: its ca_file {error.message}.", unsent=True
                ) from None
            self._tls[provider.ca_file] = known
        return known

    def _release(self, line: _Line) -> None:
        line.users -= 1
        if line.retired and not line.users:
            self._close_later(line)

    def _close_later(self, line: _Line) -> None:
        task = asyncio.get_running_loop().create_task(_close(line), name="close a connection pool")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _spare(self, line: _Line, connect_timeout_s: float) -> aiohttp.ClientSession:
        if line.spare is None:
            line.spare = self._session(line.rule, line.tls, connect_timeout_s, fresh=True)
        return line.spare

    def _session(
        self, rule: AddressRule, tls: ssl.SSLContext | None, connect_timeout_s: float, *, fresh: bool
    ) -> aiohttp.ClientSession:
        if fresh:
            connector = aiohttp.TCPConnector(
                limit=0, ssl=tls or True, resolver=Resolver(), socket_factory=rule.socket, force_close=True
            )
        else:
            connector = aiohttp.TCPConnector(
                limit=0,
                ssl=tls or True,
                resolver=Resolver(),
                socket_factory=rule.socket,
                keepalive_timeout=_KEEP_ALIVE_S,
                ttl_dns_cache=_DNS_CACHE_S,
            )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_timeout_s),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        )


async def _request(
    session: aiohttp.ClientSession,
    proxy: SystemProxy | None,
    method: str,
    url: URL,
    headers: CIMultiDict[str],
    body: bytes | None,
) -> aiohttp.ClientResponse:
    data = _LargeBody(body) if body is not None and len(body) > _LARGE_BODY_BYTES else body
    if proxy is None:
        return await session.request(method, url, data=data, headers=headers, allow_redirects=False)
    return await session.request(
        method,
        url,
        data=data,
        headers=headers,
        allow_redirects=False,
        proxy=proxy.url,
        proxy_headers=dict(proxy.headers),
    )


async def _close(line: _Line) -> None:
    await line.session.close()
    if line.spare is not None:
        await line.spare.close()


def _origin(provider: Provider, base_url: str) -> _Origin:
    url = _parse(base_url, provider).origin()
    return _Origin(url, provider.allow_insecure, provider.local, provider.ca_file)


def _parse(url: str, provider: Provider) -> URL:
    try:
        target = URL(url, encoded=True)
        _ = target.port  # read late by yarl, and refused only then
    except ValueError:
        target = URL()
    if target.scheme not in ("http", "https") or not target.host:
        raise PatchbayError(
            ErrorKind.UNREACHABLE,
            f"Provider {provider.name}: its base URL cannot be used.",
            should_retry=False,
            unsent=True,
        )
    return target


def _failure(error: BaseException, dialling: Dialling, provider: Provider) -> PatchbayError:
    if dialling.refused:
        return PatchbayError(ErrorKind.ADDRESS_REFUSED, f"Provider {provider.name}: {dialling.refused}.", unsent=True)
    return upstream_errors.from_exception(error, provider.name)


def usable(status: int, provider: str) -> None:
    """Raise PatchbayError for a status that is no answer of an API: a redirect, a switch of protocols, an empty one."""
    if status in _REDIRECTS:
        raise PatchbayError(
            ErrorKind.REDIRECT_REFUSED,
            f"Provider {provider} redirects ({status}), which Patchbay does not follow. Check its base URL.",
            upstream_status=status,
        )
    if not 200 <= status <= 599 or 300 <= status <= 399 or status in _UNUSABLE:
        raise PatchbayError(
            ErrorKind.BAD_REPLY, f"Provider {provider} answered with the status {status}.", upstream_status=status
        )
