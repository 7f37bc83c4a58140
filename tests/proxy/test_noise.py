from __future__ import annotations

from app.proxy.noise import Noise


class Loop:
    def __init__(self, before=None):
        self.handler = before
        self.now_s = 100.0
        self.said = []

    def get_exception_handler(self):
        return self.handler

    def set_exception_handler(self, handler):
        self.handler = handler

    def time(self):
        return self.now_s

    def default_exception_handler(self, context):
        self.said.append(context["message"])


def test_the_same_complaint_is_heard_once_in_ten_seconds(caplog):
    loop = Loop()
    Noise(loop)
    for _ in range(5000):
        loop.handler(loop, {"message": "socket.accept() out of system resource", "exception": OSError(24, "x")})
    loop.handler(loop, {"message": "another", "exception": ValueError()})
    assert loop.said == ["socket.accept() out of system resource", "another"]
    loop.now_s += 11
    loop.handler(loop, {"message": "socket.accept() out of system resource", "exception": OSError(24, "x")})
    assert len(loop.said) == 3
    assert "4999 more" in caplog.text


def test_complaints_without_end_are_not_all_remembered():
    loop = Loop()
    noise = Noise(loop)
    for number in range(1000):
        loop.handler(loop, {"message": f"complaint {number}"})
    assert len(noise._said) <= 256
    assert len(loop.said) == 1000


def test_a_handler_that_was_there_is_asked_and_given_back():
    heard = []
    before = lambda loop, context: heard.append(context)
    loop = Loop(before)
    noise = Noise(loop)
    loop.handler(loop, {"message": "x"})
    assert len(heard) == 1
    noise.restore()
    assert loop.handler is before


def test_another_ones_handler_is_left_alone():
    loop = Loop()
    noise = Noise(loop)
    later = lambda loop, context: None
    loop.handler = later
    noise.restore()
    assert loop.handler is later
