"""Everything that can go wrong on the way of a request: whose fault, worth repeating, which status.

    PatchbayError
      kind: ErrorKind  -> fault, retryable, default HTTP status

A dialect turns a kind into its own status, type and code (`dialects/*/errors.py`); a foreign library's exception is
turned into a kind in one file per library (`proxy/upstream_errors.py`). House tests prove that both are complete.
One class with an enum, not a tree of classes: nobody catches the branches, everybody asks for the kind.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class Fault(StrEnum):
    """Who has to change something before the request can succeed."""

    CLIENT = "client"
    USER = "user"
    """The person at the desktop: a key, a provider, a setting."""
    UPSTREAM = "upstream"
    PATCHBAY = "patchbay"


class ErrorKind(Enum):
    """A kind of failure: (word in the record, fault, may the same request succeed later, HTTP status)."""

    def __init__(self, word: str, fault: Fault, retryable: bool, status: int) -> None:  # noqa: FBT001 (enum rows)
        self.word = word
        self.fault = fault
        self.retryable = retryable
        self.status = status

    # the gate
    HOST_NOT_ALLOWED = ("host_not_allowed", Fault.CLIENT, False, 421)
    ORIGIN_NOT_ALLOWED = ("origin_not_allowed", Fault.CLIENT, False, 403)
    UNAUTHENTICATED = ("unauthenticated", Fault.CLIENT, False, 401)
    KEY_EXPIRED = ("key_expired", Fault.CLIENT, False, 401)
    KEY_DISABLED = ("key_disabled", Fault.CLIENT, False, 401)
    """Switched off or revoked by the user, perhaps while the request ran."""
    NOT_PERMITTED = ("not_permitted", Fault.CLIENT, False, 403)
    """The client key may not do this: the model, the dialect, the client or the address is none of its own."""
    KEY_RATE_LIMITED = ("key_rate_limited", Fault.CLIENT, True, 429)
    """The client key's own requests or tokens per minute."""
    QUOTA_EXCEEDED = ("quota_exceeded", Fault.CLIENT, False, 429)
    """A budget or quota has too little left for this request."""
    LEDGER_UNAVAILABLE = ("ledger_unavailable", Fault.PATCHBAY, True, 503)
    """A budget stands and its account cannot be written: nothing may be spent."""
    TOO_MANY_FAILURES = ("too_many_failures", Fault.CLIENT, True, 429)
    """An address of another machine showed wrong keys too often."""
    PATH_NOT_FOUND = ("path_not_found", Fault.CLIENT, False, 404)
    METHOD_NOT_ALLOWED = ("method_not_allowed", Fault.CLIENT, False, 405)
    UPGRADE_REFUSED = ("upgrade_refused", Fault.CLIENT, False, 426)
    MEDIA_TYPE = ("unsupported_media_type", Fault.CLIENT, False, 415)
    TOO_LARGE = ("request_too_large", Fault.CLIENT, False, 413)
    BODY_TIMEOUT = ("body_timeout", Fault.CLIENT, True, 408)
    EXPECTATION_FAILED = ("expectation_failed", Fault.CLIENT, False, 417)
    LOOP_DETECTED = ("loop_detected", Fault.USER, False, 508)
    # the request
    INVALID_REQUEST = ("invalid_request", Fault.CLIENT, False, 400)
    UNSUPPORTED = ("unsupported_feature", Fault.CLIENT, False, 400)
    """The upstream cannot express a field; `param` names it."""
    MODEL_NOT_FOUND = ("model_not_found", Fault.CLIENT, False, 404)
    BUSY = ("busy", Fault.PATCHBAY, True, 503)
    PAUSED = ("paused", Fault.USER, False, 503)
    NO_PROVIDER = ("no_provider", Fault.USER, False, 503)
    CREDENTIAL_UNAVAILABLE = ("credential_unavailable", Fault.USER, False, 503)
    """The provider has no key, or the system keyring is locked, absent or does not answer."""
    ALL_RESTING = ("all_targets_resting", Fault.UPSTREAM, True, 503)
    """Every target that could serve the request rests; `retry_after_s` says until when."""
    # the upstream, before or after the first byte
    CREDENTIAL_REJECTED = ("credential_rejected", Fault.USER, False, 502)
    """A key of ours got 401 or 403: the client's own key is not at fault."""
    CALLER_UNAUTHENTICATED = ("caller_unauthenticated", Fault.CLIENT, False, 401)
    """The caller's own key, passed on, got 401."""
    CALLER_FORBIDDEN = ("caller_forbidden", Fault.CLIENT, False, 403)
    BILLING = ("billing", Fault.USER, False, 402)
    UPSTREAM_INVALID_REQUEST = ("upstream_invalid_request", Fault.CLIENT, False, 400)
    CONTEXT_TOO_LONG = ("context_too_long", Fault.CLIENT, False, 400)
    UPSTREAM_NOT_FOUND = ("upstream_not_found", Fault.CLIENT, False, 404)
    UPSTREAM_TOO_LARGE = ("upstream_too_large", Fault.CLIENT, False, 413)
    RATE_LIMITED = ("rate_limited", Fault.UPSTREAM, True, 429)
    UPSTREAM_ERROR = ("upstream_error", Fault.UPSTREAM, True, 500)
    OVERLOADED = ("overloaded", Fault.UPSTREAM, True, 529)
    UPSTREAM_TIMEOUT = ("upstream_timeout", Fault.UPSTREAM, True, 504)
    UNREACHABLE = ("upstream_unreachable", Fault.UPSTREAM, True, 502)
    TLS_FAILED = ("tls_verification_failed", Fault.USER, False, 502)
    ADDRESS_REFUSED = ("address_refused", Fault.USER, False, 502)
    """The address dialled is one that a provider must not have (link-local, metadata, our own listener)."""
    REDIRECT_REFUSED = ("upstream_redirect_refused", Fault.UPSTREAM, False, 502)
    BAD_REPLY = ("bad_upstream_reply", Fault.UPSTREAM, True, 502)
    STREAM_CUT = ("upstream_stream_cut", Fault.UPSTREAM, True, 502)
    """The upstream closed before the terminator: the answer is not complete."""
    STREAM_STALLED = ("upstream_stalled", Fault.UPSTREAM, True, 504)
    # ours
    INTERNAL = ("internal", Fault.PATCHBAY, False, 500)


class PatchbayError(Exception):
    """A failure that a client or the user is told about; its text is safe to show and holds no secret."""

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after_s: float | None = None,
        upstream_status: int | None = None,
        should_retry: bool | None = None,
        unsent: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.param = param
        """The request's field at fault, as the client spelled it: "messages.0.role"."""
        self.code = code
        """A machine code of the upstream worth passing on ("invalid_api_key")."""
        self.retry_after_s = retry_after_s
        self.upstream_status = upstream_status
        self.should_retry = should_retry
        """What the upstream's `x-should-retry` said; None where it said nothing."""
        self.unsent = unsent
        """It is certain that the provider saw nothing of the request: it was never connected to."""
        self.headers: tuple[tuple[str, str], ...] = ()
        """Headers that tell the client more of a limit, by the names of its dialect."""


class ConfigError(Exception):
    """A configuration that cannot be used; names the file, the line (1-based, 0 if unknown) and the key."""

    def __init__(self, message: str, *, file: str = "", line: int = 0, key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.key = key

    def __str__(self) -> str:
        """One sentence a person can act on: `patchbay.toml, line 3, provider.base_url: ...`."""
        where = ", ".join(part for part in (self.file, f"line {self.line}" if self.line else "", self.key) if part)
        return f"{where}: {self.message}" if where else self.message


class VaultProblem(StrEnum):
    """Why a secret could not be read or kept."""

    LOCKED = "locked"
    UNAVAILABLE = "unavailable"
    """There is no keyring that keeps secrets safely."""
    TIMEOUT = "timeout"
    TOO_LONG = "too_long"
    FAILED = "failed"


class VaultError(Exception):
    """The system keyring did not do what it was asked; the text says what to do and holds no secret."""

    def __init__(self, kind: VaultProblem, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
