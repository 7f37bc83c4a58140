"""Keys and tables of the file that mean nothing to us: told with their line and what they are like, never refused.

They may be another tool's, or a newer version's, and stay in the file; where one is like a key that would stand there,
it is probably that one, mistyped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.domain.config import Unused
from app.store.config.account_reading import KEYS as ACCOUNT_KEYS
from app.store.config.places import Place
from app.store.config.spelling import like

PROVIDER, ACCOUNT = "provider", "account"


def unused(
    document: Mapping[str, Any],
    lines: Mapping[Place, int],
    *,
    tables: Mapping[str, Collection[str]],
    provider_keys: Collection[str],
    others: Collection[str],
) -> Iterator[Unused]:
    """What of a document that was read means nothing.

    `tables` are the plain tables with the keys that each may have, `others` the names of tables that say themselves
    what is wrong with their keys.
    """
    for name, keys in tables.items():
        for key in document.get(name, {}):
            if key not in keys:
                line = lines.get((name, 0, key), lines.get((name, 0, ""), 0))
                yield Unused(f"{name}.{key}", line, like(key, keys, closely=True))
    for index, table in enumerate(document.get(PROVIDER, ())):
        yield from _in_provider(table, index, lines, provider_keys)
    known = {*tables, *others, PROVIDER}
    for name in document:
        if name not in known:
            line = next((lines[at] for at in ((name, 0, ""), ("", 0, name)) if at in lines), 0)
            yield Unused(name, line, like(name, known, closely=True))


def is_search_only(table: Mapping[str, Any]) -> bool:
    """Whether it is one of CC-Proxy's search-only entries, which have an empty address and no vendor."""
    return table.get("base_url") == "" and not table.get("vendor")


def _in_provider(
    table: Mapping[str, Any], index: int, lines: Mapping[Place, int], keys: Collection[str]
) -> Iterator[Unused]:
    where, line = f"{PROVIDER} {table['name']!r}", lines.get((PROVIDER, index, ""), 0)
    if is_search_only(table):
        yield Unused(f"{where} (it has no base_url)", line)
        return
    for key in table:
        if key not in keys:
            places = ((PROVIDER, index, key), (f"{PROVIDER}.{key}", index, ""))
            at = next((lines[place] for place in places if place in lines), line)
            yield Unused(f"{where}: {key}", at, like(key, keys, closely=True))
    for number, one in enumerate(table.get(ACCOUNT, ())):
        header = f"{PROVIDER}.{ACCOUNT}[{number}]"
        for key in one:
            if key not in ACCOUNT_KEYS:
                at = lines.get((header, index, key), lines.get((header, index, ""), line))
                yield Unused(f"{where}, account {one['name']!r}: {key}", at, like(key, ACCOUNT_KEYS, closely=True))
