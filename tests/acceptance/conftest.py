from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.acceptance.program import QUICK, Patchbay, started
from tests.fakes.wires import PAIRS, WIRES, Wire, pair_name


@pytest.fixture(scope="module")
async def running(request: pytest.FixtureRequest) -> AsyncGenerator[Patchbay]:
    """One program for a file; the file's `LIMITS` and `MORE` change its configuration, `UPSTREAMS` adds some."""
    module = request.module
    limits = {**QUICK, **getattr(module, "LIMITS", {})}
    async with started(limits, more=getattr(module, "MORE", ""), upstreams=getattr(module, "UPSTREAMS", 1)) as made:
        yield made


@pytest.fixture
async def p(running: Patchbay) -> AsyncGenerator[Patchbay]:
    """The file's program at rest; what the test leaves open is closed after it."""
    await running.settle()
    yield running
    await running.hang_up()


@pytest.fixture(params=WIRES, ids=["anthropic", "chat"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """Each dialect."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=PAIRS, ids=map(pair_name, PAIRS))
def pair(request: pytest.FixtureRequest) -> tuple[Wire, Wire]:
    """The client's dialect and the upstream's: pass-through and conversion, each way."""
    return request.param  # type: ignore[no-any-return]
