from __future__ import annotations

import pytest

from app.control.price_rules import PriceControl
from app.domain.errors import ConfigError

PROVIDER = '\n[[provider]]\nname = "Mine"\nvendor = "ollama"\n'
TEXT = '# mine\n[[price]]\nmodel = "a"\ninput = 1\noutput = 2\n' + PROVIDER


@pytest.fixture
async def control(desk):
    await desk.begin(TEXT)
    return PriceControl(desk.configuration)


async def test_a_price_is_added_replaced_and_removed_in_the_file(control, desk):
    await control.put({"model": "b*", "input": 3, "output": 4, "provider": "Mine"})
    assert [one.model for one in control.rules] == ["a", "b*"]
    await control.put({"model": "a", "input": 9, "output": 2})
    assert [one.price.input_nusd_per_mtok for one in control.rules] == [9_000_000_000, 3_000_000_000]
    assert desk.text().startswith("# mine")
    await desk.configuration.reload()
    assert [one.model for one in control.rules] == ["a", "b*"]
    await control.remove("b*", "Mine")
    assert [one.model for one in control.rules] == ["a"]
    assert "b*" not in desk.text()


async def test_what_is_not_there_cannot_be_removed(control, desk):
    with pytest.raises(ConfigError, match="no price for 'a'"):
        await control.remove("a", "Mine")
    assert desk.text() == TEXT


async def test_a_bad_price_changes_nothing(control, desk):
    with pytest.raises(ConfigError, match=r"price\.input"):
        await control.put({"model": "a", "input": -1, "output": 2})
    assert desk.text() == TEXT
