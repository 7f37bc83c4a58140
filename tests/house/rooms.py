"""The import table: which room may use which other room, and which library lives where."""

from __future__ import annotations

FLOORS = (
    ("domain",),
    ("dialects", "vendors", "store", "vault", "export", "importers", "clients", "system"),
    ("proxy",),
    ("control",),
    ("ui", "admin", "cli"),
)

_SIBLINGS = FLOORS[1]
MAY_IMPORT: dict[str, frozenset[str]] = {
    "domain": frozenset(),
    **{room: frozenset({"domain"}) for room in _SIBLINGS},
    "proxy": frozenset({"domain", "dialects", "vendors"}),
    "control": frozenset({"domain", *_SIBLINGS, "proxy"} - {"dialects"}),
    **{face: frozenset({"domain", "control"}) for face in FLOORS[4]},
}

# The files above the rooms (main, __main__, loop, desktop_loop) may import every room.
TOP = "main"

# A library lives in one room, so that changing it changes one room. A third-party import that is not here fails.
LIBRARIES: dict[str, frozenset[str]] = {
    "PySide6": frozenset({"ui", TOP}),
    "qasync": frozenset({TOP}),
    "shiboken6": frozenset({"ui"}),
    "pyqtgraph": frozenset({"ui"}),
    "qtawesome": frozenset({"ui"}),
    "numpy": frozenset({"ui"}),
    "uvloop": frozenset({TOP}),
    "aiohttp": frozenset({"proxy", "admin"}),
    "multidict": frozenset({"proxy", "admin"}),
    "yarl": frozenset({"proxy", "admin"}),
    "brotli": frozenset({"proxy"}),
    "limits": frozenset({"proxy"}),
    "truststore": frozenset({"proxy"}),
    "peewee": frozenset({"store"}),
    "playhouse": frozenset({"store"}),
    "cryptography": frozenset({"store"}),
    "zstandard": frozenset({"store", "proxy"}),  # stored bodies; replies in that encoding
    "tomlkit": frozenset({"store"}),
    "keyring": frozenset({"vault"}),
    "secretstorage": frozenset({"vault"}),
    "msgspec": frozenset({"dialects"}),
    "genai_prices": frozenset({"vendors"}),
    "bpe_openai": frozenset({"vendors"}),
    "platformdirs": frozenset({"system"}),
    "psutil": frozenset({"system"}),
}

# The nouns have no clock, no thread, no file and no network of their own.
NOT_IN_DOMAIN = frozenset(
    {"asyncio", "http", "logging", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading", "time"}
)
# Faces show what control hands them.
NOT_IN_FACES = frozenset({"sqlite3", "socket", "ssl", "http.client", "urllib.request"})
