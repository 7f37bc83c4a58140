from __future__ import annotations

import ast

from tests.house.source import files, modules

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers"}
TOP_LEVEL = {"pyproject.toml", "app", "resources", "installer", "tests", "README.md"}


def test_nothing_is_named_by_an_empty_word():
    found = [
        str(path)
        for path in files()
        if EMPTY_WORDS & {part.removesuffix(".py").removeprefix("test_") for part in path.parts}
    ]
    assert found == []


def test_the_top_level_holds_only_what_belongs_there():
    top = {path.parts[0] for path in files()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_every_module_says_what_it_is_for():
    empty = [str(module) for module in modules("app", "installer") if not ast.get_docstring(module.tree)]
    assert empty == []


def test_every_room_card_says_more_than_a_line():
    """The package's `__init__`: what it is for, what it may import, which thread, how to add one, what was decided."""
    cards = {
        module.name: ast.get_docstring(module.tree) or ""
        for module in modules("app")
        if module.path.name == "__init__.py"
    }
    rooms = {name: card for name, card in cards.items() if name.count(".") == 1}
    assert [name for name, card in rooms.items() if card.count("\n") < 3] == []
