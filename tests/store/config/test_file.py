from __future__ import annotations

import contextlib
import errno
import os
import stat
import subprocess
import sys
import time

import pytest

from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.store.config.file import ConfigFile
from app.system.files import write_atomic


def write(path, data):
    write_atomic(path, data, keep_backup=False)


@pytest.fixture
def file(tmp_path):
    return ConfigFile(tmp_path / "patchbay.toml", write)


def test_no_file_is_the_defaults_and_a_first_start(file):
    assert not file.exists
    assert file.load().settings.port == 8082
    assert file.load_last_good() is None


def test_the_first_file_says_what_it_is_and_replaces_none(file):
    file.begin(8083)
    assert file.load().settings.port == 8083
    assert file.path.read_text("utf-8").startswith("# Patchbay")
    file.begin(8084)
    assert file.load().settings.port == 8083


def test_changes_are_private_and_read_back(file):
    file.set("port", 8084)
    file.put(ProviderEntry(name="A", vendor="openai"))
    found = file.load()
    assert found.settings.port == 8084
    assert found.providers[0].name == "A"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_its_own_writes_are_no_news_and_those_of_others_are(file):
    file.set("port", 8084)
    assert not file.is_changed()
    file.path.write_text("[config]\nport = 8085\n", "utf-8")
    assert file.is_changed()
    file.load()
    assert not file.is_changed()


def test_a_change_is_made_on_what_stands_in_the_file_now(file):
    file.set("port", 8084)
    file.path.write_text("[config]\nport = 8085 # mine\nhistory_days = 3\n", "utf-8")
    file.set("port", 8086)
    assert file.path.read_text("utf-8") == "[config]\nport = 8086 # mine\nhistory_days = 3\n"


def test_a_write_does_not_hide_what_someone_else_changed_before_it(file):
    file.set("port", 8084)
    file.path.write_text("[config]\nport = 8085\n", "utf-8")
    file.set("history_days", 3)
    assert file.is_changed()


BROKEN = [b"", b"\0" * 100, b"[config\nport = 1", b"\xff\xfe\x00", b"[config]\nport = 'x'\n", b"#" * (1024 * 1024 + 1)]


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:8]))
def test_a_broken_file_is_an_error_is_left_alone_and_the_last_good_one_is_at_hand(file, content):
    file.put(ProviderEntry(name="A", vendor="openai"))
    file.mark_good()
    file.path.write_bytes(content)
    with pytest.raises(ConfigError):
        file.load()
    good = file.load_last_good()
    assert good is not None
    assert good.providers[0].name == "A"
    for _ in range(2):
        kept = file.set_aside()
        assert kept.path.read_bytes() == content
        assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert file.path.read_bytes() == content
    assert len(list(file.path.parent.glob("*.broken-*"))) == 1


@pytest.mark.parametrize("content", [one for one in BROKEN if one.startswith(b"[")], ids=repr)
def test_a_mistake_is_its_writers_to_correct_and_never_written_over(file, content):
    file.put(ProviderEntry(name="A", vendor="openai"))
    file.mark_good()
    file.path.write_bytes(content)
    with pytest.raises(ConfigError):
        file.set("port", 9000)
    assert file.path.read_bytes() == content


@pytest.mark.parametrize("content", [one for one in BROKEN if not one.startswith(b"[")], ids=lambda one: repr(one[:8]))
def test_a_change_mends_a_file_without_any_text_and_loses_nothing_of_it(file, content):
    file.put(ProviderEntry(name="A", vendor="openai"))
    file.mark_good()
    file.path.write_bytes(content)
    file.set("port", 9000)
    found = file.load()
    assert (found.settings.port, [one.name for one in found.providers]) == (9000, ["A"])
    assert [one.read_bytes() for one in file.path.parent.glob("*.broken-*")] == [content]


def test_dropping_a_secret_takes_it_out_of_the_backup_too(file):
    file.path.write_text('[[provider]]\nname = "A"\napi_key = "sk-canary-0123456789"\n', "utf-8")
    file.load()
    file.mark_good()
    assert b"canary" in file.backup.read_bytes()
    file.drop_secret("A")
    assert all(b"canary" not in path.read_bytes() for path in file.path.parent.iterdir())


def test_a_file_that_cannot_be_read_says_so(file):
    file.path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        file.load()


def test_a_folder_in_its_place_is_moved_with_what_is_in_it(file):
    file.put(ProviderEntry(name="A", vendor="openai"))
    file.mark_good()
    file.path.unlink()
    file.path.mkdir()
    (file.path / "notes").write_text("mine")
    kept = file.set_aside()
    assert (kept.path / "notes").read_text() == "mine"
    assert [one.name for one in file.load().providers] == ["A"]


def test_without_a_last_good_content_nothing_is_moved(file):
    assert file.set_aside() is None
    file.path.write_bytes(b"\0")
    kept = file.set_aside()
    assert (kept.moved, kept.path.read_bytes(), file.path.read_bytes()) == (False, b"\0", b"\0")


def test_a_pipe_in_its_place_is_no_file_and_not_waited_for(file):
    os.mkfifo(file.path)
    with pytest.raises(ConfigError, match="no file"):
        file.load()


def test_dropping_a_secret_takes_it_out_of_what_was_kept_while_it_was_broken(file):
    text = '[[provider]]\nname = "A"\napi_key = "sk-canary-0123456789"\n'
    file.path.write_text(text + "[config", "utf-8")
    file.set_aside()
    file.path.write_text(text, "utf-8")
    file.load()
    file.drop_secret("A")
    assert all(b"canary" not in path.read_bytes() for path in file.path.parent.iterdir())


SAVING = """
import sys
from functools import partial
from pathlib import Path
from app.store.config.file import ConfigFile
from app.system.files import write_atomic

file = ConfigFile(Path(sys.argv[1]), partial(write_atomic, keep_backup=False))
print("saving", flush=True)
for days in range(1, 100_000):
    file.set("history_days", days % 1000 + 1)
    file.mark_good()
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.11])
def test_a_kill_in_the_middle_of_saving_leaves_a_whole_file(file, root, delay_s):
    file.put(ProviderEntry(name="A", vendor="openai"))
    process = subprocess.Popen(
        [sys.executable, "-c", SAVING, str(file.path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "saving\n"
    time.sleep(delay_s)  # somewhere in the middle of a save, which takes some milliseconds
    process.kill()
    process.wait(10)
    process.stdout.close()
    assert [one.name for one in file.load().providers] == ["A"]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_failing_disk_leaves_the_old_or_the_new_file(file, monkeypatch, name, nth):
    file.put(ProviderEntry(name="A", vendor="openai"))
    file.mark_good()
    calls, real = [], getattr(os, {"write": "fdopen"}.get(name, name))

    def failing(*args, **kwargs):
        calls.append(args)
        if len(calls) == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, {"write": "fdopen"}.get(name, name), failing)
        with contextlib.suppress(ConfigError):
            file.put(ProviderEntry(name="B", vendor="openai"))
    again = ConfigFile(file.path, write)
    assert [one.name for one in again.load().providers] in (["A"], ["A", "B"])
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert not [path for path in file.path.parent.iterdir() if path.name.endswith(".tmp")]
    good = again.load_last_good()
    assert good is not None
    assert [one.name for one in good.providers] == ["A"]
