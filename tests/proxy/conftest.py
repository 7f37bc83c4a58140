from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.fakes.rig import Rig
from tests.fakes.wires import PAIRS, WIRES, Wire, pair_name


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    """A proxy that listens, and the upstream behind it."""
    made = await Rig().start()
    yield made
    await made.stop()


@pytest.fixture(params=WIRES, ids=["anthropic", "chat"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """Each dialect."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=PAIRS, ids=map(pair_name, PAIRS))
def pair(request: pytest.FixtureRequest) -> tuple[Wire, Wire]:
    """The client's dialect and the upstream's: pass-through and conversion, each way."""
    return request.param  # type: ignore[no-any-return]
