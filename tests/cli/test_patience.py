from __future__ import annotations

import asyncio

from app.cli.output import Output
from app.cli.patience import for_the_keyring


async def test_only_what_takes_long_is_spoken_of(capsys):
    with for_the_keyring(Output(), after_s=60):
        await asyncio.sleep(0)
    assert capsys.readouterr().err == ""
    told = asyncio.Event()

    class Heard(Output):
        def note(self, text):
            super().note(text)
            told.set()

    with for_the_keyring(Heard(), after_s=0.01):
        await told.wait()
    said = capsys.readouterr()
    assert "waiting for the system keyring" in said.err
    assert said.out == ""
