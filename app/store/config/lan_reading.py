"""The `[lan]` table: whether other machines may use the proxy, and where."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.domain.settings import Lan
from app.store.config import values
from app.store.config.spelling import key_problem

KEYS = tuple(one.name for one in dataclasses.fields(Lan))
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


def lan_value(key: str, value: object) -> Any:
    """A value of `[lan]`; raises BadValueError."""
    if key == "enabled":
        return values.flag(value)
    if key in ("cert_file", "key_file"):
        return values.text(value)
    found = (value,) if isinstance(value, str) else values.texts(list(value) if isinstance(value, tuple) else value)
    check = _a_name if key == "names" else _an_address
    return tuple(check(one) for one in found)


def read_lan(table: Mapping[str, Any], convert: Callable[[str, Callable[[str, object], Any]], Any]) -> Lan:
    """The whole table; `convert` reads one key and names it where it is wrong, or where there is none of that name."""

    def read(key: str, value: object) -> Any:
        if problem := key_problem(key, table, "[lan]", KEYS):
            raise values.BadValueError(problem)
        return lan_value(key, value)

    return Lan(**{key: convert(key, read) for key in table})


def _an_address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise values.BadValueError(f"must hold addresses such as 192.168.1.20, not {text[:60]!r}") from None
    if address.is_unspecified or address.is_multicast:
        raise values.BadValueError(f"must hold single addresses, not {address}; leave the list out for all of them")
    return str(address)


def _a_name(text: str) -> str:
    if not _NAME.fullmatch(text.strip()):
        raise values.BadValueError(f"must hold names such as my-machine.local, not {text[:60]!r}")
    return text.strip().lower()
