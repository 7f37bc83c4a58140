from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from app.domain.errors import ConfigError
from app.domain.facts import KnownFacts
from app.domain.provider import Tier
from app.domain.routing import Choice, ErrorRule, Meaning, ModelWindow, Pin, Routing, Rule, Strategy

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
    with pytest.raises(ConfigError, match="there is no provider 'C'; there are A and B"):
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


async def test_auto_is_a_choice_and_ends_only(desk):
    await desk.begin(TWO)
    with pytest.raises(ConfigError, match="no provider is preferred"):
        await desk.routes.only(True)
    await desk.routes.use("B")
    await desk.routes.only(True)
    assert desk.routes.routing.only
    assert desk.file.load().routing.only
    await desk.routes.use("")
    assert (desk.snapshot.settings.provider, desk.routes.routing.only) == ("", False)
    assert (desk.file.load().settings.provider, desk.file.load().routing.only) == ("", False)
    assert "only" not in desk.text()


async def test_many_switches_in_a_row_are_few_writes_and_the_last_one_stands(desk, monkeypatch):
    await desk.begin(TWO)
    written = []
    put = desk.file.set
    monkeypatch.setattr(desk.file, "set", lambda key, value, **more: (written.append(value), put(key, value, **more)))
    names = ["A", "B"] * 100
    await asyncio.gather(*(desk.routes.use(name) for name in names))
    assert len(written) <= 2
    assert written[-1] == "B"
    assert desk.file.load().settings.provider == desk.snapshot.settings.provider == "B"


async def test_what_is_read_back_meanwhile_undoes_no_switch(desk, monkeypatch):
    await desk.begin(TWO)
    load, switched = desk.file.load, []

    def slow():
        config = load()
        if not switched:  # the user switches while the file is read
            switched.append(asyncio.run_coroutine_threadsafe(desk.routes.use("B"), loop))
            time.sleep(0.05)
        return config

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(desk.file, "load", slow)
    await desk.configuration.reload()
    assert desk.snapshot.settings.provider == "B"
    await asyncio.wrap_future(switched[0])
    assert load().settings.provider == "B"


async def test_what_holds_for_all_ways(desk):
    await desk.begin(TWO)
    routes = desk.routes
    await routes.strategy(Strategy.LATENCY)
    await routes.affinity(False)
    await routes.order(["B", "A", "B"])
    await routes.health_checks(60)
    wanted = Routing(strategy=Strategy.LATENCY, affinity=False, order=("B", "A"), health_check_s=60)
    assert routes.routing == desk.file.load().routing == wanted
    await routes.affinity(True)
    assert "affinity" not in desk.text()
    with pytest.raises(ConfigError, match="there is no provider 'C'"):
        await routes.order(["C"])
    with pytest.raises(ConfigError, match="must be 0, or 10"):
        await routes.health_checks(1)
    assert routes.routing.order == ("B", "A")


async def test_who_stands_in_for_others(desk):
    await desk.begin(TWO)
    await desk.routes.failover("A", False)
    assert [one.failover for one in desk.snapshot.providers] == [False, True]
    assert not desk.file.load().providers[0].failover
    await desk.routes.failover("A", True)
    assert "failover" not in desk.text()
    with pytest.raises(ConfigError, match="there is no provider 'C'"):
        await desk.routes.failover("C", True)


async def test_rules_are_added_moved_changed_and_removed(desk):
    await desk.begin(TWO)
    routes = desk.routes
    first, second, third = (Rule(name=name, to=(Choice("A"),)) for name in ("1", "2", "3"))
    await routes.put_rule(first)
    await routes.put_rule(third)
    await routes.put_rule(second, at=1)
    assert routes.routing.rules == desk.file.load().routing.rules == (first, second, third)
    await routes.move_rule(2, 0)
    assert routes.routing.rules == desk.file.load().routing.rules == (third, first, second)
    changed = Rule(name="2", models=("gpt*",), to=(Choice("B", "m"),))
    await routes.put_rule(changed, replaces=2)
    await routes.remove_rule(1)
    assert routes.routing.rules == desk.file.load().routing.rules == (third, changed)
    for wrong in (routes.remove_rule(2), routes.remove_rule(-1), routes.put_rule(first, replaces=7)):
        with pytest.raises(ConfigError, match="the last one is 2"):
            await wrong
    for rule, message in (
        (Rule(to=(Choice("C"),)), "no provider 'C'; there are A and B"),
        (Rule(), "say where they go"),
    ):
        with pytest.raises(ConfigError, match=message):
            await routes.put_rule(rule)
    assert routes.routing.rules == (third, changed)


async def test_a_rule_holds_as_it_will_be_read_back(desk):
    await desk.begin(TWO)
    await desk.routes.put_rule(Rule(models=(" gpt* ",), to=(Choice("A", " m"),)))
    await desk.routes.put_rule(Rule(name="next", to=(Choice("A"),)))
    assert desk.routes.routing.rules == desk.file.load().routing.rules
    assert desk.routes.routing.rules[0].models == ("gpt*",)


async def test_pins(desk):
    await desk.begin(TWO)
    routes = desk.routes
    pin = Pin("website", Choice("B", "gpt-5"))
    await routes.put_pin(pin)
    await routes.put_pin(Pin("Shop", Choice("A")), replaces="WEBSITE")
    await routes.put_pin(pin)
    assert routes.routing.pins == desk.file.load().routing.pins == (Pin("Shop", Choice("A")), pin)
    for wrong, message in (
        (Pin("shop", Choice("A")), "already a pin 'shop'"),
        (Pin("a/b", Choice("A")), "without /"),
        (Pin("x", Choice("C")), "no provider 'C'"),
    ):
        with pytest.raises(ConfigError, match=message):
            await routes.put_pin(wrong)
    await routes.remove_pin("shop")
    assert routes.routing.pins == (pin,)
    with pytest.raises(ConfigError, match="no pin 'shop'; there is website"):
        await routes.remove_pin("shop")


async def test_rules_about_errors(desk):
    await desk.begin(TWO)
    rule = ErrorRule(Meaning.OVERLOADED, status=400, text="busy", provider="A")
    await desk.routes.put_error_rule(rule)
    assert desk.routes.routing.error_rules == desk.file.load().routing.error_rules == (rule,)
    await desk.routes.remove_error_rule(0)
    assert desk.routes.routing.error_rules == ()
    with pytest.raises(ConfigError, match="no provider 'C'"):
        await desk.routes.put_error_rule(ErrorRule(Meaning.REFUSED, provider="C"))


async def test_rules_about_errors_stand_in_an_order(desk):
    await desk.begin(TWO)
    first, second, third = (ErrorRule(Meaning.OVERLOADED, status=status) for status in (400, 402, 404))
    await desk.routes.put_error_rule(second)
    await desk.routes.put_error_rule(third)
    await desk.routes.put_error_rule(first, at=0)
    assert desk.routes.routing.error_rules == (first, second, third)
    await desk.routes.move_error_rule(2, 0)
    assert desk.routes.routing.error_rules == desk.file.load().routing.error_rules == (third, first, second)
    with pytest.raises(ConfigError, match="there is no number 4"):
        await desk.routes.move_error_rule(3, 0)


async def test_a_file_that_was_changed_meanwhile_keeps_what_its_writer_wrote(desk):
    await desk.begin(TWO)
    text = desk.text() + '\n[[route]]\nname = "theirs"\nto = "A"\n'
    desk.file.path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="patchbay.toml, route: was changed at the same time"):
        await desk.routes.put_rule(Rule(name="mine", to=(Choice("B"),)))
    assert desk.text() == text
    assert [rule.name for rule in desk.routes.routing.rules] == ["theirs"]


async def test_rules_and_pins_follow_a_provider_to_its_new_name(desk):
    await desk.begin(TWO)
    await desk.routes.put_rule(Rule(to=(Choice("B", "m"), Choice("A"))))
    await desk.routes.put_pin(Pin("p", Choice("B")))
    await desk.routes.order(["B"])
    await desk.routes.use("B")
    entry = desk.configuration.entries[1]
    await desk.providers.edit("B", dataclasses.replace(entry, name="New"), None)
    assert desk.routes.routing == desk.file.load().routing
    assert desk.routes.routing.rules[0].to == (Choice("New", "m"), Choice("A"))
    assert desk.routes.routing.pins[0].to == Choice("New")
    assert desk.routes.routing.order == ("New",)
    assert not desk.notice("routes-lost")


async def test_what_names_a_provider_that_went_away_is_told_and_stays(desk):
    await desk.begin(TWO)
    await desk.routes.put_rule(Rule(to=(Choice("B"),)))
    await desk.routes.order(["B", "A"])
    await desk.routes.use("B")
    await desk.providers.remove("B")
    assert (desk.snapshot.settings.provider, desk.routes.routing.order) == ("", ("A",))
    assert desk.file.load().routing == desk.routes.routing
    assert desk.file.load().settings.provider == ""
    assert "route 1, to: there is no provider 'B'" in desk.notice("routes-lost")
    await desk.routes.remove_rule(0)
    assert not desk.notice("routes-lost")


async def test_where_a_request_would_go(desk):
    await desk.begin(TWO)
    await desk.routes.use("B")
    found = desk.routes.preview(KnownFacts("gpt-5.2"))
    assert (found.targets[0].provider.name, found.why) == ("B", "B is preferred")


async def test_the_usual_way_knows_no_rule(desk):
    await desk.begin(TWO)
    await desk.routes.use("A")
    await desk.routes.put_rule(Rule(to=(Choice("B"),), only=True))
    assert [one.provider.name for one in desk.routes.preview(KnownFacts("claude-haiku")).targets] == ["B"]
    assert desk.routes.usual("claude-haiku").targets[0].provider.name == "A"


async def test_who_is_passed_over_is_asked_of_the_proxy_which_has_learned(desk):
    await desk.begin(TWO)
    long = KnownFacts("claude-opus", prompt_tokens=9_000)
    plan = desk.routes.usual("claude-opus")
    assert set(desk.routes.lacking(plan, long)) == {""}
    first = plan.targets[0]
    desk.server.learned.refused(first.provider, first.model, "maximum context length is 8192 tokens")
    told, *others = desk.routes.lacking(plan, long)
    assert (told, set(others)) == ("takes 8,192 tokens, this prompt has about 9,000", {""})
    assert desk.routes.lacks(first, long) == told
    elsewhere = ModelWindow(first.provider.name, first.model, 4_096)
    told, *others = desk.routes.lacking(plan, long, (elsewhere,))
    assert (told, set(others)) == ("takes 4,096 tokens, this prompt has about 9,000", {""})
    assert desk.routes.lacks(first, long, (elsewhere,)) == told


async def test_rules_and_pins_for_keys_that_are_not_there_are_refused(desk):
    await desk.begin(TWO)
    rule, pin = Rule(keys=("ghost",), to=(Choice("B"),)), Pin("site", Choice("B"), "ghost")
    for wrong in (desk.routes.put_rule(rule), desk.routes.put_pin(pin)):
        with pytest.raises(ConfigError, match=r"there is no client key 'ghost'; create one first"):
            await wrong
    await desk.keys.create("laptop")
    with pytest.raises(ConfigError, match=r"there is no client key 'ghost'; there is laptop") as caught:
        await desk.routes.put_rule(rule)
    assert caught.value.key == "keys"
    assert desk.routes.routing.rules == ()


async def test_a_rule_for_a_key_that_was_revoked_can_still_be_changed(desk):
    await desk.begin(TWO)
    await desk.keys.create("laptop")
    rule = Rule(keys=("laptop",), to=(Choice("B"),))
    await desk.routes.put_rule(rule)
    await desk.keys.revoke("laptop")
    await desk.routes.put_rule(dataclasses.replace(rule, enabled=False), replaces=0)
    assert not desk.routes.routing.rules[0].enabled
    with pytest.raises(ConfigError, match="there is no client key 'laptop'"):
        await desk.routes.put_rule(rule)


async def test_rules_and_pins_follow_a_key_to_its_new_name(desk):
    await desk.begin(TWO)
    await desk.keys.create("laptop")
    await desk.keys.create("other")
    desk.keys.on_rename = desk.routes.key_renamed
    await desk.routes.put_rule(Rule(keys=("laptop", "other"), to=(Choice("B"),)))
    await desk.routes.put_pin(Pin("site", Choice("B", "gpt-5.2"), "laptop"))
    await desk.keys.change("laptop", name="tower")
    assert desk.routes.routing.rules[0].keys == ("tower", "other")
    assert desk.routes.routing.pins[0].key == "tower"
    written = desk.file.path.read_text("utf-8")
    assert "laptop" not in written
    before = desk.writes
    await desk.routes.key_renamed("nobody", "somebody")
    assert desk.writes == before
