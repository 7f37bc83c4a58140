from __future__ import annotations

import ast

from tests.house.source import files, modules


def has_logic(tree):
    """Whether there is a function that does more than return what it holds: data and interfaces need no test."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(not is_trivial(step) for step in node.body)
        for node in ast.walk(tree)
    )


def is_trivial(step):
    is_text = isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    return (
        is_text
        or isinstance(step, ast.Pass)
        or (isinstance(step, ast.Return) and isinstance(step.value, ast.Attribute | ast.Constant))
    )


def has_test(path, tests):
    """`test_request.py` stands for request.py and for its parts, request_read.py; `test_request_limits.py` does too."""
    name = path.stem.strip("_")
    present = {test.removeprefix("test_") for test in tests.get(path.parent.parts[1:], ())}
    return any(test == name or test.startswith(f"{name}_") or name.startswith(f"{test}_") for test in present)


def test_every_module_with_logic_has_its_test():
    tests = {}
    for path in files():
        if path.parts[0] == "tests" and path.name.startswith("test_"):
            tests.setdefault(path.parent.parts[1:], set()).add(path.stem)
    untested = [
        str(module)
        for module in modules("app")
        if module.path.name != "__init__.py" and has_logic(module.tree) and not has_test(module.path, tests)
    ]
    assert untested == []


def test_logic_is_told_from_data():
    assert has_logic(ast.parse("def f(x):\n    return x + 1"))
    assert not has_logic(ast.parse("class P(Protocol):\n    def f(self) -> int:\n        'doc'\n        ..."))
    assert not has_logic(ast.parse("class D:\n    x: int = 1\n    @property\n    def y(self):\n        return self.x"))
