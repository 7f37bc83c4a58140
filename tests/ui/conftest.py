"""What the face's tests share: fake services, a place for tasks, our look, time to come to rest."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.domain.settings import Theme
from app.ui.in_parts import InParts
from app.ui.tasks import Tasks
from app.ui.theme import ThemeSwitch
from tests.fakes.services import FakeServices


@pytest.fixture(scope="session", autouse=True)
def clipboard(qapp):
    """Left empty: the offscreen platform frees what it holds after Python has, and the run would end in a crash."""
    yield qapp.clipboard()
    qapp.clipboard().clear()


@pytest.fixture(autouse=True)
def collected_here():
    """No worker thread may collect Qt's objects; the program has `collector` for that."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture
def services(tmp_path):
    """A working morning that ends now."""
    return FakeServices.lively(tmp_path, now_s=time.monotonic(), now_us=time.time_ns() // 1_000)


@pytest.fixture
async def tasks(qapp):
    made = Tasks()
    yield made
    await made.close()


@pytest.fixture
def themes(qapp):
    """The application in our light theme, and the switch to change it; light again afterwards."""
    switch = qapp.findChild(ThemeSwitch) or ThemeSwitch(qapp)
    switch.use(Theme.LIGHT)
    yield switch
    switch.use(Theme.LIGHT)


@pytest.fixture
def show(themes):
    """Show a widget at a size; it is closed and gone after the test."""
    shown = []

    def show(widget, width=600, height=300):
        if isinstance(widget, InParts):
            widget.complete()
        widget.resize(width, height)
        widget.show()
        QApplication.processEvents()
        shown.append(widget)
        return widget

    yield show
    for widget in shown:
        widget.hide()
        widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def until(true, limit_s=20.0):
    """Wait until something is so."""
    async with asyncio.timeout(limit_s):
        while not true():
            await asyncio.sleep(0.005)


def focus_chain(first):
    """What Tab comes to, beginning with that widget."""
    chain = [first]
    while (one := chain[-1].nextInFocusChain()) is not first:
        chain.append(one)
    return chain
