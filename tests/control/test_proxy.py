from __future__ import annotations

import asyncio
import socket

import pytest

from app.control import proxy
from app.control.proxy import PORT_TAKEN
from app.domain.errors import ConfigError
from app.domain.status import ProxyState


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(proxy, "RETRY_S", 0.01)


@pytest.fixture
def taken_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        yield holder.getsockname()[1]


async def test_it_listens_where_the_configuration_says(desk):
    await desk.begin("[config]\nport = 8085\n")
    ports = []
    desk.proxy.on_listening(ports.append)
    await desk.proxy.start()
    assert (desk.proxy.state, desk.proxy.port, ports) == (ProxyState.RUNNING, 8085, [8085])
    await desk.proxy.stop()
    assert desk.proxy.state is ProxyState.STOPPED
    assert desk.server.calls == [("start", 8085), ("stop", 10.0)]


async def test_a_taken_port_names_its_holder_and_never_drifts(desk, taken_port):
    await desk.begin(f"[config]\nport = {taken_port}\n")
    desk.server.taken = {taken_port}
    await desk.proxy.start()
    assert desk.proxy.state is ProxyState.PORT_TAKEN
    assert desk.proxy.port == taken_port
    assert f"Port {taken_port} is used by python" in desk.proxy.detail
    assert "tries again" in desk.notice(PORT_TAKEN)
    assert {port for word, port in desk.server.calls if word == "start"} == {taken_port}
    with pytest.raises(ConfigError, match="is used by"):
        await desk.proxy.retry_port()


async def test_a_freed_port_is_taken_without_being_asked(desk):
    await desk.begin("[config]\nport = 8085\n")
    desk.server.taken = {8085}
    listening = asyncio.Event()
    desk.proxy.on_listening(lambda _: listening.set())
    await desk.proxy.start()
    desk.server.taken.clear()
    async with asyncio.timeout(5):
        await listening.wait()
    assert desk.proxy.state is ProxyState.RUNNING
    assert not desk.notice(PORT_TAKEN)
    await desk.settle()


async def test_the_next_free_port_is_written_down(desk, taken_port):
    await desk.begin(f"[config]\nport = {taken_port} # mine\n")
    desk.server.taken = {taken_port}
    await desk.proxy.start()
    port = await desk.proxy.use_next_port()
    assert port > taken_port
    assert desk.proxy.state is ProxyState.RUNNING
    assert desk.text() == f"[config]\nport = {port} # mine\n"
    await desk.settle()


async def test_the_very_first_start_settles_on_a_free_port(desk, monkeypatch, taken_port):
    monkeypatch.setattr(proxy, "is_free", lambda port: port != 8082)
    monkeypatch.setattr(proxy, "next_free_port", lambda port: port + 1)
    await desk.begin()
    await desk.proxy.choose_first_port()
    await desk.proxy.start()
    assert desk.proxy.port == 8083
    assert "port = 8083" in desk.text()


async def test_a_port_that_may_not_be_listened_on_is_a_failure_with_words(desk):
    await desk.begin("[config]\nport = 80\n")
    desk.server.error = PermissionError(13, "Permission denied")
    await desk.proxy.start()
    assert desk.proxy.state is ProxyState.FAILED
    assert desk.proxy.detail == "Port 80 cannot be listened on (Permission denied)"


async def test_a_port_changed_by_hand_is_moved_to(desk):
    await desk.begin("[config]\nport = 8085\n")
    await desk.proxy.start()
    desk.configuration.change(port=8086)
    await desk.settle()
    assert (desk.proxy.state, desk.proxy.port) == (ProxyState.RUNNING, 8086)
    assert desk.server.calls == [("start", 8085), ("start", 8086)]


async def test_where_the_new_port_is_taken_the_old_one_goes_on_until_it_is_free(desk, monkeypatch):
    await desk.begin("[config]\nport = 8085\n")
    await desk.proxy.start()
    moved = asyncio.Event()
    desk.proxy.on_listening(lambda _: moved.set())
    desk.server.taken = {8086}
    desk.configuration.change(port=8086)
    async with asyncio.timeout(5):
        while PORT_TAKEN not in {one.id for one in desk.core.notices.current}:
            await asyncio.sleep(0)
    assert (desk.proxy.state, desk.proxy.port) == (ProxyState.RUNNING, 8085)
    assert "still listens on port 8085" in desk.notice(PORT_TAKEN)
    desk.server.taken.clear()
    async with asyncio.timeout(5):
        await moved.wait()
    assert (desk.proxy.state, desk.proxy.port) == (ProxyState.RUNNING, 8086)
    assert PORT_TAKEN not in {one.id for one in desk.core.notices.current}
    assert ("stop", 10.0) not in desk.server.calls


async def test_a_port_that_is_set_back_is_no_move(desk):
    await desk.begin("[config]\nport = 8085\n")
    await desk.proxy.start()
    desk.server.taken = {8086}
    desk.configuration.change(port=8086)
    async with asyncio.timeout(5):
        while PORT_TAKEN not in {one.id for one in desk.core.notices.current}:
            await asyncio.sleep(0)
    desk.configuration.change(port=8085)
    async with asyncio.timeout(5):
        while PORT_TAKEN in {one.id for one in desk.core.notices.current}:
            await asyncio.sleep(0)
    assert (desk.proxy.state, desk.proxy.port) == (ProxyState.RUNNING, 8085)


async def test_another_port_than_a_taken_one_is_listened_on_at_once(desk, monkeypatch):
    monkeypatch.setattr(proxy, "RETRY_S", 3600)
    await desk.begin("[config]\nport = 8085\n")
    desk.server.taken = {8085}
    await desk.proxy.start()
    assert desk.proxy.state is ProxyState.PORT_TAKEN
    desk.configuration.change(port=8086)
    await desk.settle()
    assert (desk.proxy.state, desk.proxy.port) == (ProxyState.RUNNING, 8086)
    assert PORT_TAKEN not in {one.id for one in desk.core.notices.current}


async def test_pausing_holds_in_the_snapshot_at_once(desk):
    await desk.begin()
    desk.proxy.pause()
    assert desk.snapshot.paused
    desk.proxy.resume()
    assert not desk.snapshot.paused


async def test_a_proxy_elsewhere_is_watched_and_not_moved(desk):
    await desk.begin("[config]\nport = 8085\n")
    desk.proxy.observe(8090)
    desk.configuration.change(port=8086)
    await desk.settle()
    assert (desk.proxy.state, desk.proxy.port, desk.server.calls) == (ProxyState.RUNNING, 8090, [])
    desk.proxy.observe(0)
    assert desk.proxy.state is ProxyState.STOPPED


async def test_demo_and_sample_are_passed_on(desk):
    await desk.begin()
    await desk.proxy.start_demo()
    await desk.proxy.send_sample()
    assert desk.upstream.running
    assert desk.samples == 1
