"""What a start may load: the window must not wait for charts, prices or the keyring, the terminal not for Qt."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.source import ROOT

LATER = (
    "numpy",
    "pyqtgraph",
    "genai_prices",
    "bpe_openai",
    "pydantic",
    "keyring",
    "secretstorage",
    "cryptography",
    "psutil",
    "qtawesome",
)
QT = ("PySide6", "shiboken6", "qasync", "qtpy")


def loaded_by(module):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("path", ["app/main.py", "app/loop.py", "app/cli/__init__.py", "app/control/__init__.py"])
def test_heavy_libraries_are_loaded_when_first_used(path):
    if not (ROOT / path).exists():
        pytest.skip(f"there is no {path} yet")
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert loaded_by(module).isdisjoint({*LATER, *QT})


def test_the_window_is_built_without_charts_or_prices():
    if not (ROOT / "app/ui/app.py").exists():
        pytest.skip("there is no window yet")
    assert loaded_by("app.ui.app").isdisjoint(set(LATER) - {"qtawesome"})
