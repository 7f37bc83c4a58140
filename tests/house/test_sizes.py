from __future__ import annotations

from tests.house.source import functions, modules

FILE_LINES = 350
TEST_FILE_LINES = 500
FUNCTION_LINES = 50


def test_no_file_is_longer_than_one_idea():
    program = [f"{module} {module.lines}" for module in modules("app", "installer") if module.lines > FILE_LINES]
    tests = [f"{module} {module.lines}" for module in modules("tests") if module.lines > TEST_FILE_LINES]
    assert program + tests == []


def test_no_function_is_longer_than_a_screen():
    found = [
        f"{module}:{function.lineno} {function.name} {function.end_lineno - function.lineno + 1}"
        for module in modules("app", "installer")
        for function in functions(module)
        if function.end_lineno - function.lineno + 1 > FUNCTION_LINES
    ]
    assert found == []
