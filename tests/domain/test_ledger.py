from __future__ import annotations

from app.domain.ledger import NO_LEDGER
from app.domain.usage import Usage
from tests.fakes.ledgers import claim


async def test_without_budgets_nothing_is_held_and_no_price_is_known():
    assert not NO_LEDGER.counts("k1", "P", "m1")
    hold = await NO_LEDGER.reserve(claim())
    hold.settle(Usage(10))
    hold.release()
    assert NO_LEDGER.price("openai", "gpt-5") is None
