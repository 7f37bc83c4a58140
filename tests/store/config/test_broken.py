from __future__ import annotations

import stat

import pytest

from app.store.config import broken

MOST = 1000


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "patchbay.toml"
    made.write_bytes(b"[config")
    return made


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\0" * 9, b"[config]\0", b"\xff\xfe", b"#" * (MOST + 1)])
def test_what_holds_no_text_is_damaged(content):
    assert broken.is_damaged(content, MOST)


@pytest.mark.parametrize("content", [b"[config", b"\xef\xbb\xbf[config", "# \u00e9".encode(), b"not toml at all"])
def test_what_a_person_could_mend_is_not(content):
    assert not broken.is_damaged(content, MOST)


def test_a_copy_bears_the_time_is_private_and_made_once(path):
    path.chmod(0o644)
    first = broken.keep(path)
    assert first.name.startswith("patchbay.toml.broken-20")
    assert first.name.rpartition("-")[2].isdigit()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert broken.keep(path) == first
    path.write_bytes(b"[other")
    second = broken.keep(path)
    assert second != first
    assert (first.read_bytes(), second.read_bytes()) == (b"[config", b"[other")


def test_the_last_few_are_kept_and_a_folder_for_ever(path):
    path.unlink()
    path.mkdir()
    folder = broken.move(path)
    for number in range(broken.MOST_KEPT + 3):
        path.write_bytes(b"[%d" % number)
        broken.keep(path)
    kept = broken.copies(path)
    assert folder in kept
    newest = [one.read_bytes() for one in kept if one.is_file()]
    assert newest == [b"[%d" % number for number in range(8 - len(newest), 8)]
