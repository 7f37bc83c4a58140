"""Calls that the linter cannot name: dialogs that block, tasks without a name, text split where the wire does not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6 import QtWidgets

from tests.house.source import Module, calls, modules

STATIC_DIALOGS = {
    "QMessageBox": {"question", "information", "warning", "critical", "about", "aboutQt"},
    "QFileDialog": {
        "getOpenFileName",
        "getOpenFileNames",
        "getOpenFileUrl",
        "getOpenFileUrls",
        "getSaveFileName",
        "getSaveFileUrl",
        "getExistingDirectory",
        "getExistingDirectoryUrl",
    },
    "QInputDialog": {"getText", "getMultiLineText", "getInt", "getDouble", "getItem"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}
WIRE_ROOMS = {"dialects", "proxy", "export"}
MAY_PRINT = {"cli", "main"}


def blocking_dialogs(module):
    """A nested Qt loop makes the proxy stand still until someone clicks: dialogs open with `open()`."""
    for call, name in calls(module):
        owner, _, method = name.rpartition(".")
        if method in ("exec", "exec_") or method in STATIC_DIALOGS.get(owner.rpartition(".")[2], ()):
            yield f"{module}:{call.lineno} {name}"


def nameless_tasks(module):
    """A task needs a name for the logs, and someone who keeps it: the loop holds it only weakly."""
    kept = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for call, name in calls(module):
        owner, _, method = name.rpartition(".")
        if method in ("create_task", "ensure_future"):
            nameless = not any(keyword.arg in ("name", None) for keyword in call.keywords)
            lost = id(call) in kept and "group" not in owner
            if owner == "asyncio" or nameless or lost:
                yield f"{module}:{call.lineno} {name}"


def text_split_by_unicode(module):
    """str.splitlines also splits on U+2028 and its kin, which a wire line may hold."""
    for call, name in calls(module):
        if name.endswith(".splitlines"):
            yield f"{module}:{call.lineno} {name}"


def test_no_dialog_blocks():
    assert [found for module in modules("app") for found in blocking_dialogs(module)] == []


def test_every_task_has_a_name_and_an_owner():
    assert [found for module in modules("app") for found in nameless_tasks(module)] == []


def test_wire_text_is_not_split_by_unicode():
    assert [
        found for module in modules("app") if module.room in WIRE_ROOMS for found in text_split_by_unicode(module)
    ] == []


def test_only_the_terminals_room_prints():
    found = [
        f"{module}:{call.lineno}"
        for module in modules("app")
        if module.room not in MAY_PRINT
        for call, name in calls(module)
        if name == "print"
    ]
    assert found == []


def test_no_widget_has_a_coroutine():
    """A view shows; what takes time is started through the page's tasks, which show its errors and cancel it."""
    found = [
        f"{module}:{method.lineno} {view.name}.{method.name}"
        for module in modules("app")
        if module.room == "ui"
        for view in ast.walk(module.tree)
        if isinstance(view, ast.ClassDef) and any(is_widget(base) for base in view.bases)
        for method in view.body
        if isinstance(method, ast.AsyncFunctionDef)
    ]
    assert found == []


def is_widget(base):
    name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
    found = getattr(QtWidgets, name, None)
    return isinstance(found, type) and issubclass(found, QtWidgets.QWidget)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (blocking_dialogs, "box.exec()"),
        (blocking_dialogs, "QtWidgets.QMessageBox.question(self, 'a', 'b')"),
        (blocking_dialogs, "QFileDialog.getSaveFileName()"),
        (nameless_tasks, "task = asyncio.create_task(f(), name='x')"),
        (nameless_tasks, "task = loop.create_task(f())"),
        (nameless_tasks, "loop.create_task(f(), name='x')"),
        (text_split_by_unicode, "text.splitlines()"),
    ],
)
def test_each_rule_can_fail(rule, code):
    assert list(rule(Module(Path("app/ui/x.py"), "app.ui.x", ast.parse(code), 1)))


def test_what_is_right_passes():
    code = "self.task = loop.create_task(f(), name='x')\nbox.open()\ngroup.create_task(f(), name='y')"
    module = Module(Path("app/ui/x.py"), "app.ui.x", ast.parse(code), 1)
    assert not [*nameless_tasks(module), *blocking_dialogs(module)]
