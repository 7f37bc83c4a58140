from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from app import terminal
from app.cli.parser import parser
from app.loop import run_headless
from app.system.instance import Holder
from app.system.paths import locate, prepare
from app.vault.vault import Vault
from tests.fakes.keyrings import MemoryKeyring


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


class Terminal:
    """Runs commands as the program does, in this process, over a folder and a keyring of their own."""

    def __init__(self, folder, capsys, monkeypatch):
        self.folder = folder
        self.keyring = MemoryKeyring()
        self._capsys = capsys
        self._patch = monkeypatch
        monkeypatch.setattr(terminal, "Vault", lambda namespace: Vault(namespace, backend=self.keyring))

    def __call__(self, *arguments, stdin=""):
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        options = parser().parse_args([*arguments, "--data-dir", str(self.folder)])
        paths = locate(options.data_dir)
        prepare(paths)
        code = run_headless(terminal.run_command(options, paths))
        captured = self._capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    def beside(self, told):
        """Let the next commands run beside a program that tells this report of itself."""
        self._patch.setattr(terminal, "running", lambda lock: Holder(4711, 1, "k", 8083))
        self._patch.setattr(terminal, "report", lambda lock: told)
        self._patch.setattr(terminal, "say", lambda *_, **__: None)

    def config(self):
        return (self.folder / "patchbay.toml").read_text("utf-8")

    def leaked(self, canary):
        return [path.name for path in self.folder.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]


@pytest.fixture
def cli(tmp_path, capsys, monkeypatch):
    return Terminal(tmp_path / "data", capsys, monkeypatch)
