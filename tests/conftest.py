"""What every test stands on: a scrubbed environment, offscreen Qt, `async def` tests on the program's own loop.

Nothing here imports Qt until a test asks for the loop or for `qapp`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

TIME_LIMIT_S = 30.0
SETTLE_S = 2.0

_HOME = Path(tempfile.mkdtemp(prefix="patchbay-tests-"))
_FOREIGN = re.compile(
    r"(_PROXY|API_KEY|AUTH_TOKEN|_BASE_URL|^DISPLAY$|^WAYLAND_DISPLAY$|^DBUS_|^XDG_|^QT_|^PATCHBAY_)", re.IGNORECASE
)


def _scrub_environment() -> None:
    """No test may see the keys, proxies, display, bus, keyring or home of whoever runs it."""
    for name in [name for name in os.environ if _FOREIGN.search(name)]:
        del os.environ[name]
    places = {"HOME": _HOME, "USERPROFILE": _HOME, "APPDATA": _HOME / "appdata", "LOCALAPPDATA": _HOME / "localappdata"}
    places |= {f"XDG_{kind}_HOME": _HOME / kind.lower() for kind in ("CONFIG", "DATA", "CACHE", "STATE")}
    places["XDG_RUNTIME_DIR"] = _HOME / "run"
    for name, path in places.items():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[name] = str(path)
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


_scrub_environment()
hypothesis.settings.register_profile("patchbay", deadline=None, database=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("patchbay")


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


class _Loops:
    """The one loop of the session, made when first wanted."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def get(self) -> asyncio.AbstractEventLoop:
        if self.loop is None:
            from app.desktop_loop import new_desktop_loop

            self.loop = new_desktop_loop()
        return self.loop

    def stray_tasks(self) -> set[asyncio.Task[Any]]:
        return set() if self.loop is None else {task for task in asyncio.all_tasks(self.loop) if not task.done()}

    def close(self) -> None:
        if self.loop is not None:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()


_loops = _Loops()


@pytest.fixture(scope="session")
def event_loop_of_session() -> Generator[asyncio.AbstractEventLoop]:
    """The session's loop, for the rare test that drives it by hand."""
    return _loops.get()


def pytest_sessionfinish() -> None:
    _loops.close()


def _run(start: Callable[[], Awaitable[Any]], limit_s: float) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(limit_s):
            return await start()

    return _loops.get().run_until_complete(limited())


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a plain `async def` test on the session's loop, within its time limit."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    marker = pyfuncitem.get_closest_marker("time_limit")
    _run(functools.partial(pyfuncitem.obj, **arguments), marker.args[0] if marker else TIME_LIMIT_S)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Let a fixture be an `async def`, with or without a `yield`."""
    function = fixturedef.func
    if inspect.isasyncgenfunction(function):
        fixturedef.func = _from_generator(function)
    elif inspect.iscoroutinefunction(function):
        fixturedef.func = lambda **arguments: _run(functools.partial(function, **arguments), TIME_LIMIT_S)
    return (yield)


def _from_generator(function: Callable[..., AsyncGenerator[Any]]) -> Callable[..., Generator[Any]]:
    def fixture(**arguments: Any) -> Generator[Any]:
        generator = function(**arguments)
        yield _run(generator.__anext__, TIME_LIMIT_S)
        try:
            _run(generator.__anext__, TIME_LIMIT_S)
        except StopAsyncIteration:
            return
        raise AssertionError(f"the fixture {function.__name__} yields more than once")

    fixture.__name__ = function.__name__
    return fixture


@pytest.fixture(autouse=True)
def no_stray_tasks() -> Generator[None]:
    """Fail a test that leaves a task running after its fixtures are gone: nobody would ever see it end."""
    before = _loops.stray_tasks()
    yield
    stray = _loops.stray_tasks() - before
    if stray:
        _run(lambda: asyncio.wait(stray, timeout=SETTLE_S), TIME_LIMIT_S)
        left = {task for task in stray if not task.done()}
        for task in left:
            task.cancel()
        if left:
            _run(lambda: asyncio.wait(left, timeout=SETTLE_S), TIME_LIMIT_S)
            pytest.fail("tasks outlived the test: " + ", ".join(sorted(task.get_name() for task in left)))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds `app/` and `tests/`."""
    return Path(__file__).resolve().parent.parent


def pytest_report_header() -> str:
    return f"python {sys.version.split()[0]}, home for this run {_HOME}"
