from __future__ import annotations

import asyncio

import pytest

from app.control.configuration import BROKEN, UNWRITTEN
from app.domain.client_key import ClientKey
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.domain.settings import AuthMode
from app.domain.status import NoticeAction, Severity

GOOD = """
[config]
provider = "B"

[[provider]]
name = "A"
vendor = "openai"

[[provider]]
name = "B"
vendor = "anthropic"
"""


async def test_the_file_becomes_the_snapshot(desk):
    desk.file.path.write_text(GOOD, "utf-8")
    assert not await desk.configuration.load()
    assert [one.name for one in desk.snapshot.providers] == ["A", "B"]
    assert desk.snapshot.active().name == "B"


async def test_no_file_is_a_first_start(desk):
    assert await desk.configuration.load()
    assert desk.snapshot.providers == ()


async def test_a_port_from_the_command_line_wins_and_is_never_written(make_desk):
    desk = make_desk(port=0)
    await desk.begin(GOOD)
    assert desk.snapshot.settings.port == 0
    await desk.routes.use("A")
    assert "port" not in desk.text()
    desk.configuration.move_to_port(8090)
    assert desk.snapshot.settings.port == 8090


def kept(desk):
    return [one.read_text("utf-8") for one in desk.folder.glob("patchbay.toml.broken-*")]


@pytest.mark.parametrize(
    "broken", ["", "[config", "\0\0\0", "[config]\nport = 'x'", '[[provider]]\nname="X"\nvendor="nobody"']
)
async def test_a_broken_file_at_the_start_gives_way_to_the_last_good_one(desk, make_desk, broken):
    await desk.begin(GOOD)
    desk.file.path.write_text(broken, "utf-8")
    for again in (make_desk(), make_desk()):
        await again.begin()
        assert [one.name for one in again.snapshot.providers] == ["A", "B"]
        assert "patchbay.toml" in again.notice(BROKEN)
        assert "last good content" in again.notice(BROKEN)
        assert again.text() == broken
        assert kept(again) == [broken]


async def test_a_folder_in_its_place_makes_room_for_the_last_good_one(desk, make_desk):
    await desk.begin(GOOD)
    desk.file.path.unlink()
    desk.file.path.mkdir()
    again = make_desk()
    await again.begin()
    assert [one.name for one in again.snapshot.providers] == ["A", "B"]
    assert "last good content" in again.notice(BROKEN)
    assert again.text() == GOOD


async def test_a_command_of_the_terminal_leaves_a_broken_file_alone(desk, make_desk):
    await desk.begin(GOOD)
    desk.file.path.write_text("\0", "utf-8")
    again = make_desk(must_write=True)
    await again.begin()
    assert [one.name for one in again.snapshot.providers] == ["A", "B"]
    assert again.text() == "\0"
    assert kept(again) == []


async def test_a_broken_file_without_a_predecessor_is_said_and_not_taken_for_defaults(desk):
    await desk.begin("[config")
    assert "line 1" in desk.notice(BROKEN)
    assert "no provider is set up" in desk.notice(BROKEN)


async def test_a_port_of_the_command_line_holds_without_any_good_file(make_desk):
    desk = make_desk(port=47_477)
    await desk.begin("[config")
    assert desk.configuration.settings.port == 47_477


async def test_an_edit_is_taken_over_and_a_broken_one_is_not(desk):
    await desk.begin(GOOD)
    desk.file.path.write_text(GOOD.replace('provider = "B"', 'provider = "A"'), "utf-8")
    await desk.configuration.reload_if_changed()
    assert desk.snapshot.active().name == "A"
    desk.file.path.write_text("[[provider]]\nname = 5\n", "utf-8")
    await desk.configuration.reload_if_changed()
    assert desk.snapshot.active().name == "A"
    assert "line 2, provider.name" in desk.notice(BROKEN)
    with pytest.raises(ConfigError):
        await desk.configuration.reload()
    desk.file.path.write_text(GOOD, "utf-8")
    await desk.configuration.reload_if_changed()
    assert desk.snapshot.active().name == "B"
    assert not desk.notice(BROKEN)


async def test_a_file_that_is_taken_away_leaves_what_it_said_in_force(desk):
    await desk.begin(GOOD)
    providers = desk.snapshot.providers
    desk.file.path.unlink()
    await desk.configuration.reload_if_changed()
    assert desk.snapshot.providers == providers
    assert "patchbay.toml: is gone" in desk.notice(BROKEN)
    desk.file.path.write_text(GOOD, "utf-8")
    await desk.configuration.reload()
    assert desk.snapshot.providers == providers
    assert not [one for one in desk.core.notices.current if one.id == BROKEN]


async def test_own_writes_are_not_loaded_again(desk):
    await desk.begin(GOOD)
    loads = []
    desk.configuration.on_load(loads.append)
    await desk.routes.use("A")
    await desk.configuration.reload_if_changed()
    assert loads == []


async def test_providers_that_did_not_change_stay_the_same_objects(desk):
    await desk.begin(GOOD)
    before = desk.snapshot.providers
    desk.configuration.change(history_days=7)
    assert all(one is other for one, other in zip(before, desk.snapshot.providers, strict=True))


async def test_a_change_that_cannot_be_written_holds_until_the_end(desk):
    await desk.begin(GOOD)
    desk.failing = True
    await desk.routes.use("A")
    assert desk.snapshot.active().name == "A"
    assert "could not be written" in desk.notice(UNWRITTEN)
    assert "No space left" in desk.notice(UNWRITTEN)
    desk.failing = False
    await desk.routes.use("B")
    assert not desk.notice(UNWRITTEN)


async def test_a_broken_file_is_not_written_over(desk):
    await desk.begin(GOOD)
    desk.file.path.write_text("[config", "utf-8")
    await desk.routes.use("A")
    assert desk.text() == "[config"
    assert desk.notice(UNWRITTEN)


async def test_what_is_odd_is_said(desk):
    await desk.begin(GOOD.replace('"B"\n\n', '"C"\nauth = "open"\nmax_tokens_limit = "3"\n\n', 1))
    assert "no provider 'C'" in desk.notice("config-active")
    assert "Any program" in desk.notice("auth-open")
    assert "config.max_tokens_limit in line" in desk.notice("config-ignored")
    assert desk.snapshot.settings.auth is AuthMode.OPEN
    desk.file.path.write_text(GOOD, "utf-8")
    await desk.configuration.reload()
    assert [one.id for one in desk.core.notices.current if one.id != "key-missing"] == []


async def test_a_price_for_nobody_is_a_warning(desk):
    price = '[[price]]\nmodel = "{}"\ninput = 1\noutput = 2\n{}\n'
    await desk.begin(GOOD + price.format("a", 'provider = "Nobody"') + price.format("b", 'vendor = "nobody"'))
    told = desk.notice("prices-lost")
    assert "price 1 (a): there is no provider 'Nobody'; price 2 (b): there is no vendor 'nobody'" in told
    desk.file.path.write_text(
        GOOD + price.format("a", 'provider = "A"') + price.format("b", 'vendor = "openai"'), "utf-8"
    )
    await desk.configuration.reload()
    assert "prices-lost" not in {one.id for one in desk.core.notices.current}


async def test_rules_that_do_not_what_they_seem_to_are_a_warning(desk):
    rules = '[[route]]\nto = "A"\nbetween = "10-10"\n[[error_rule]]\nmeans = "overloaded"\nstatus = 200\n'
    await desk.begin(GOOD + rules)
    assert "route 1, between: ends when it begins" in desk.notice("rules-idle")
    assert "error rule 1: status 200 belongs to no error" in desk.notice("rules-idle")


async def test_a_mistyped_key_is_a_warning_with_its_line_before_what_may_be_anybody_elses(desk, caplog):
    await desk.begin(f'[transformers]\nx = 1\n[routing]\nstratgy = "cheapest"\n{GOOD}')
    notice = next(one for one in desk.core.notices.current if one.id == "config-ignored")
    assert "not use: routing.stratgy in line 4 (did you mean strategy?), transformers in line 1." in notice.text
    assert notice.severity is Severity.WARNING
    assert notice.action is NoticeAction.OPEN_CONFIG
    assert "routing.stratgy in line 4" in caplog.text
    desk.file.path.write_text(f"[transformers]\nx = 1\n{GOOD}", "utf-8")
    await desk.configuration.reload()
    assert next(one for one in desk.core.notices.current if one.id == "config-ignored").severity is Severity.INFO


async def test_a_second_provider_of_a_name_is_refused(desk):
    await desk.begin(GOOD)
    with pytest.raises(ConfigError, match="already"):
        desk.configuration.put(ProviderEntry("a", vendor="openai"))


async def test_readers_see_whole_snapshots_while_everything_switches(desk):
    """A request in the middle of a switch sees the old or the new configuration, never a mixture."""
    await desk.begin(GOOD)
    seen, stop = set(), asyncio.Event()

    async def read():
        while not stop.is_set():
            snapshot = desk.core.snapshots()
            before = (snapshot.settings.provider, snapshot.active().name, len(snapshot.providers))
            await asyncio.sleep(0)
            assert before == (snapshot.settings.provider, snapshot.active().name, len(snapshot.providers))
            assert snapshot.active().name == snapshot.settings.provider
            seen.add(snapshot.version)

    reading = [asyncio.get_running_loop().create_task(read(), name=f"reader {number}") for number in range(5)]
    for _ in range(25):
        await desk.routes.use("A")
        await desk.routes.use("B")
    stop.set()
    await asyncio.gather(*reading)
    assert len(seen) > 20
    assert 'provider = "B"' in desk.text()


async def test_a_mistyped_condition_never_replaces_what_works(desk):
    await desk.begin(GOOD)
    desk.file.path.write_text(f'{GOOD}[[route]]\nmodles = "*haiku*"\nto = "B"\n', "utf-8")
    await desk.configuration.reload_if_changed()
    assert desk.snapshot.routing.rules == ()
    assert desk.notice(BROKEN) == (
        "patchbay.toml, line 13, route 1, modles: is no key of [[route]]; did you mean models? "
        "Patchbay goes on with what it had."
    )


async def test_a_pin_or_rule_for_a_client_key_that_is_not_there_is_told_until_it_is(desk):
    """Keys are no part of the file: they may come later, and are not known yet when the file is first read."""
    await desk.begin(f'{GOOD}[[pin]]\nname = "p"\nto = "A"\nkey = "later"\n')
    assert not desk.notice("keys-lost")
    desk.core.snapshots.client_keys({b"1": ClientKey("id1", "default")})
    assert desk.notice("keys-lost") == (
        "patchbay.toml waits for client keys that are not there: pin p, key: there is no client key 'later'."
    )
    desk.core.snapshots.client_keys({b"1": ClientKey("id1", "default"), b"2": ClientKey("id2", "later")})
    assert not desk.notice("keys-lost")
