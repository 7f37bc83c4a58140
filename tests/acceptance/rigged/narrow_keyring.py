"""A keyring in a file that the test can look into and change, with entries no longer than Windows allows."""

from __future__ import annotations

import json
import os
import pathlib

from keyring import backend, errors

MOST_CHARS = 1280


class Keyring(backend.KeyringBackend):
    priority = 1

    @property
    def file(self):
        return pathlib.Path(os.environ["RIG_DIR"], "keyring.json")

    def get_password(self, service, username):
        return json.loads(self.file.read_text()).get(f"{service}|{username}")

    def set_password(self, service, username, password):
        if len(password) > MOST_CHARS:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        if self.file.with_name("keyring-full").exists():
            raise OSError(28, f"no room for {password}")
        self._write({**json.loads(self.file.read_text()), f"{service}|{username}": password})

    def delete_password(self, service, username):
        kept = json.loads(self.file.read_text())
        if kept.pop(f"{service}|{username}", None) is None:
            raise errors.PasswordDeleteError
        self._write(kept)

    def _write(self, entries):
        part = self.file.with_name("keyring.part")
        part.write_text(json.dumps(entries))
        part.replace(self.file)
