"""When other machines may connect, and what is said of it."""

from __future__ import annotations

import ssl
from types import MappingProxyType

import pytest

from app.control.lan import NO_KEYS, OPEN_TO_ALL, LanControl
from app.domain.client_key import ClientKey
from app.domain.errors import ConfigError
from app.domain.exposure import NO_REACH, NOWHERE, Exposure
from app.domain.settings import AuthMode

PORT = 8082


class Listening:
    def __init__(self):
        self.exposed = []
        self.problems = ()
        self.error = None

    async def __call__(self, exposure):
        if self.error is not None and exposure.addresses:
            raise self.error
        self.exposed.append(exposure)
        return self.problems if exposure.addresses else ()


@pytest.fixture
def listening():
    return Listening()


@pytest.fixture
def lan(desk, listening):
    desk.core.snapshots.client_keys(MappingProxyType({b"d": ClientKey("1", "default")}))
    return LanControl(desk.core, desk.configuration, listening, lambda: PORT, lambda: ("192.168.1.20", "fd00::2"))


def notice(desk):
    return next((one for one in desk.core.notices.current if one.id == "lan"), None)


async def test_nobody_can_by_default(lan, listening, desk):
    await lan.look()
    assert listening.exposed == [NOWHERE]
    assert lan.reach == NO_REACH
    assert notice(desk) is None


async def test_wanted_it_listens_on_every_address_and_says_that_it_can_be_read(lan, listening, desk):
    await lan.change(enabled=True)
    assert listening.exposed[-1] == Exposure(("192.168.1.20", "fd00::2"))
    assert lan.reach.urls == ("http://192.168.1.20:8082", "http://[fd00::2]:8082")
    assert "can be read on the way" in notice(desk).text
    assert "enabled = true" in desk.configuration.file.path.read_text()


@pytest.mark.parametrize(
    ("auth", "keys", "words"), [(AuthMode.OPEN, True, OPEN_TO_ALL), (AuthMode.KEY, False, NO_KEYS)]
)
async def test_without_a_key_to_show_nobody_can(lan, listening, desk, auth, keys, words):
    await lan.change(enabled=True)
    if not keys:
        desk.core.snapshots.client_keys({})
    desk.configuration.change(auth=auth)
    await lan.look()
    assert listening.exposed[-1] == NOWHERE
    assert lan.reach.problem == words
    assert notice(desk).text == words


@pytest.mark.parametrize(("words", "cure"), [(OPEN_TO_ALL, 'auth = "key"'), (NO_KEYS, "Create one")])
def test_what_keeps_the_door_shut_is_said_with_what_opens_it(words, cure):
    assert words.startswith("Other machines cannot connect")
    assert cure in words


async def test_an_address_that_cannot_be_is_said_beside_those_that_are(lan, listening):
    listening.problems = ("fd00::2: Cannot assign requested address",)
    await lan.change(enabled=True)
    assert lan.reach.urls == ("http://192.168.1.20:8082",)
    assert "fd00::2" in lan.reach.problem


async def test_a_bad_certificate_opens_nothing(lan, listening, desk):
    listening.error = ssl.SSLError("bad")
    await lan.change(enabled=True, cert_file="/nowhere/cert.pem")
    assert listening.exposed[-1] == NOWHERE
    assert "certificate" in lan.reach.problem
    assert notice(desk).severity.value == "error"


async def test_bad_values_are_refused_and_nothing_changes(lan, desk):
    with pytest.raises(ConfigError) as wrong:
        await lan.change(addresses=("0.0.0.0",))
    assert wrong.value.key == "addresses"
    with pytest.raises(ConfigError):
        await lan.change(nonsense=1)
    assert not desk.configuration.settings.lan.enabled
