from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref

import pytest

from app.ui.collector import GENERATIONS, YOUNG, Collector


class Node:
    """A thing that can be part of a cycle."""


def cycle():
    one = Node()
    one.itself = one
    return weakref.ref(one)


@pytest.fixture
def collector(qapp):
    made = Collector()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def collections():
    """(thread, generation) of every collection."""
    seen = []

    def note(phase, information):
        if phase == "start":
            seen.append((threading.get_ident(), information["generation"]))

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


async def test_cycles_are_collected_on_this_thread_whoever_made_them(collector, collections):
    gone = []

    def work():
        gone.extend(cycle() for _ in range(3 * YOUNG))

    await asyncio.to_thread(work)
    async with asyncio.timeout(20):
        while any(one() is not None for one in gone):
            for _ in range(2 * YOUNG):
                cycle()
            await asyncio.sleep(0)
    assert {thread for thread, _ in collections} == {threading.get_ident()}


async def test_older_generations_are_looked_through_less_often(collector, collections):
    for _ in range(GENERATIONS * GENERATIONS):
        kept = [Node() for _ in range(YOUNG)]
        collector._turn()
        del kept
    generations = [generation for _, generation in collections]
    assert generations.count(2) == 1
    assert generations.count(1) == GENERATIONS - 1


async def test_little_is_not_worth_a_look(collector, collections):
    gc.collect()
    collections.clear()
    for _ in range(50):
        collector._turn()
    assert collections == []


def test_it_is_given_back(qapp):
    collector = Collector()
    before = gc.isenabled()
    collector.start()
    collector.start()
    assert not gc.isenabled()
    collector.stop()
    collector.stop()
    assert gc.isenabled() is before
    assert gc.get_freeze_count() == 0


CHURN = """
import gc, os, threading, time
from PySide6 import QtCore, QtGui, QtWidgets
from app.ui.collector import Collector
app = QtWidgets.QApplication([])
collector = Collector()
collector.start()
class Node: pass
def work():
    while True:
        one, other = Node(), Node()
        one.other, other.one = other, one
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
end = time.monotonic() + 3
while time.monotonic() < end:
    tree = QtWidgets.QTreeView()
    tree.setModel(QtGui.QStandardItemModel(3, 3))
    tree.resize(100, 100)
    tree.grab()
    tree.deleteLater()
    app.processEvents()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
os._exit(0)
"""


def test_busy_threads_do_not_end_the_process():
    """Without the collector this dies three times in four."""
    assert subprocess.run([sys.executable, "-c", CHURN], check=False, timeout=60).returncode == 0
