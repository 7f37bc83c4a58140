"""Imported first in every interpreter that has this folder on its path, and switches one guard of the program off.

GUARD_OFF is `module:name=expression`; the expression's value takes the place of the function, once its module is
imported. Only `guard_mutation.py` sets it.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType

WHERE, _, BY = os.environ.get("GUARD_OFF", "").partition("=")
MODULE, _, NAME = WHERE.partition(":")


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: importlib.abc.Loader) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        owner = module
        *path, last = NAME.split(".")
        for part in path:
            owner = getattr(owner, part)
        assert callable(getattr(owner, last)), f"{WHERE} is no guard"
        setattr(owner, last, eval(BY, vars(module)))


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[arg-type]
        return spec


if MODULE:
    sys.meta_path.insert(0, _Finder())
