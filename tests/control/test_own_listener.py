from __future__ import annotations

import socket

import pytest

from app.control import own_listener
from app.domain.config import ProviderEntry
from app.domain.errors import ConfigError
from app.vendors.resolve import resolve

PORT = 8082


def entry(url, **more):
    return ProviderEntry("Up", vendor="openai-compatible", base_url=url, allow_insecure=True, **more)


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:{PORT}/v1",
        f"http://127.3.2.1:{PORT}",
        f"http://localhost:{PORT}/v1",
        f"https://LOCALHOST.:{PORT}/v1",
        f"http://[::1]:{PORT}",
        f"http://[::ffff:127.0.0.1]:{PORT}",
        f"http://192.168.7.9:{PORT}/v1",
        f"http://{socket.gethostname()}:{PORT}/v1",
    ],
)
def test_f13_our_own_listener_is_no_provider(url, monkeypatch):
    monkeypatch.setattr(own_listener, "own_addresses", lambda: ("192.168.7.9",))
    with pytest.raises(ConfigError, match="points back at Patchbay itself") as caught:
        own_listener.refuse_own(resolve(entry(url)), PORT)
    assert caught.value.key == "base_url"


def test_nor_is_it_one_in_another_dialect():
    also = entry("https://host/v1", endpoints=(("anthropic_messages", f"http://127.0.0.1:{PORT}"),))
    with pytest.raises(ConfigError):
        own_listener.refuse_own(resolve(also), PORT)


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", f"http://192.168.7.8:{PORT}", f"https://host:{PORT}/v1"])
def test_other_servers_are(url, monkeypatch):
    monkeypatch.setattr(own_listener, "own_addresses", lambda: ("192.168.7.9",))
    own_listener.refuse_own(resolve(entry(url)), PORT)


async def test_it_is_refused_when_saved(desk):
    await desk.begin("[config]\nport = 8083\n")
    with pytest.raises(ConfigError, match="port 8083"):
        await desk.providers.add(entry("http://localhost:8083/v1"), None)
    assert "Up" not in desk.text()
