"""The user's settings: read, changed, and where they lie."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.control.configuration import Configuration
from app.control.core import Core
from app.domain.errors import ConfigError
from app.domain.redact_rules import MOST_RULES, BadRuleError, rule
from app.domain.settings import Settings
from app.domain.status import VaultStatus
from app.store.config import values
from app.store.config.file import ConfigFile

REDACTION = "redaction"


class SettingsControl:
    """Settings in force, and changes to them."""

    def __init__(self, core: Core, configuration: Configuration, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._core = core
        self._configuration = configuration

    @property
    def current(self) -> Settings:
        """The settings in force."""
        return self._configuration.settings

    @property
    def config_path(self) -> Path:
        """The file they stand in."""
        return self._configuration.file.path

    async def change(self, **changes: Any) -> None:
        """Change settings by their names, at once and then in the file; raises ConfigError for a bad value."""
        good = {key: _judged(key, value) for key, value in changes.items()}
        if "port" in good:
            self._configuration.move_to_port(good["port"])
        self._configuration.change(**good)
        await self._configuration.keep(_writer(good))

    async def reload(self) -> None:
        """Take over the file as it is now; raises ConfigError, and everything then stays as it was."""
        await self._configuration.reload()

    async def keyring(self) -> VaultStatus:
        """Where keys are kept, and whether that works."""
        return await self._core.vault.describe()


def _judged(key: str, value: object) -> Any:
    if key == REDACTION:
        return _rules(value)
    if key not in values.SETTING_KEYS:
        raise ConfigError("there is no such setting", key=key)
    try:
        return values.setting(key, value)
    except values.BadValueError as error:
        raise ConfigError(str(error), key=key) from None


def _rules(value: object) -> tuple[str, ...]:
    """Masking rules; the first that cannot be one is named by its place and its text."""
    patterns = tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()
    if len(patterns) > MOST_RULES:
        raise ConfigError(f"must not be more than {MOST_RULES} rules", key=REDACTION)
    for number, pattern in enumerate(patterns, start=1):
        try:
            rule(pattern)
        except BadRuleError as error:
            raise ConfigError(f"rule {number}, {pattern[:60]!r}, {error}", key=REDACTION) from None
    return patterns


def _writer(changes: dict[str, Any]) -> Callable[[ConfigFile], None]:
    defaults = Settings()

    def write(file: ConfigFile) -> None:
        for key, value in changes.items():
            if key == REDACTION:
                file.set("patterns", list(value) or None, table=REDACTION)
                continue
            plain = value.value if isinstance(value, StrEnum) else value
            file.set(key, None if plain == "" and getattr(defaults, key) == "" else plain)

    return write
