from __future__ import annotations

from types import SimpleNamespace

from tests.e2e.conftest import results, table


def report(*cell):
    return SimpleNamespace(user_properties=[("cell", cell)])


def test_a_cell_passes_only_if_all_its_tests_do():
    stats = {"failed": [report("A", "y")], "passed": [report("A", "x"), report("A", "y"), report("B", "x")]}
    assert results(stats) == {("A", "x"): "pass", ("A", "y"): "FAIL", ("B", "x"): "pass"}


def test_the_table_leaves_what_did_not_run_empty():
    lines = table({("A", "x"): "pass", ("A", "long"): "FAIL", ("Bee", "x"): "pass"}).split("\n")
    assert lines == [
        "| client | x    | long |",
        "| ------ | ---- | ---- |",
        "| A      | pass | FAIL |",
        "| Bee    | pass |      |",
    ]


def test_other_tests_are_not_in_it():
    assert results({"passed": [SimpleNamespace(user_properties=[])], "error": [SimpleNamespace()]}) == {}
