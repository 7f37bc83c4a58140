from __future__ import annotations

import pytest

from app.boot import build, split, texts
from app.domain.errors import ConfigError
from app.domain.provider import DialectName
from app.system.paths import locate, prepare
from app.vault.vault import Vault
from tests.fakes.keyrings import MemoryKeyring


async def test_without_a_recorder_the_proxy_cannot_listen(tmp_path):
    paths = locate(tmp_path / "data")
    prepare(paths)
    program = build(paths, Vault("test", backend=MemoryKeyring()), recorder=None, environment={})
    with pytest.raises(RuntimeError, match="does not listen"):
        await program.server.start(8082)
    await program.server.stop(0)
    program.server.hurry()
    await program.server.close()
    assert program.services.proxy.in_flight == 0
    assert paths.pepper.stat().st_size == 32


async def test_a_damaged_pepper_is_refused_in_words(tmp_path):
    paths = locate(tmp_path / "data")
    prepare(paths)
    paths.pepper.write_bytes(b"short")
    with pytest.raises(ConfigError, match="must hold 32 bytes"):
        build(paths, Vault("test", backend=MemoryKeyring()), recorder=None, environment={})


def test_the_store_is_lent_the_dialects_knowledge():
    body = b'{"model":"m","messages":[{"role":"user","content":"first"},{"role":"user","content":"second"}]}'
    pieces = split(DialectName.ANTHROPIC_MESSAGES, body)
    assert b"".join(pieces) == body
    assert any("second" in text for piece in pieces for text in texts(DialectName.ANTHROPIC_MESSAGES, piece))
