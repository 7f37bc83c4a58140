"""Where everything of the program lies: one folder, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.domain.errors import ConfigError
from app.system.files import PRIVATE_DIR, PRIVATE_FILE, tighten

NAME = "patchbay"


@dataclass(frozen=True, slots=True)
class Paths:
    """The data folder, and what secrets of it are called in the system keyring."""

    data_dir: Path
    keyring_namespace: str

    @property
    def config(self) -> Path:
        """Providers, routes and settings, edited by people too."""
        return self.data_dir / "patchbay.toml"

    @property
    def history(self) -> Path:
        """The record of exchanges (SQLite)."""
        return self.data_dir / "history.db"

    @property
    def state(self) -> Path:
        """Client keys (SQLite)."""
        return self.data_dir / "state.db"

    @property
    def pepper(self) -> Path:
        """32 random bytes that client keys are hashed with."""
        return self.data_dir / "pepper"

    @property
    def client_key(self) -> Path:
        """The default client key in plain text, only where there is no keyring."""
        return self.data_dir / "client-key"

    @property
    def layout(self) -> Path:
        """Window geometry."""
        return self.data_dir / "layout.ini"

    @property
    def logs(self) -> Path:
        """The folder of log files."""
        return self.data_dir / "logs"

    @property
    def crash_log(self) -> Path:
        """Traces of crashes."""
        return self.logs / "crash.log"

    @property
    def lock(self) -> Path:
        """Held by the one running instance; says how to reach it."""
        return self.data_dir / "lock"

    @property
    def port(self) -> Path:
        """The port that the running proxy listens on, as text."""
        return self.data_dir / "port"


def locate(data_dir: Path | None = None) -> Paths:
    """The paths below `data_dir`, or below the user's data folder of this system; touches nothing.

    Each folder other than the system's own has a keyring namespace of its own, so that a trial cannot change real keys.
    """
    default = _absolute(platformdirs.user_data_path(NAME, appauthor=False))
    chosen = default if data_dir is None else _absolute(data_dir.expanduser())
    if chosen == default:
        return Paths(chosen, NAME)
    mark = hashlib.blake2b(os.fsencode(chosen), digest_size=4).hexdigest()
    return Paths(chosen, f"{NAME}-{mark}")


def prepare(paths: Paths) -> tuple[str, ...]:
    """Make the folders, or make sure of them; returns in words what had to be tightened.

    Raises ConfigError, naming the folder or file and what to do, if it cannot be used: no folder, a symbolic link (its
    target may change under us), owned by someone else, or not writable. Only the configuration may be a link, for those
    who keep it with their other ones; what it leads to is held to the same.
    """
    _make_private(paths.data_dir)
    _refuse_what_is_not_ours(paths.data_dir)
    notices = []
    if _tightened(paths.data_dir, PRIVATE_DIR):
        notices.append(f"{paths.data_dir} was open to other users of this computer; it no longer is.")
    _make_private(paths.logs)
    for path in (*_ours(paths), paths.logs):
        _refuse_a_stranger(path, may_be_link=path == paths.config)
    loose = [path.name for path in (*_found(paths.data_dir), *_found(paths.logs)) if _tightened(path, PRIVATE_FILE)]
    if _tightened(paths.logs, PRIVATE_DIR):
        loose.append(paths.logs.name)
    if loose:
        notices.append(f"Other users of this computer could read {', '.join(loose)}; they no longer can.")
    return tuple(notices)


def _absolute(path: Path) -> Path:
    """Absolute, with the parents' symbolic links resolved but not the last name's, which `prepare` looks at."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow the last name)
    return path.parent.resolve() / path.name


def _ours(paths: Paths) -> tuple[Path, ...]:
    """The files that are written in place, or hold what nobody else may choose."""
    return (paths.config, paths.history, paths.state, paths.pepper, paths.client_key, paths.lock)


def _found(directory: Path) -> list[Path]:
    return [path for path in sorted(directory.iterdir()) if path.is_file()]


def _tightened(path: Path, mode: int) -> bool:
    try:
        return tighten(path, mode)
    except OSError as error:
        raise ConfigError(
            f"is open to other users and cannot be closed to them ({error.strerror}); make it yours alone",
            file=str(path),
        ) from None


def _refuse_a_stranger(path: Path, *, may_be_link: bool) -> None:
    """Someone else's file, or a link that leads us to write elsewhere."""
    if path.is_symlink() and not may_be_link:
        raise ConfigError(
            f"is a symbolic link to {path.resolve()}; put that file itself here, or move the link away", file=str(path)
        )
    if sys.platform != "win32" and path.exists() and path.stat().st_uid != os.geteuid():
        raise ConfigError("belongs to another user; make it yours, or move it away", file=str(path))


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    except FileExistsError:
        raise ConfigError(
            "is a file, not a folder; move it away or choose another --data-dir", file=str(directory)
        ) from None
    except OSError as error:
        raise ConfigError(
            f"cannot be made ({error.strerror}); choose another folder with --data-dir", file=str(directory)
        ) from None


def _refuse_what_is_not_ours(directory: Path) -> None:
    found = directory.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise ConfigError(
            f"is a symbolic link to {directory.resolve()}; name that folder itself with --data-dir", file=str(directory)
        )
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise ConfigError(
            "belongs to another user; Patchbay keeps keys there, so choose a folder of your own with --data-dir",
            file=str(directory),
        )
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError("cannot be written; make it writable or choose another --data-dir", file=str(directory))
