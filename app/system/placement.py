"""Folders where a database must not live: those that another program copies away, and those on another machine.

A synchronizer copies a database and its log at different moments, and puts an older one back; both lose what was
recorded. SQLite's write-ahead log needs memory that all its users share, which no network file system has
(https://www.sqlite.org/wal.html, https://www.sqlite.org/howtocorrupt.html#_filesystems_with_broken_or_missing_lock_implementations).
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from app.domain.errors import ConfigError

ANYWAY = "PATCHBAY_ANY_FOLDER"
"""Set to 1, the environment says what `--any-folder` says."""

_NAMES = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "icloud drive": "iCloud Drive",
    "iclouddrive": "iCloud Drive",
    "com~apple~clouddocs": "iCloud Drive",
    "mobile documents": "iCloud Drive",
    "cloudstorage": "a cloud storage",
    "box sync": "Box",
    "pcloud drive": "pCloud",
    "pclouddrive": "pCloud",
    "megasync": "MEGA",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "syncthing": "Syncthing",
}
"""Names of the folders that synchronizers make, in small letters."""
_BEGINNINGS = {"onedrive - ": "OneDrive", "dropbox (": "Dropbox", "googledrive-": "Google Drive"}
_MARKS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".tmp.drivedownload": "Google Drive",
    ".tmp.driveupload": "Google Drive",
    ".stfolder": "Syncthing",
    ".owncloudsync.log": "Nextcloud or ownCloud",
    ".nextcloudsync.log": "Nextcloud",
    ".849c9593-d756-4e56-8d6e-42412f2a707b": "OneDrive",
}
"""What synchronizers leave in the folders that they watch."""
_NOT_A_MARK_AT_HOME = {".dropbox", ".dropbox.cache"}
"""Dropbox keeps its own settings in the home folder under the same name."""
_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
_ON_ANOTHER_MACHINE = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ncpfs|ceph|glusterfs|lustre|davfs2?|drvfs|vboxsf|vmhgfs|gpfs|beegfs|webdav|ftp|"
    r"fuse\.(?:sshfs|rclone|s3fs|gcsfuse|glusterfs|davfs|davfs2|curlftpfs|vmhgfs-fuse|cephfs|smbnetfs|gvfsd-fuse|"
    r"google-drive-ocamlfuse|onedriver|juicefs|goofys|encfs-net|mergerfs-net|blobfuse2?|afpfs)|afpfs"
)
_DRIVE_REMOTE = 4


def refuse_placement(folder: Path, *, anyway: bool) -> str:
    """What speaks against keeping data in `folder`, empty where nothing does; raises ConfigError unless `anyway`."""
    found = synchronizer(folder, os.environ) or remote(folder)
    if not found:
        return ""
    if not anyway:
        raise ConfigError(
            f"{found}, where a database gets lost or damaged; choose a folder on a local disk with --data-dir, "
            "or say --any-folder if you know better",
            file=str(folder),
        )
    return f"{folder} {found}. The history can be damaged there; never use it from two computers at once."


def synchronizer(folder: Path, environment: Mapping[str, str], home: Path | None = None) -> str:
    """Which synchronizer watches the folder, in words; empty for none."""
    home = home or Path.home()
    for root in filter(None, (environment.get(name, "") for name in _VARIABLES)):
        if folder.is_relative_to(root):
            return "lies in OneDrive"
    for above in (folder, *folder.parents):
        name = above.name.lower()
        service = _NAMES.get(name) or next((of for start, of in _BEGINNINGS.items() if name.startswith(start)), "")
        if service:
            return f"lies in {service}"
        for mark, of in _MARKS.items():
            if (above != home or mark not in _NOT_A_MARK_AT_HOME) and os.path.lexists(above / mark):
                return f"lies in {of}"
    return ""


def remote(folder: Path, mounts: str | None = None) -> str:
    """Whether the folder lies on another machine, in words; empty where it does not, or where that is not known."""
    if sys.platform == "win32":
        kind = _kind_on_windows(folder)
    elif sys.platform == "darwin" and folder.is_relative_to("/Volumes"):
        kind = _kind_by_partitions(folder)
    else:
        kind = kind_by_mounts(folder, _mounts() if mounts is None else mounts)
    return f"lies on another machine ({kind})" if kind else ""


def kind_by_mounts(folder: PurePath, mounts: str) -> str:
    """The kind of a network file system that holds the folder, by Linux' `mountinfo`; empty for a local one.

    What the machine itself stands on is no concern of ours: the mount of `/` is never one.
    """
    best, kind = PurePath("/"), ""
    for point, found in _parsed(mounts):
        if folder.is_relative_to(point) and len(point.parts) >= len(best.parts) and point != PurePath("/"):
            best, kind = point, found
    return kind if _ON_ANOTHER_MACHINE.fullmatch(kind) else ""


def _parsed(mounts: str) -> Iterator[tuple[PurePath, str]]:
    """(mount point, kind) of each line: see proc_pid_mountinfo(5)."""
    for line in mounts.split("\n"):
        before, parted, after = line.partition(" - ")
        fields = before.split(" ")
        if parted and len(fields) > 4:
            point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
            yield PurePath(point), after.split(" ")[0]


def _mounts() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _kind_by_partitions(folder: Path) -> str:
    import psutil

    kinds = {Path(one.mountpoint): one.fstype for one in psutil.disk_partitions(all=True)}
    holder = max((point for point in kinds if folder.is_relative_to(point)), key=lambda one: len(one.parts))
    return kinds[holder] if _ON_ANOTHER_MACHINE.fullmatch(kinds[holder]) else ""


def _kind_on_windows(folder: Path) -> str:
    anchor = folder.anchor
    if anchor.startswith("\\\\"):
        return "a network share"
    windll = getattr(ctypes, "windll", None)
    remote_drive = windll is not None and windll.kernel32.GetDriveTypeW(anchor) == _DRIVE_REMOTE
    return "a network drive" if remote_drive else ""
