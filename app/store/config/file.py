"""`patchbay.toml` on the disk: loaded whole, changed atomically, with the last good content beside it."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.config import Config, ProviderEntry
from app.domain.errors import ConfigError
from app.domain.money import PriceRule
from app.domain.renaming import renamed, repriced
from app.domain.routing import Routing
from app.store.config import broken, editing
from app.store.config.broken import Kept
from app.store.config.price_editing import put_prices
from app.store.config.reading import MOST_BYTES, Check, accept, read
from app.store.config.routing_editing import Entry, entries_of, put_entries
from app.store.config.routing_reading import ERROR_RULE, PIN, ROUTE, ROUTING
from app.store.config.rows import ChangedMeanwhileError

Write = Callable[[Path, bytes], None]
"""Replaces a file atomically, readable by its owner only; raises OSError."""

_MASKED = b"(moved to the keyring)"
_FIRST = """\
# Patchbay: settings and providers. Edit this file at any time; a running Patchbay takes changes over within a second.
# Keys of providers do not belong here: Patchbay keeps them in the system keyring.

[config]
port = {port}
"""


class ConfigFile:
    """The configuration file. Blocking; may be called from any thread.

    Raises ConfigError for a content that cannot be used and for a file that cannot be read or written; the old file is
    then untouched. A change is made on what stands in the file now, not on what was loaded once, and is written only if
    the result loads. `check` judges each provider beyond its types.
    """

    def __init__(self, path: Path, write: Write, check: Check = accept) -> None:
        self.path = path
        self.backup = path.with_name(path.name + ".bak")
        self.digest = _digest(b"")
        """Of the content last loaded or written here: a file with this digest holds nothing new."""
        self._write = write
        self._check = check
        self._guard = threading.RLock()

    @property
    def exists(self) -> bool:
        """Whether there is a file at all; none is a first start."""
        return self.path.exists()

    def load(self) -> Config:
        """What the file says; the defaults where there is none."""
        with self._guard:
            data = self._read(self.path)
            self.digest = _digest(data)
            return self._parse(data)

    def load_last_good(self) -> Config | None:
        """What the file said when it last loaded well; None where that is not known."""
        with self._guard:
            return read(self._read(self.backup), self.backup.name, self._check) if self.backup.exists() else None

    def set_aside(self) -> Kept | None:
        """Keep a copy of a broken file; None where there is none. What is no file is moved, if that mends anything.

        The file itself stays for its writer to correct; one without any text is replaced by the next change.
        """
        with self._guard:
            if self.path.is_file():
                return Kept(self._keep_copy(), moved=False)
            if not self.path.exists() or self.load_last_good() is None:
                return None
            try:
                kept = broken.move(self.path)
            except OSError as error:
                raise ConfigError(f"cannot be moved away ({error.strerror})", file=self.path.name) from None
            self._write_file(self.path, good := self._read(self.backup))
            self.digest = _digest(good)
            return Kept(kept, moved=True)

    def mark_good(self) -> None:
        """Remember the present content as the last good one; call it once the configuration is in use."""
        with self._guard:
            data = self._read(self.path)
            if data and (not self.backup.exists() or self._read(self.backup) != data):
                self._write_file(self.backup, data)

    def is_changed(self) -> bool:
        """Whether someone else changed the content since it was loaded or written here."""
        with self._guard:
            return _digest(self._read(self.path)) != self.digest

    def begin(self, port: int) -> None:
        """Write the first file, where there is none."""
        with self._guard:
            if not self.exists:
                self._write_file(self.path, first := _FIRST.format(port=port).encode())
                self.digest = _digest(first)

    def set(self, key: str, value: editing.Value, *, table: str = "config") -> None:
        """Set a key of `[config]` (or of `[limits]`); None takes it out."""
        self._change(lambda text: editing.set_key(text, table, key, value))

    def put(self, entry: ProviderEntry, *, replaces: str = "") -> None:
        """Write a provider, over the one called `replaces` (or of the same name), else as a new one.

        Rules, pins and prices that named it by its old name name it by the new one.
        """
        self._change(
            lambda text: self._renamed(editing.put_provider(text, entry, replaces or entry.name), replaces, entry)
        )

    def remove(self, name: str) -> None:
        """Take a provider out, and out of the order and of what is preferred; rules and pins that name it stay.

        Where nothing but it served, that ends with it: the next one that is preferred may have others beside it.
        """
        self._change(lambda text: self._without(editing.remove_provider(text, name), name))

    def put_entries(self, table: str, before: Sequence[Entry], after: Sequence[Entry]) -> None:
        """Change `[[route]]`, `[[pin]]` or `[[error_rule]]`; a file that does not hold `before` stays as it is."""
        self._change(lambda text: self._with_entries(text, table, before, after))

    def put_prices(self, before: Sequence[PriceRule], after: Sequence[PriceRule]) -> None:
        """Change `[[price]]`; a file that does not hold `before` stays as it is."""

        def edit(text: str) -> str:
            return put_prices(text, read(text.encode(), self.path.name).prices, before, after)

        self._change(edit)

    def drop_secret(self, provider: str, account: str = "") -> None:
        """Take a key in clear text out of the file and of its copies; call it once the key is safe elsewhere."""
        with self._guard:
            found = read(self._read(self.path), self.path.name, self._check).secrets
            self._change(lambda text: editing.drop_secret(text, provider, account))
            self.mark_good()
            for secret in (one.value.encode() for one in found if (one.provider, one.account) == (provider, account)):
                self._mask_copies(secret)

    def _change(self, edit: Callable[[str], str]) -> None:
        with self._guard:
            before = self._base()
            self._parse(before)  # a broken text is the user's to repair: it is never written over
            try:
                after = edit(before.decode("utf-8-sig")).encode()
            except ConfigError as error:
                raise type(error)(error.message, file=self.path.name, line=error.line, key=error.key) from None
            if after == before:
                return
            read(after, self.path.name, self._check)
            self._write_file(self.path, after)
            if _digest(before) == self.digest:  # else someone else's change is in there, and still to be loaded
                self.digest = _digest(after)

    def _with_entries(self, text: str, table: str, before: Sequence[Entry], after: Sequence[Entry]) -> str:
        if entries_of(self._routing(text), table) != tuple(before):
            raise ChangedMeanwhileError("was changed at the same time; look at it and try again", key=table)
        return put_entries(text, table, before, after)

    def _renamed(self, text: str, old: str, entry: ProviderEntry) -> str:
        if not old or old == entry.name:
            return text
        routing = self._routing(text)
        changed = renamed(routing, old, entry.name)
        for table in (ROUTE, PIN, ERROR_RULE):
            text = put_entries(text, table, entries_of(routing, table), entries_of(changed, table))
        if changed.order != routing.order:
            text = editing.set_key(text, ROUTING, "order", list(changed.order))
        prices = read(text.encode(), self.path.name).prices
        return put_prices(text, prices, prices, repriced(prices, old, entry.name))

    def _without(self, text: str, name: str) -> str:
        config = read(text.encode(), self.path.name)
        if config.settings.provider == name:
            text = editing.set_key(text, "config", "provider", None)
            if config.routing.only:
                text = editing.set_key(text, ROUTING, "only", None)
        if name in config.routing.order:
            text = editing.set_key(text, ROUTING, "order", [one for one in config.routing.order if one != name] or None)
        return text

    def _routing(self, text: str) -> Routing:
        return read(text.encode(), self.path.name).routing

    def _base(self) -> bytes:
        """What a change is made on: the file, or the last good content where nothing in it could be mended."""
        data = self._read(self.path)
        if self.path.exists() and broken.is_damaged(data, MOST_BYTES) and self.load_last_good() is not None:
            self._keep_copy()
            return self._read(self.backup)
        return data

    def _keep_copy(self) -> Path:
        try:
            return broken.keep(self.path)
        except OSError as error:
            raise ConfigError(f"cannot be kept ({error.strerror})", file=self.path.name) from None

    def _mask_copies(self, secret: bytes) -> None:
        """The same in what was kept of the file while it was broken."""
        for copy in broken.copies(self.path):
            if copy.is_file() and secret in (data := copy.read_bytes()):
                self._write_file(copy, data.replace(secret, _MASKED))

    def _parse(self, data: bytes) -> Config:
        if self.path.exists() and not data.strip() and self.backup.exists() and self._read(self.backup).strip():
            raise ConfigError(
                f"is empty; delete it to start afresh, or copy {self.backup.name} over it", file=self.path.name
            )
        return read(data, self.path.name, self._check)

    def _read(self, path: Path) -> bytes:
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its other end
                raise ConfigError("cannot be read (it is no file); move it away", file=path.name)
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise ConfigError(f"cannot be read ({error.strerror})", file=path.name) from None

    def _write_file(self, path: Path, data: bytes) -> None:
        try:
            self._write(path, data)
        except OSError as error:
            raise ConfigError(
                f"cannot be written ({error.strerror}); see whether the disk is full or the folder is protected",
                file=path.name,
            ) from None


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
