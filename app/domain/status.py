"""What the faces show of the running program: one frozen value, from which tray and window are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.budget import BudgetStanding
from app.domain.exchange import Totals
from app.domain.exposure import NO_REACH, Reach
from app.domain.provider import CredentialState, Tier
from app.domain.routing import NO_ROUTING, ModelWindow, Resting, Routing


class ProxyState(StrEnum):
    """What the proxy does."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    PORT_TAKEN = "port_taken"
    STOPPED = "stopped"
    FAILED = "failed"


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class NoticeAction(StrEnum):
    """The one thing a notice offers to do."""

    NONE = ""
    ADD_PROVIDER = "add_provider"
    OPEN_PROVIDERS = "open_providers"
    OPEN_SETTINGS = "open_settings"
    OPEN_BUDGETS = "open_budgets"
    USE_NEXT_PORT = "use_next_port"
    RETRY_PORT = "retry_port"
    UNLOCK_KEYRING = "unlock_keyring"
    OPEN_CONFIG = "open_config"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know: what happened, why, what to do."""

    id: str
    """A new notice with the same id replaces the old one."""
    severity: Severity
    text: str
    action: NoticeAction = NoticeAction.NONE
    action_label: str = ""
    quiet: bool = False
    """Not told beside the tray: whoever says it tells it there, once."""


class Health(StrEnum):
    """How a provider does."""

    OK = "ok"
    """Answered lately."""
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    """The last request failed on its side."""
    DOWN = "down"
    """No key, key rejected, or unreachable."""


@dataclass(frozen=True, slots=True)
class TierChoice:
    """The models a tier may be set to."""

    tier: Tier
    models: tuple[str, ...]
    chosen: str
    """Empty is "as asked"."""
    as_asked: bool
    """Whether "as asked" is a choice (a vendor that serves the requested names itself)."""
    effective: str
    """The model used now; empty where the requested name goes as it is."""


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """A credential of a provider as the faces show it."""

    name: str
    """Empty is the provider's own key."""
    state: CredentialState
    source: str
    priority: int = 0
    weight: int = 1
    resting_until_us: int = 0
    resting_why: str = ""
    health: Health = Health.UNKNOWN
    health_text: str = ""
    """As a provider's, of this credential alone."""


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """A provider as the faces show it."""

    name: str
    vendor: str
    vendor_label: str
    base_url: str
    dialect: str
    active: bool
    health: Health
    health_text: str
    """Why: "answered 2 min ago", "it has no key yet", "rests until 14:05 (rate limited)"."""
    credential: CredentialState
    credential_source: str
    models: tuple[str, ...]
    env_key: str = ""
    color: int = 0
    """Index into the series colors; the same provider keeps its color everywhere."""
    also_speaks: tuple[str, ...] = ()
    """Further dialects in which requests pass through to it."""
    accounts: tuple[AccountStatus, ...] = ()
    """Its credentials, by priority; more than one only where the user gave it further ones."""
    resting_until_us: int = 0
    """Until when nothing of it is asked; 0 while something is."""
    resting_why: str = ""
    failover: bool = True
    """It may serve what another provider could not."""


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """Where secrets are kept."""

    backend: str
    """For people: "GNOME Keyring or another Secret Service", "Windows Credential Manager", "no keyring"."""
    usable: bool
    problem: str = ""
    """Why not, and what to do; empty where usable."""


class RecordingMode(StrEnum):
    """What is kept of a request."""

    EVERYTHING = "everything"
    ROWS = "rows"
    """Its figures and names, without contents."""
    COUNTERS = "counters"
    """It is counted, and nothing else."""


class Encryption(StrEnum):
    """How stored bodies are kept."""

    OFF = "off"
    ON = "on"
    LOCKED = "locked"
    """Encrypted, and the key is not at hand: new bodies are not stored, older ones not shown."""


@dataclass(frozen=True, slots=True)
class AppStatus:
    """Everything that tray, window and `patchbay status` say about the program."""

    proxy: ProxyState
    host: str = "127.0.0.1"
    port: int = 0
    detail: str = ""
    """Why it is not running, in words."""
    open_auth: bool = False
    demo: bool = False
    providers: tuple[ProviderStatus, ...] = ()
    active: str = ""
    tiers: tuple[TierChoice, ...] = ()
    today: Totals = field(default_factory=Totals)
    in_flight: int = 0
    notices: tuple[Notice, ...] = ()
    recorder_degraded: bool = False
    recording: RecordingMode = RecordingMode.EVERYTHING
    encryption: Encryption = Encryption.OFF
    version: str = ""
    auto: bool = False
    """No provider is preferred: the strategy chooses."""
    only: bool = False
    """Nothing but the preferred provider serves."""
    routing: Routing = NO_ROUTING
    budgets: tuple[BudgetStanding, ...] = ()
    """The fullest first."""
    resting: tuple[Resting, ...] = ()
    windows: tuple[ModelWindow, ...] = ()
    """What was learned of the models' windows, beside what is configured."""
    reach: Reach = NO_REACH
    """Where other machines can connect."""

    @property
    def base_url(self) -> str:
        """The address clients point at."""
        return f"http://{self.host}:{self.port}"
