"""Loads what is heavy without holding up the proxy: Qt's types in slices on the loop, then modules in a thread.

PySide makes its types when they are first named, and two threads that name some at once crash it (6.11: a segmentation
fault in `Shiboken::Module::get`). Once every type has been named on the loop's thread, importing modules that use them
is as safe in another thread as any Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import ModuleType

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

SLICE_S = 0.004
_named: set[str] = set()


async def window() -> None:
    """Everything the window is made of; 0.2 s."""
    await _name_types(QtCore, QtGui, QtWidgets, QtSvg)
    await asyncio.to_thread(_load_pages)


async def charts() -> None:
    """What charts are drawn with; 0.2 s."""
    await _name_types(QtCore, QtGui, QtWidgets, QtSvg)
    with contextlib.suppress(ImportError):  # pyqtgraph does without them
        from PySide6 import QtOpenGL, QtOpenGLWidgets, QtTest

        await _name_types(QtOpenGL, QtOpenGLWidgets, QtTest)
    await asyncio.to_thread(_load_charts)


async def _name_types(*modules: ModuleType) -> None:
    begun_s = time.perf_counter()
    for module in modules:
        if module.__name__ in _named:
            continue
        for name in dir(module):
            getattr(module, name)
            if time.perf_counter() - begun_s > SLICE_S:
                await asyncio.sleep(0)
                begun_s = time.perf_counter()
        _named.add(module.__name__)


def _load_pages() -> None:
    from app.ui import icons, pages

    pages.load()
    icons.symbol_files()


def _load_charts() -> None:
    import numpy.ma  # noqa: F401 (to have it loaded: the first median would)

    from app.ui.charts import CHARTS

    for entry in CHARTS:
        entry.load()
