from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from app.domain.errors import ConfigError
from app.system.placement import kind_by_mounts, refuse_placement, remote, synchronizer

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:40 / /mnt/share rw,relatime - nfs4 server:/export rw
31 21 0:41 / /mnt/share/local rw - ext4 /dev/sdb1 rw
32 21 0:42 / /srv/ann/My\\040Files rw - fuse.sshfs ann@host: rw
33 21 0:43 / /mnt/c rw - 9p C:\\134 rw,aname=drvfs
34 21 0:44 / /mnt/win rw - cifs //server/share rw
35 21 0:45 / /mnt/fuse rw - fuse.ntfs-3g /dev/sdc1 rw
a line that means nothing
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/ann/.local/share/patchbay", ""),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/deep/below", "nfs4"),
        ("/mnt/share/local/patchbay", ""),
        ("/mnt/shared", ""),
        ("/srv/ann/My Files/patchbay", "fuse.sshfs"),
        ("/mnt/c/Users/ann", "9p"),
        ("/mnt/win/x", "cifs"),
        ("/mnt/fuse/x", ""),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(folder, kind):
    assert kind_by_mounts(PurePosixPath(folder), MOUNTS) == kind


def test_what_the_machine_stands_on_is_its_own_affair():
    assert kind_by_mounts(PurePosixPath("/srv/x"), "1 0 0:1 / / rw - 9p none rw\n") == ""
    assert "(nfs4)" in remote(Path("/mnt/share/x"), MOUNTS)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("Dropbox/patchbay", "Dropbox"),
        ("Dropbox (Personal)/patchbay", "Dropbox"),
        ("OneDrive/patchbay", "OneDrive"),
        ("OneDrive - Company/a/b", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/patchbay", "iCloud Drive"),
        ("Library/CloudStorage/GoogleDrive-ann@example.com/My Drive/patchbay", "Google Drive"),
        ("Library/CloudStorage/Whatever/patchbay", "a cloud storage"),
        ("Google Drive/patchbay", "Google Drive"),
        ("Nextcloud/patchbay", "Nextcloud"),
        ("dropbox-notes/patchbay", ""),
        ("projects/patchbay", ""),
    ],
)
def test_synchronizers_are_known_by_the_names_of_their_folders(tmp_path, path, service):
    assert synchronizer(tmp_path / path, {}) == (f"lies in {service}" if service else "")


def test_synchronizers_are_known_by_what_they_leave(tmp_path):
    folder = tmp_path / "a" / "b" / "patchbay"
    folder.mkdir(parents=True)
    assert synchronizer(folder, {}) == ""
    (tmp_path / "a" / ".stfolder").mkdir()
    assert synchronizer(folder, {}) == "lies in Syncthing"
    (tmp_path / "a" / ".stfolder").rmdir()
    (tmp_path / ".dropbox").touch()
    assert synchronizer(folder, {}) == "lies in Dropbox"
    assert synchronizer(folder, {}, home=tmp_path) == ""
    assert synchronizer(folder, {"OneDriveCommercial": str(tmp_path / "a")}) == "lies in OneDrive"


def test_the_folder_is_refused_with_a_way_out_unless_the_user_knows_better(tmp_path):
    folder = tmp_path / "Dropbox" / "patchbay"
    with pytest.raises(ConfigError, match="--data-dir.*--any-folder") as caught:
        refuse_placement(folder, anyway=False)
    assert "Dropbox" in caught.value.message
    assert not folder.exists()
    assert "two computers" in refuse_placement(folder, anyway=True)
    assert refuse_placement(tmp_path / "fine", anyway=False) == ""
