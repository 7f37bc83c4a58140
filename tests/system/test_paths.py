from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from app.domain.errors import ConfigError
from app.system import paths as module
from app.system.paths import locate, prepare

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")


def test_the_default_is_the_users_data_folder(root):
    paths = locate()
    assert paths.data_dir.name == "patchbay"
    assert str(paths.data_dir).startswith(os.environ["HOME"])
    assert paths.keyring_namespace == "patchbay"
    assert not paths.data_dir.exists()
    assert locate(paths.data_dir) == paths


def test_a_folder_of_ones_own_holds_everything_and_has_its_own_keys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths, again, other = locate(Path("trial")), locate(tmp_path / "x" / ".." / "trial"), locate(tmp_path / "other")
    assert paths == again
    assert paths.data_dir == tmp_path.resolve() / "trial"
    places = [paths.config, paths.history, paths.state, paths.pepper, paths.client_key, paths.layout]
    places += [paths.logs, paths.crash_log, paths.lock, paths.port]
    assert all(place.is_relative_to(paths.data_dir) for place in places)
    assert len(set(places)) == len(places)
    assert paths.keyring_namespace.startswith("patchbay-")
    assert len(paths.keyring_namespace) == len("patchbay-") + 8
    assert other.keyring_namespace != paths.keyring_namespace


@posix
def test_folders_are_made_private_whatever_the_umask(tmp_path):
    paths = locate(tmp_path / "a" / "b")
    before = os.umask(0)
    try:
        assert prepare(paths) == ()
        assert prepare(paths) == ()
    finally:
        os.umask(before)
    assert stat.S_IMODE(paths.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.logs.stat().st_mode) == 0o700


@posix
def test_what_others_could_read_is_tightened_and_told(tmp_path):
    paths = locate(tmp_path)
    paths.config.write_text("x")
    paths.config.chmod(0o644)
    tmp_path.chmod(0o755)
    folder, files = prepare(paths)
    assert str(tmp_path) in folder
    assert "patchbay.toml" in files
    assert stat.S_IMODE(paths.config.stat().st_mode) == 0o600
    assert prepare(paths) == ()


@posix
def test_a_symbolic_link_is_refused_by_name(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="link: is a symbolic link to .*real"):
        prepare(locate(tmp_path / "link"))


@posix
def test_another_users_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "geteuid", lambda: 54321)
    with pytest.raises(ConfigError, match="another user"):
        prepare(locate(tmp_path))


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "data").write_text("x")
    with pytest.raises(ConfigError, match="data: is a file"):
        prepare(locate(tmp_path / "data"))


@posix
def test_a_folder_that_cannot_be_made_or_written_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="cannot be made"):
        prepare(locate(Path("/proc/patchbay")))
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    with pytest.raises(ConfigError, match="cannot be written"):
        prepare(locate(tmp_path))


@posix
def test_a_linked_configuration_is_held_to_the_same_where_it_lies(tmp_path):
    paths, kept = locate(tmp_path / "data"), tmp_path / "dotfiles.toml"
    prepare(paths)
    kept.write_text("x")
    kept.chmod(0o666)
    paths.config.symlink_to(kept)
    (notice,) = prepare(paths)
    assert "patchbay.toml" in notice
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("name", ["history", "state", "pepper", "client_key", "lock", "logs"])
def test_no_link_leads_us_to_write_elsewhere(tmp_path, name):
    paths, other = locate(tmp_path / "data"), tmp_path / "other"
    paths.data_dir.mkdir()
    other.write_text("mine")
    getattr(paths, name).symlink_to(other)
    with pytest.raises(ConfigError, match=r"symbolic link to .*other|is a file"):
        prepare(paths)
    assert other.read_text() == "mine"


@posix
def test_what_lies_in_the_folder_of_logs_is_tightened_too(tmp_path):
    paths = locate(tmp_path)
    prepare(paths)
    paths.crash_log.write_text("x")
    paths.crash_log.chmod(0o644)
    paths.logs.chmod(0o777)
    (notice,) = prepare(paths)
    assert "crash.log" in notice
    assert "logs" in notice
    assert stat.S_IMODE(paths.logs.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.crash_log.stat().st_mode) == 0o600


@posix
def test_a_mode_that_cannot_be_changed_is_refused_with_words(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(module, "tighten", refuse)
    with pytest.raises(ConfigError, match="cannot be closed to them"):
        prepare(locate(tmp_path))
