from __future__ import annotations

from importlib import metadata

from app.control import version


def test_the_installed_version_or_the_word_for_none(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    assert version.version() == "1.2.3"

    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    assert version.version() == "development"
