"""Vendors, the providers a user configured, their capabilities and their credentials."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class DialectName(StrEnum):
    """The wire languages; the word is also the one in `patchbay.toml`."""

    ANTHROPIC_MESSAGES = "anthropic_messages"
    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    GEMINI = "gemini"


class AuthStyle(StrEnum):
    """How a request to the upstream is signed."""

    X_API_KEY = "x-api-key"
    """Anthropic; an OAuth token (`sk-ant-oat…`) goes as a bearer token all the same."""
    BEARER = "bearer"
    API_KEY = "api-key"
    """Azure OpenAI."""
    GOOGLE = "x-goog-api-key"
    """Gemini; never in the query, where it would stand in logs."""
    NONE = "none"
    """The vendor asks for no key (Ollama); a key that is there goes as a bearer token."""
    CLIENT = "client"
    """The caller's own key is passed on."""


class Tier(StrEnum):
    """Sizes of model: opus, sonnet, haiku and their likes."""

    BIG = "big"
    MIDDLE = "middle"
    SMALL = "small"


class MidSystem(StrEnum):
    """Where a system message in mid-conversation goes."""

    INLINE = "inline"
    USER_REMINDER = "user_reminder"
    MERGE = "merge"


class ReasoningIn(StrEnum):
    """What must be replayed on assistant messages."""

    NONE = "none"
    CONTENT = "reasoning_content"
    DETAILS = "reasoning_details"
    CALLS = "extra_content"
    """A signature on tool calls (Gemini's OpenAI-compatible endpoint)."""
    BLOCKS = "blocks"
    """Anthropic's own thinking blocks."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an upstream can do: data, overridable key by key in `[provider.profile]`."""

    kind: str = "generic"
    """The preset it came from: anthropic, openai, azure, openrouter, gemini_openai, ollama, deepseek, generic."""
    max_tokens_field: str = "max_tokens"
    mid_system: MidSystem = MidSystem.USER_REMINDER
    reasoning_in: ReasoningIn = ReasoningIn.NONE
    reasoning_out: tuple[str, ...] = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
    reasoning_object: bool = False
    """Effort goes as `reasoning: {"effort"}` (OpenRouter) rather than `reasoning_effort`."""
    reasoning_toggle: bool = False
    """Thinking is switched by `thinking: {"type": "enabled" | "disabled"}` (DeepSeek)."""
    reasoning_summary: bool = True
    """Gives a summary of its reasoning (Responses); OpenAI refuses it to organizations that it has not verified."""
    effort: tuple[str, ...] = ()
    """Effort words the upstream accepts, weakest first; empty sends none."""
    sampling: str = "full"
    """full (temperature, top_p), temp_only or none."""
    top_k: bool = False
    parallel_tool_calls: bool = True
    tool_choice: bool = True
    response_format: str = "json_schema"
    """json_schema, json_object or none."""
    stop_max: int = 4
    """How many stop sequences; 0 drops them."""
    images: str = "url"
    """url (and data), data, or none."""
    pdf: str = "none"
    """file or none."""
    cache_control: bool = False
    strict_alternation: bool = False
    strict_tools: bool = True
    stream_usage: bool = True
    """Accepts `stream_options.include_usage`."""
    tools_need_responses: tuple[str, ...] = ()
    """Beginnings of models whose function tools work over the Responses dialect only (OpenAI, gpt-5.4 and later)."""
    parameters_schema: bool = False
    """Tools' schemas go as the OpenAPI subset `parameters` (old Gemini servers) rather than as free JSON Schema."""
    signed_calls: bool = False
    """Refuses calls in the history without a thought signature (Gemini 3 under a name that does not say so)."""
    session_cache_key: bool = False
    """Accepts `prompt_cache_key`."""
    user_field: str = ""
    """"safety_identifier", "user" or empty."""
    think_tags: bool = False
    """Reasoning comes inside `<think>` tags of the content."""
    tool_id_max: int = 64
    tool_name_max: int = 64
    max_tools: int = 128
    max_output_tokens: int = 0
    """Upper bound to clamp to; 0 is unknown."""
    context_tokens: int = 0
    """Context window; 0 is unknown."""
    tools: bool = True
    """Takes function tools."""


class Grant(StrEnum):
    """What a login is exchanged for."""

    KEY = "key"
    """A key that lasts (OpenRouter)."""
    TOKENS = "tokens"
    """An access token that expires, and a refresh token that renews it (RFC 6749)."""


@dataclass(frozen=True, slots=True)
class LoginWay:
    """How a person logs in with the browser: OAuth 2.0 with PKCE (RFC 7636), back to a port here (RFC 8252)."""

    authorize_url: str
    """Where the browser is sent."""
    token_url: str
    """Where the code that it brings back is exchanged."""
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    grant: Grant = Grant.TOKENS
    redirect_host: str = "127.0.0.1"
    """How the address that the browser comes back to names this machine."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A preset: who hosts, where, in which dialect, how to sign, which models to offer."""

    name: str
    label: str
    base_url: str
    """Empty where only the user knows it."""
    dialect: DialectName
    auth: AuthStyle
    profile: Profile
    env_key: str = ""
    """The environment variable its own tools read the key from."""
    key_url: str = ""
    """Where a person gets a key."""
    key_prefix: str = ""
    """How its keys begin, to warn about a pasted wrong one; empty where unknown."""
    api_version: str = ""
    big_models: tuple[str, ...] = ()
    middle_models: tuple[str, ...] = ()
    small_models: tuple[str, ...] = ()
    native_prefixes: tuple[str, ...] = ()
    """A requested model that begins so is served by this vendor under that very name."""
    endpoints: tuple[tuple[DialectName, str], ...] = ()
    """Further dialects that it speaks itself, each with its base URL, which may hold "{base}" for `base_url`."""
    extra_headers: tuple[tuple[str, str], ...] = ()
    first_byte_timeout_s: float = 120.0
    local: bool = False
    """Runs on the user's own machine: clear text and private addresses are normal."""
    hint: str = ""
    """One line for the person who adds it."""
    login: LoginWay | None = None
    """None where it offers none."""


class Login(StrEnum):
    """How a credential is come by."""

    KEY = "key"
    """A person pastes it, or the environment holds it."""
    OAUTH = "oauth"
    """The provider hands it out after a login in the browser; refreshed where it expires."""


@dataclass(frozen=True, slots=True)
class Account:
    """One credential of a provider, by name; the secret itself is in the keyring."""

    name: str = ""
    """Empty is the provider's own key."""
    env_key: str = ""
    priority: int = 0
    """Lower ones are used first; among equals the weight decides."""
    weight: int = 1
    """Its share of the requests among those of its priority; 0 rests it by the user's wish."""
    login: Login = Login.KEY


OWN_KEY = Account()


def credential_id(provider: str, account: str = "") -> str:
    """What a credential is known by in a snapshot: the provider's name alone for its own key."""
    return f"{provider}\n{account}" if account else provider


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor the user configured; never holds a secret."""

    name: str
    vendor: str
    base_url: str
    dialect: DialectName
    auth: AuthStyle
    profile: Profile
    env_key: str = ""
    api_version: str = ""
    big_models: tuple[str, ...] = ()
    middle_models: tuple[str, ...] = ()
    small_models: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    """Further models, of no tier."""
    native_prefixes: tuple[str, ...] = ()
    big_model: str = ""
    """The user's choice for a tier; empty is what `route.default_model` says."""
    middle_model: str = ""
    small_model: str = ""
    extra_headers: tuple[tuple[str, str], ...] = ()
    first_byte_timeout_s: float = 120.0
    allow_insecure: bool = False
    """Clear-text HTTP to an address that is not this machine."""
    local: bool = False
    ca_file: str = ""
    """A file with certificates (PEM) to trust for this provider beside those of the system; empty for none."""
    endpoints: tuple[tuple[DialectName, str], ...] = ()
    """Further dialects that it speaks itself, each with its base URL."""
    accounts: tuple[Account, ...] = ()
    """Further credentials beside its own key."""
    failover: bool = True
    """It may serve requests that another provider could not."""
    weight: int = 1
    """Its share among targets that are used in turn."""
    context: tuple[tuple[str, int], ...] = ()
    """Context windows in tokens by model name, `*` for any part of one; the first that fits counts."""
    login: LoginWay | None = None
    """How one of its credentials can be come by in the browser; None where there is no such way."""

    def credentials(self) -> tuple[Account, ...]:
        """Its own key and the further ones, by priority."""
        return tuple(sorted((Account(env_key=self.env_key), *self.accounts), key=lambda one: one.priority))

    def speaking(self, dialect: DialectName) -> Provider | None:
        """The provider as it is reached in that dialect; None where it does not speak it."""
        if dialect is self.dialect:
            return self
        base_url = next((url for name, url in self.endpoints if name is dialect), None)
        return replace(self, dialect=dialect, base_url=base_url) if base_url else None

    def listed(self) -> tuple[str, ...]:
        """Every model it offers, big ones first, each once."""
        every = self.big_models + self.middle_models + self.small_models + self.models
        return tuple(dict.fromkeys(every))

    def tier_models(self, tier: Tier) -> tuple[str, ...]:
        """The models listed for a tier."""
        return {Tier.BIG: self.big_models, Tier.MIDDLE: self.middle_models, Tier.SMALL: self.small_models}[tier]

    def chosen(self, tier: Tier) -> str:
        """The model the user picked for a tier, or empty."""
        return {Tier.BIG: self.big_model, Tier.MIDDLE: self.middle_model, Tier.SMALL: self.small_model}[tier]


class CredentialState(StrEnum):
    """Whether a provider's key is at hand, and if not why."""

    READY = "ready"
    NOT_NEEDED = "not_needed"
    MISSING = "missing"
    WAITING = "waiting"
    """The keyring has not answered yet."""
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"
    """There is no keyring, or it does not answer."""
    REJECTED = "rejected"
    """The upstream said 401 or 403 to it; stays so until it changes."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key in memory; never shows itself in a repr, a log or an error."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        """A mask, so that no f-string can leak it."""
        return "…"


@dataclass(frozen=True, slots=True)
class Credential:
    """A provider's credential as the proxy sees it."""

    state: CredentialState
    secret: Secret | None = None
    source: str = ""
    """For people: "system keyring", "environment variable OPENAI_API_KEY", "this session only"."""
