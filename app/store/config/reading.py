"""The text of the file as a `Config`; every error names the line and the key and says what to do."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.config import Config, FoundSecret, ProfileValue, ProviderEntry, Unused
from app.domain.errors import ConfigError
from app.domain.redact_rules import MOST_RULES, BadRuleError, rule
from app.domain.settings import Lan, Limits, Settings
from app.store.config import values
from app.store.config.account_reading import Fail, account_secrets, account_tables, read_accounts, read_login
from app.store.config.lan_reading import read_lan
from app.store.config.places import Place, places
from app.store.config.price_reading import TABLE as PRICE
from app.store.config.price_reading import read_prices
from app.store.config.routing_reading import ROUTING, ROUTING_KEYS, STANDING, TABLES, read_routing, read_standing
from app.store.config.unused import is_search_only, unused

MOST_BYTES = 1024 * 1024
_TEXTS = ("vendor", "base_url", "dialect", "provider_type", "auth", "env_key", "api_version", "ca_file")
_CHOICES = ("big_model", "middle_model", "small_model")
_LISTS = ("big_models", "middle_models", "small_models", "models")
_TABLES = ("profile", "endpoints", "account", "login")
_CLIENT_KEY = "anthropic_api_key"
_REDACTION, _RULES = "redaction", "patterns"
_RULES_AT: tuple[Place, ...] = ((_REDACTION, 0, _RULES), (_REDACTION, 0, ""))
_SYNTAX = re.compile(r"^(?P<what>.*?) \(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)
NAME_MOST_CHARS = 64


Check = Callable[[ProviderEntry], object]
"""Judges an entry beyond its types (is there such a vendor, is the address one); raises ConfigError."""


def accept(entry: ProviderEntry) -> None:
    """The check that finds nothing wrong."""


def read(data: bytes, file: str, check: Check = accept) -> Config:
    """The configuration that `data` holds; raises ConfigError with `file` as the name of the file."""
    text = _text(data, file)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except ValueError:
        raise ConfigError("holds a number of more digits than any has; correct it", file=file) from None
    except RecursionError:
        raise ConfigError("is nested too deeply; nothing here needs that", file=file) from None
    return _Reader(document, places(text), file, check).config()


def _text(data: bytes, file: str) -> str:
    if len(data) > MOST_BYTES:
        raise ConfigError(
            f"is more than {MOST_BYTES:,} bytes long, as no configuration is; look what wrote it", file=file
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8 text; save it as UTF-8", file=file, line=line) from None


def _syntax_error(message: str, text: str, file: str) -> ConfigError:
    found = _SYNTAX.match(message)
    line = int(found["line"]) if found and found["line"] else text.count("\n") + 1
    what = found["what"] if found else message
    return ConfigError(f"is not valid TOML here ({what}); correct this line", file=file, line=line)


@dataclass(frozen=True, slots=True)
class _Reader:
    document: dict[str, Any]
    lines: dict[Place, int]
    file: str
    check: Check

    def config(self) -> Config:
        tables = self._tables()
        found = [self._provider(table, index) for index, table in enumerate(tables)]
        kept = [one for one in found if one is not None]
        self._refuse_duplicates(kept)
        return Config(
            settings=self._settings(),
            providers=tuple(kept),
            routing=read_routing(self.document, self._error),
            prices=read_prices(self.document.get(PRICE, []), self._error),
            secrets=tuple(self._secrets(tables)),
            ignored=tuple(self._unused()),
        )

    def _table(self, name: str) -> dict[str, Any]:
        table = self.document.get(name, {})
        if not isinstance(table, dict):
            raise self._error((("", 0, name),), name, f"must be a table; write [{name}]")
        return table

    def _settings(self) -> Settings:
        config, limits = self._table("config"), self._table("limits")
        changes = {
            key: self._value("config", 0, key, config, values.setting) for key in _in(config, values.SETTING_KEYS)
        }
        bounds = {key: self._value("limits", 0, key, limits, values.limit) for key in _in(limits, values.LIMIT_KEYS)}
        changes |= {key: bounds.pop(key) for key in (values.RATE_STORAGE,) if key in bounds}
        bounded = dataclasses.replace(Limits(), **bounds)
        return dataclasses.replace(Settings(), **changes, redaction=self._redaction(), limits=bounded, lan=self._lan())

    def _lan(self) -> Lan:
        table = self._table("lan")
        return read_lan(table, lambda key, convert: self._value("lan", 0, key, table, convert))

    def _redaction(self) -> tuple[str, ...]:
        found = self._table(_REDACTION)
        patterns: tuple[str, ...] = (
            self._value(_REDACTION, 0, _RULES, found, lambda _, value: values.texts(value)) if found.get(_RULES) else ()
        )
        if len(patterns) > MOST_RULES:
            raise self._error(_RULES_AT, f"{_REDACTION}.{_RULES}", f"must not be more than {MOST_RULES}")
        for number, pattern in enumerate(patterns, start=1):
            try:
                rule(pattern)
            except BadRuleError as error:
                message = f"rule {number}, {pattern[:60]!r}, {error}"
                raise self._error(_RULES_AT, f"{_REDACTION}.{_RULES}", message) from None
        return tuple(patterns)

    def _tables(self) -> list[dict[str, Any]]:
        tables = self.document.get("provider", [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise self._error((("provider", 0, ""), ("", 0, "provider")), "provider", "must be written as [[provider]]")
        return tables

    def _provider(self, table: dict[str, Any], index: int) -> ProviderEntry | None:
        """One `[[provider]]`; None for CC-Proxy's search-only entries, which have an empty address and no vendor."""
        name = self._name(table, index)
        if is_search_only(table):
            return None
        fields: dict[str, Any] = {
            key: self._value("provider", index, key, table, lambda _, value: values.text(value))
            for key in _in(table, frozenset(_TEXTS + _CHOICES))
        }
        fields |= {
            key: self._value("provider", index, key, table, lambda _, value: values.texts(value))
            for key in _in(table, frozenset(_LISTS))
        }
        if "allow_insecure" in table:
            fields["allow_insecure"] = self._value(
                "provider", index, "allow_insecure", table, lambda _, value: values.flag(value)
            )
        fields |= read_standing(table, index, self._error)
        line = self.lines.get(("provider", index, ""), 0)
        profile, endpoints = self._profile(table, index), self._endpoints(table, index)
        accounts = read_accounts(self._account_tables(table, index), self._account_fail(index))
        login = self._login(table, index)
        entry = ProviderEntry(
            name=name, profile=profile, endpoints=endpoints, accounts=accounts, login=login, line=line, **fields
        )
        self._check(entry, index)
        return entry

    def _check(self, entry: ProviderEntry, index: int) -> None:
        try:
            self.check(entry)
        except ConfigError as error:
            table, _, key = f"provider.{error.key.rpartition(', ')[2]}".rpartition(".")
            where = ((table, index, key), ("provider", index, table.partition(".")[2]))
            raise self._error((*where, ("provider", index, "")), error.key, error.message) from None

    def _name(self, table: dict[str, Any], index: int) -> str:
        where = (("provider", index, "name"), ("provider", index, ""))
        name = table.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self._error(where, "provider.name", 'is missing; give the provider a name, such as name = "OpenAI"')
        problem = name_problem(name)
        if problem:
            raise self._error(where, "provider.name", problem)
        return name

    def _profile(self, table: dict[str, Any], index: int) -> tuple[tuple[str, ProfileValue], ...]:
        profile = table.get("profile", {})
        if not isinstance(profile, dict):
            raise self._error((("provider", index, "profile"),), "provider.profile", "must be a table")
        return tuple((key, self._profile_value(index, key, value)) for key, value in profile.items())

    def _endpoints(self, table: dict[str, Any], index: int) -> tuple[tuple[str, str], ...]:
        endpoints = table.get("endpoints", {})
        if not isinstance(endpoints, dict):
            where = (("provider", index, "endpoints"), ("provider", index, ""))
            raise self._error(
                where, "provider.endpoints", 'must be a table such as openai_responses = "https://host/v1"'
            )
        return tuple((key, self._endpoint(index, key, endpoints)) for key in endpoints)

    def _account_tables(self, table: dict[str, Any], index: int) -> list[dict[str, Any]]:
        found = account_tables(table.get("account", []))
        if found is None:
            where = (("provider", index, "account"), ("provider.account", index, ""), ("provider", index, ""))
            raise self._error(where, "provider.account", "must be written as [[provider.account]]")
        return found

    def _account_fail(self, index: int) -> Fail:
        def fail(number: int, key: str, message: str) -> ConfigError:
            table = f"provider.account[{number}]"
            where = ((table, index, key), (table, index, ""), ("provider", index, "account"), ("provider", index, ""))
            return self._error(where, f"provider.account.{key}", message)

        return fail

    def _login(self, table: dict[str, Any], index: int) -> tuple[tuple[str, str | tuple[str, ...]], ...]:
        def fail(key: str, message: str) -> ConfigError:
            where = (("provider.login", index, key), ("provider.login", index, ""), ("provider", index, "login"))
            return self._error((*where, ("provider", index, "")), f"provider.login.{key}".rstrip("."), message)

        login = table.get("login", {})
        if not isinstance(login, dict):
            raise fail("", "must be a table with authorize_url, token_url, client_id and scopes")
        return read_login(login, fail)

    def _endpoint(self, index: int, key: str, endpoints: dict[str, Any]) -> str:
        text: str = self._value("provider.endpoints", index, key, endpoints, lambda _, value: values.text(value))
        return text

    def _profile_value(self, index: int, key: str, value: object) -> ProfileValue:
        if isinstance(value, str | int | float):
            return value
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        where = (("provider.profile", index, key), ("provider", index, "profile"), ("provider", index, ""))
        raise self._error(where, f"provider.profile.{key}", "must be text, a number, true or false, or a list of words")

    def _refuse_duplicates(self, entries: list[ProviderEntry]) -> None:
        first: dict[str, ProviderEntry] = {}
        for entry in entries:
            other = first.setdefault(entry.name.lower(), entry)
            if other is not entry:
                raise ConfigError(
                    f"there is already a provider {other.name!r} in line {other.line}; give this one another name",
                    file=self.file,
                    line=entry.line,
                    key="provider.name",
                )

    def _secrets(self, tables: list[dict[str, Any]]) -> Iterator[FoundSecret]:
        client_key = self._table("config").get(_CLIENT_KEY)
        if isinstance(client_key, str) and client_key:
            yield FoundSecret("", client_key)
        for index, table in enumerate(tables):
            if table.get("api_key", "") != "" and table.get("base_url") != "":
                value = self._value("provider", index, "api_key", table, lambda _, value: values.text(value))
                yield FoundSecret(table["name"], value)
            tables_here = self._account_tables(table, index)
            yield from account_secrets(table["name"], tables_here, self._account_fail(index))

    def _unused(self) -> Iterator[Unused]:
        tables = {
            "config": values.SETTING_KEYS | {_CLIENT_KEY},
            "limits": values.LIMIT_KEYS,
            _REDACTION: frozenset({_RULES}),
            ROUTING: ROUTING_KEYS,
        }
        ours = {"name", "api_key", "allow_insecure", *STANDING, *_TABLES, *_TEXTS, *_CHOICES, *_LISTS}
        return unused(self.document, self.lines, tables=tables, provider_keys=ours, others={*TABLES, "lan", PRICE})

    def _value(
        self, table: str, index: int, key: str, found: dict[str, Any], convert: Callable[[str, object], Any]
    ) -> Any:
        try:
            return convert(key, found[key])
        except values.BadValueError as error:
            where = ((table, index, key), (table, index, ""), ("", 0, f"{table}.{key}"), ("", 0, table))
            raise self._error(where, f"{table}.{key}", str(error)) from None

    def _error(self, where: tuple[Place, ...], key: str, message: str) -> ConfigError:
        line = next((self.lines[place] for place in where if place in self.lines), 0)
        return ConfigError(message, file=self.file, line=line, key=key)


def name_problem(name: str) -> str:
    """Why a provider cannot be called so, in words; empty where it can."""
    if ":" in name:
        return "must not hold a colon, which parts provider and model in provider:model"
    if len(name) > NAME_MOST_CHARS or not name.isprintable() or name != name.strip():
        return f"must be at most {NAME_MOST_CHARS} printable characters, without blanks around them"
    if "/account/" in name:
        return "must not hold /account/, by which the keyring tells accounts from providers"
    return ""


def _in(table: dict[str, Any], keys: frozenset[str]) -> list[str]:
    return [key for key in table if key in keys]
