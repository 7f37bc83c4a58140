from __future__ import annotations

import pytest
from yarl import URL

from app.proxy.system_proxy import is_near, system_proxy

FAR = URL("https://api.example.com")


@pytest.fixture(autouse=True)
def proxied(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("http_proxy", "proxy.example:8080")


def test_each_scheme_has_its_own():
    assert system_proxy(FAR).url == URL("http://proxy.example:3128")
    assert system_proxy(URL("http://api.example.com")).url == URL("http://proxy.example:8080")


@pytest.mark.parametrize(
    "near", ["http://127.0.0.1:1", "http://localhost", "http://x.localhost", "http://[::1]", "https://192.168.1.2"]
)
def test_near_addresses_never_go_through_it(near):
    assert system_proxy(URL(near)) is None


@pytest.mark.parametrize(
    ("no_proxy", "bypassed"),
    [
        ("*", True),
        ("api.example.com", True),
        (".example.com", True),
        ("example.com", True),
        ("api.example.com:443", True),
        ("other.example, EXAMPLE.com ", True),
        ("ample.com", False),
        ("", False),
    ],
)
def test_no_proxy(monkeypatch, no_proxy, bypassed):
    monkeypatch.setenv("no_proxy", no_proxy)
    assert (system_proxy(FAR) is None) == bypassed


def test_without_one(monkeypatch):
    monkeypatch.delenv("https_proxy")
    assert system_proxy(FAR) is None
    monkeypatch.setenv("all_proxy", "http://everything.example")
    assert system_proxy(FAR).url.host == "everything.example"


def test_a_proxy_of_another_kind_is_none_that_we_can_use(monkeypatch):
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")
    assert system_proxy(FAR) is None


def test_the_login_travels_in_a_header_only(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://ann:secret@proxy.example:3128")
    found = system_proxy(FAR)
    assert str(found.url) == "http://proxy.example:3128"
    assert found.headers == (("Proxy-Authorization", "Basic YW5uOnNlY3JldA=="),)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(("host", "near"), [("10.1.1.1", True), ("8.8.8.8", False), ("api.example", False)])
def test_what_is_near(host, near):
    assert is_near(host) == near
