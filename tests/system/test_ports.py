from __future__ import annotations

import errno
import os
import socket

import pytest

from app.system import ports
from app.system.ports import is_free, next_free_port, port_holder


@pytest.fixture
def taken():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_the_holder_of_a_port_is_named(taken):
    holder = port_holder(taken)
    assert holder.pid == os.getpid()
    assert "py" in holder.name


def test_a_free_port_has_no_holder(taken):
    free = next_free_port(taken)
    assert free > taken
    assert is_free(free)
    assert not is_free(taken)
    assert port_holder(free) is None


def test_a_port_of_the_other_family_is_taken_as_well():
    with socket.socket(socket.AF_INET6) as server:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            server.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        server.listen()
        assert not is_free(server.getsockname()[1])


def test_a_machine_without_ipv6_has_free_ports(monkeypatch):
    made = socket.socket

    def without(family, kind):
        if family is socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return made(family, kind)

    monkeypatch.setattr(socket, "socket", without)
    assert next_free_port(20_000) > 20_000


def test_where_the_system_does_not_tell_no_one_is_named(taken, monkeypatch):
    import psutil

    def refuse(kind):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    assert port_holder(taken) is None


def test_no_port_left_is_an_error(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: False)
    with pytest.raises(OSError, match="no free port above 65000"):
        next_free_port(65_000)
