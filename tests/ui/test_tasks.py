from __future__ import annotations

import asyncio
import logging

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget

from app.domain.errors import ConfigError, ErrorKind, PatchbayError
from app.ui.tasks import Tasks, explain


@pytest.fixture
def tasks(qapp):
    return Tasks()


@pytest.fixture
def owner(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


async def answer(value):
    await asyncio.sleep(0)
    return value


async def fail(error):
    await asyncio.sleep(0)
    raise error


async def test_the_result_reaches_the_slot_and_the_task_has_a_name(tasks, owner):
    results = []
    task = tasks.spawn("load the history", answer(5), owner, then=results.append)
    assert task.get_name() == "load the history"
    await task
    await asyncio.sleep(0)
    assert results == [5]
    assert not tasks.running(owner)


async def test_an_error_nobody_takes_is_told_with_what_was_done(tasks, owner):
    heard = []
    tasks.failed.connect(heard.append)
    tasks.spawn("load the history", fail(ConfigError("no such key", key="provider.name")), owner)
    await asyncio.sleep(0.01)
    assert heard == ["Could not load the history: provider.name: no such key"]


async def test_an_error_goes_to_the_place_its_starter_named(tasks, owner):
    heard, here = [], []
    tasks.failed.connect(heard.append)
    tasks.spawn("test", fail(PatchbayError(ErrorKind.BUSY, "busy just now")), owner, failed=here.append)
    await asyncio.sleep(0.01)
    assert here == ["busy just now"]
    assert heard == []


async def test_the_last_word_wins(tasks, owner):
    results = []
    first = tasks.spawn("search", answer("a"), owner, then=results.append, latest=True)
    second = tasks.spawn("search", answer("b"), owner, then=results.append, latest=True)
    await asyncio.gather(first, second, return_exceptions=True)
    await asyncio.sleep(0)
    assert first.cancelled()
    assert results == ["b"]


async def test_a_task_dies_with_its_owner(tasks, qapp):
    widget, results = QWidget(), []
    task = tasks.spawn("wait", answer(1), widget, then=results.append)
    shiboken6.delete(widget)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert results == []


async def test_closing_ends_everything_and_takes_nothing_new(tasks, owner):
    task = tasks.spawn("wait", asyncio.Event().wait(), owner)
    await tasks.close()
    assert task.cancelled()
    assert tasks.spawn("late", answer(1), owner) is None


async def test_cancel_by_name_leaves_the_others(tasks, owner):
    stay = tasks.spawn("stay", answer(1), owner)
    go = tasks.spawn("go", answer(2), owner)
    tasks.cancel(owner, "go")
    assert tasks.running(owner, "stay")
    await asyncio.gather(stay, go, return_exceptions=True)
    assert go.cancelled()
    assert stay.result() == 1


def test_errors_in_words(caplog):
    assert explain(TimeoutError()) == "it took too long; try again"
    assert explain(FileNotFoundError(2, "No such file or directory", "/x/y")) == "No such file or directory (/x/y)"
    with caplog.at_level(logging.CRITICAL):
        assert explain(KeyError("sk-secret")) == "something went wrong inside Patchbay (KeyError); the log says more"


def test_work_that_comes_when_no_loop_runs_any_more_is_let_go(qapp):
    async def work():
        raise AssertionError("never started")

    assert Tasks().spawn("too late", work(), QWidget()) is None
