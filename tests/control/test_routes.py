from __future__ import annotations

import pytest

from app.domain.errors import ConfigError
from app.domain.provider import Tier

TWO = """
[config]
big_model = "B:gpt-x" # from before

[[provider]]
name = "A"
vendor = "anthropic"

[[provider]]
name = "B"
vendor = "openai"
"""


async def test_a_switch_holds_before_the_disk_is_touched(desk):
    await desk.begin(TWO)
    switching = desk.routes.use("B")
    switching.send(None)
    assert desk.snapshot.active().name == "B"
    switching.close()


async def test_a_switch_is_written_down(desk):
    await desk.begin(TWO)
    await desk.routes.use("B")
    assert desk.file.load().settings.provider == "B"
    with pytest.raises(ConfigError, match="there is no provider 'C'; there is A, B"):
        await desk.routes.use("C")


async def test_a_choice_belongs_to_the_active_provider_and_beats_an_older_one_for_all(desk):
    await desk.begin(TWO)
    assert desk.snapshot.target("claude-opus-4-5").model == "gpt-x"
    await desk.routes.choose(Tier.BIG, "claude-opus-4-8")
    target = desk.snapshot.target("claude-opus-4-5")
    assert (target.provider.name, target.model) == ("A", "claude-opus-4-8")
    assert desk.file.load().providers[0].big_model == "claude-opus-4-8"
    assert desk.file.load().settings.big_model == ""
    await desk.routes.choose(Tier.BIG, "")
    assert desk.snapshot.target("claude-opus-4-5").model == "claude-opus-4-5"
    assert "big_model" not in desk.text()


async def test_without_a_provider_there_is_nothing_to_choose(desk):
    await desk.begin()
    with pytest.raises(ConfigError, match="add one first"):
        await desk.routes.choose(Tier.SMALL, "x")
    with pytest.raises(ConfigError, match="add one first"):
        await desk.routes.use("x")
