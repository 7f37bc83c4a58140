from __future__ import annotations

import ast
import sys

import pytest

from tests.house.rooms import FLOORS, LIBRARIES, MAY_IMPORT, NOT_IN_DOMAIN, NOT_IN_FACES, TOP
from tests.house.source import ROOT, Module, imports, modules


def wrong_imports(module):
    """What the module imports and may not, in words."""
    for line, name in imports(module):
        first = name.partition(".")[0]
        if first == "app":
            room = name.split(".")[1] if name.count(".") else TOP
            if room in MAY_IMPORT and module.room not in (TOP, room) and room not in MAY_IMPORT[module.room]:
                yield f"{module}:{line} {module.room} may not import {name}"
            if room not in MAY_IMPORT and module.room != TOP and (ROOT / "app" / f"{room}.py").exists():
                yield f"{module}:{line} {module.room} may not import {name}, which stands above the rooms"
        elif first not in sys.stdlib_module_names:
            if first not in LIBRARIES:
                yield f"{module}:{line} {first} has no room of its own in tests/house/rooms.py"
            elif module.room not in LIBRARIES[first]:
                yield f"{module}:{line} {first} lives in {', '.join(sorted(LIBRARIES[first]))}"
        elif (module.room == "domain" and {first, name} & NOT_IN_DOMAIN) or (
            module.room in FLOORS[4] and {first, name} & NOT_IN_FACES
        ):
            yield f"{module}:{line} {name} does not belong in {module.room}"


def test_every_room_imports_along_the_table_only():
    assert [wrong for module in modules("app") for wrong in wrong_imports(module)] == []


def test_every_room_is_in_the_table():
    rooms = {module.room for module in modules("app")} - {TOP}
    assert rooms <= set(MAY_IMPORT), "a new room needs its line in tests/house/rooms.py"


def test_nothing_is_imported_by_its_name_as_text():
    """What only a string names is lost by freezing tools and by the test above."""
    banned = {"importlib", "pkgutil"}
    found = [
        f"{module}:{line} {name}"
        for module in modules("app")
        for line, name in imports(module)
        if name.partition(".")[0] in banned and not name.startswith(("importlib.metadata", "importlib.resources"))
        if name != "importlib"
    ]
    assert found == []


def test_every_module_is_reached_from_the_entry_point():
    """A dialect, page or export format that is missing from its room's explicit list is reached by no one."""
    known = {module.name: module for module in modules("app")}
    if "app.__main__" not in known:
        pytest.skip("there is no entry point yet")
    reached, ahead = set(), ["app.__main__"]
    while ahead:
        name = ahead.pop()
        if name in known and name not in reached:
            reached.add(name)
            ahead += [target for _, target in imports(known[name])]
            ahead += [name.rpartition(".")[0]]
    assert sorted(set(known) - reached) == []


@pytest.mark.parametrize(
    ("path", "code", "wrong"),
    [
        ("app/domain/x.py", "import app.store.tables", "domain may not import app.store.tables"),
        ("app/store/x.py", "def f():\n    from app.vault import vault", "store may not import app.vault"),
        ("app/ui/x.py", "from app.proxy.server import ProxyServer", "ui may not import app.proxy.server"),
        ("app/ui/x.py", "from app import proxy", "ui may not import app.proxy"),
        ("app/ui/x.py", "from app.loop import run", "which stands above the rooms"),
        ("app/proxy/x.py", "import peewee", "peewee lives in store"),
        ("app/proxy/x.py", "import leftpad", "leftpad has no room"),
        ("app/domain/x.py", "import time", "time does not belong in domain"),
        ("app/ui/x.py", "import urllib.request", "urllib.request does not belong in ui"),
    ],
)
def test_this_test_can_fail(path, code, wrong):
    module = Module(ROOT.joinpath(path).relative_to(ROOT), path, ast.parse(code), 1)
    assert any(wrong in line for line in wrong_imports(module))
