"""Where in a TOML text each table and key stands, so that an error can name its line; tomllib does not tell."""

from __future__ import annotations

import re
from collections import Counter

Place = tuple[str, int, str]
"""(table such as "provider" or "provider.profile", which of several, key; empty for the table itself)."""

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]#]+)\]")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#|[\[\]{}]')


def places(text: str) -> dict[Place, int]:
    """The 1-based line of every table header and key of a valid TOML text.

    A table below an array of tables, such as `[provider.profile]`, belongs to the array's last element. An array below
    one is counted there: the second `[[provider.account]]` of a provider is the table `provider.account[1]`.
    """
    found: dict[Place, int] = {}
    seen: Counter[str] = Counter()
    inner: Counter[str] = Counter()
    table, index = "", 0
    inside = _Inside()
    for line, content in enumerate(text.split("\n"), start=1):
        start = 0
        if inside.nothing():
            header, key = _HEADER.match(content), _KEY.match(content)
            if header:
                table = _plain(header[2])
                root, nested = table.split(".")[0], "." in table
                if header[1] == "[[" and nested:
                    inner[table] += 1
                    table = f"{table}[{inner[table] - 1}]"
                elif header[1] == "[[":
                    seen[table] += 1
                    inner.clear()
                index = max(0, seen[root] - 1)
                found.setdefault((table, index, ""), line)
                start = len(content)
            elif key:
                found.setdefault((table, index, _plain(key[1])), line)
                start = key.end()
        inside.read(content, start)
    return found


class _Inside:
    """Whether the end of a line lies inside a multi-line string or an open bracket."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0

    def nothing(self) -> bool:
        return not self._quote and self._depth == 0

    def read(self, content: str, at: int) -> None:
        while at < len(content):
            if self._quote:
                end = content.find(self._quote, at)
                if end < 0:
                    return
                self._quote, at = "", end + 3
                continue
            token = _TOKEN.search(content, at)
            if token is None or token[0] == "#":
                return
            if token[0] in ('"""', "'''"):
                self._quote = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1
            at = token.end()


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
