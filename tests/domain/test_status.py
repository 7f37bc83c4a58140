from __future__ import annotations

from app.domain.status import AppStatus, ProxyState


def test_clients_are_pointed_at_the_address_with_its_port():
    assert AppStatus(ProxyState.RUNNING, port=8083).base_url == "http://127.0.0.1:8083"


def test_equal_states_are_equal_so_that_nothing_is_drawn_twice():
    assert AppStatus(ProxyState.RUNNING, port=1) == AppStatus(ProxyState.RUNNING, port=1)
    assert AppStatus(ProxyState.RUNNING, port=1) != AppStatus(ProxyState.PAUSED, port=1)
