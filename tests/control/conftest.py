from __future__ import annotations

import pytest

from tests.fakes.desk import Desk


@pytest.fixture
async def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    await made.end()


@pytest.fixture
async def make_desk(tmp_path):
    made = []

    def make(**options):
        made.append(Desk(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        await one.end()
