from __future__ import annotations

import errno

import pytest

from app.cli import commands
from app.cli.context import Context
from app.cli.parser import parser
from app.domain.errors import ConfigError, ErrorKind, PatchbayError, VaultError, VaultProblem


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConfigError("is wrong", file="patchbay.toml", line=3), "patchbay: patchbay.toml, line 3: is wrong\n"),
        (VaultError(VaultProblem.LOCKED, "The keyring is locked."), "patchbay: The keyring is locked.\n"),
        (PatchbayError(ErrorKind.INTERNAL, "history.db is damaged"), "patchbay: history.db is damaged\n"),
        (FileNotFoundError(errno.ENOENT, "No such file", "out.csv"), "patchbay: out.csv: No such file\n"),
        (BrokenPipeError(), ""),
    ],
)
async def test_what_goes_wrong_is_said_in_words_with_code_one(monkeypatch, capsys, error, words):
    async def fail(context, options):
        raise error

    monkeypatch.setitem(commands.COMMANDS, ("status", ""), fail)
    code = await commands.execute(Context(None, None, None, None), parser().parse_args(["status"]))
    assert code == 1
    assert capsys.readouterr().err == words
