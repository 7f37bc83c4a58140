"""Which headers travel on, which stay, and which are ours.

Towards the provider a pass-through keeps what it does not know (gateways must not reject or lose `x-*` headers of
Claude Code); towards the client nothing passes that is not on the list, because what an upstream sends is not trusted.
"""

from __future__ import annotations

from collections.abc import Iterable

from multidict import CIMultiDict, CIMultiDictProxy

from app.domain.provider import DialectName

Pairs = tuple[tuple[str, str], ...]

SECURITY: Pairs = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("Server", "patchbay"),
)
"""On every answer: no page of a browser can use what it might get to see."""
PLAIN: Pairs = (*SECURITY, ("Cache-Control", "no-store"))
STREAM: Pairs = (
    *SECURITY,
    ("Cache-Control", "no-cache, no-store"),
    ("X-Accel-Buffering", "no"),
)

_CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"})
_STAY = _CREDENTIALS | frozenset(
    {
        # hop by hop (RFC 9110 section 7.6.1) and what aiohttp writes anew
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "content-encoding",
        "expect",
        # where the request came from is nobody's affair
        "forwarded",
        "via",
        "origin",
        "referer",
        "accept-encoding",
    }
)
_STAY_PREFIXES = ("proxy-", "x-forwarded-", "x-patchbay-", "cf-", "sec-fetch-", "x-real-ip")
_PASS = frozenset(
    {
        "request-id",
        "x-request-id",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
        "x-generation-id",
        "x-reasoning-included",
        "x-models-etag",
        "content-type",
    }
)
_PASS_PREFIXES = ("anthropic-", "x-ratelimit-", "openai-", "x-codex-", "x-gemini-")
_STAYS: dict[str, bool] = {}
_PASSES: dict[str, bool] = {}
_CACHE_NAMES = 512
"""How many header names are remembered; a client that invents more of them is served without the memory."""


def to_upstream(headers: CIMultiDictProxy[str], via: str) -> CIMultiDict[str]:
    """The client's headers as a provider of the same dialect gets them, without any credential."""
    named = headers.get("Connection")
    hop = frozenset(one.strip().lower() for one in named.split(",")) if named else frozenset[str]()
    kept = CIMultiDict[str]()
    for name, value in headers.items():
        low = name.lower()
        if not _stays(low) and low not in hop:
            kept.add(name, value)
    kept["Accept-Encoding"] = "identity"
    kept["Via"] = via
    return kept


def for_upstream(signed: Pairs, *, stream: bool, agent: str, via: str) -> CIMultiDict[str]:
    """The headers of a converted request: built from nothing, so that no vendor learns what client it was."""
    made = CIMultiDict[str](
        (
            ("Content-Type", "application/json"),
            ("Accept", "text/event-stream" if stream else "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", agent),
            ("Via", via),
        )
    )
    made.extend(signed)
    return made


def to_client(headers: CIMultiDictProxy[str]) -> Pairs:
    """What passes from an upstream of the client's own dialect."""
    return tuple([(name, value) for name, value in headers.items() if _passes(name.lower())])


def converted_to_client(headers: CIMultiDictProxy[str], client: DialectName, upstream: DialectName) -> Pairs:
    """What passes from an upstream of another dialect: its request id and its limits, under the client's names."""
    passed = [(name, headers[name]) for name in ("retry-after", "retry-after-ms", "x-should-retry") if name in headers]
    request_id = headers.get(request_id_name(upstream))
    if request_id:
        passed.append((request_id_name(client), request_id))
    theirs, ours = _LIMITS.get(upstream), _LIMITS.get(client)
    if theirs and ours:
        passed += [(mine, headers[name]) for name, mine in zip(theirs, ours, strict=True) if name in headers]
    return tuple(passed)


def pairs(headers: Iterable[tuple[str, str]]) -> Pairs:
    """Headers as the record keeps them."""
    return tuple(headers)


def request_id_name(dialect: DialectName) -> str:
    """The header that a dialect's clients read the request id from."""
    return "request-id" if dialect is DialectName.ANTHROPIC_MESSAGES else "x-request-id"


REQUEST_IDS = frozenset({"request-id", "x-request-id"})
_OPENAI_LIMITS = (
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
)
_LIMITS = {
    DialectName.ANTHROPIC_MESSAGES: (
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
    ),
    DialectName.OPENAI_CHAT: _OPENAI_LIMITS,
    DialectName.OPENAI_RESPONSES: _OPENAI_LIMITS,
}
"""Row by row the same thing. The reset times differ in form (a duration, a date) and stay: `retry-after` tells."""


def _stays(name: str) -> bool:
    known = _STAYS.get(name)
    if known is None:
        known = name in _STAY or name.startswith(_STAY_PREFIXES)
        if len(_STAYS) < _CACHE_NAMES:
            _STAYS[name] = known
    return known


def _passes(name: str) -> bool:
    known = _PASSES.get(name)
    if known is None:
        known = name in _PASS or name.startswith(_PASS_PREFIXES)
        if len(_PASSES) < _CACHE_NAMES:
            _PASSES[name] = known
    return known
