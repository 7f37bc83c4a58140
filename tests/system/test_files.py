from __future__ import annotations

import os
import stat
import sys

import pytest

from app.system import files
from app.system.files import backup_of, remove_leftovers, tighten, write_atomic

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_new_content_is_there_and_the_old_one_beside_it(tmp_path):
    path = tmp_path / "patchbay.toml"
    write_atomic(path, b"one")
    assert not backup_of(path).exists()
    write_atomic(path, b"two")
    write_atomic(path, b"three")
    assert path.read_bytes() == b"three"
    assert backup_of(path).read_bytes() == b"two"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["patchbay.toml", "patchbay.toml.bak"]


@posix
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write_atomic(tmp_path / "key", b"x")
        write_atomic(tmp_path / "key", b"y")
    finally:
        os.umask(before)
    assert mode(tmp_path / "key") == 0o600
    assert mode(tmp_path / "key.bak") == 0o600


@pytest.mark.parametrize("step", ["os.fsync", "os.link", "Path.replace", "os.fdopen"])
def test_a_failure_at_any_step_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "patchbay.toml"
    write_atomic(path, b"old")

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    owner, name = step.split(".")
    monkeypatch.setattr(getattr(files, owner), name, fail)
    if step == "os.link":
        monkeypatch.setattr(files.shutil, "copyfile", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    remove_leftovers(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"patchbay.toml"}


def test_without_hard_links_the_old_content_is_copied(tmp_path, monkeypatch):
    path = tmp_path / "patchbay.toml"
    write_atomic(path, b"old")
    monkeypatch.setattr(files.os, "link", lambda *_: (_ for _ in ()).throw(OSError("not supported")))
    write_atomic(path, b"new")
    assert backup_of(path).read_bytes() == b"old"


@posix
def test_a_linked_file_stays_a_link(tmp_path):
    real, link = tmp_path / "dotfiles.toml", tmp_path / "patchbay.toml"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_leftovers_of_a_crash_go_and_nothing_else(tmp_path):
    for name in (".patchbay.toml.x1.tmp", "patchbay.toml", "notes.tmp"):
        (tmp_path / name).write_text("x")
    remove_leftovers(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["notes.tmp", "patchbay.toml"]


@posix
def test_tighten_takes_from_others_only(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    path.chmod(0o644)
    assert tighten(path, 0o600)
    assert mode(path) == 0o600
    path.chmod(0o400)
    assert not tighten(path, 0o600)
    assert mode(path) == 0o400
