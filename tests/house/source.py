"""The project's own source, read once for all house tests."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.house.rooms import TOP

ROOT = Path(__file__).resolve().parents[2]
_MADE_BY_TOOLS = {
    ".venv",
    ".git",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "build",
    "dist",
}


@dataclass(frozen=True)
class Module:
    """A Python file: its path below the top, its dotted name, its syntax tree."""

    path: Path
    name: str
    tree: ast.Module
    lines: int

    @property
    def room(self) -> str:
        """The room it stands in; TOP for the files above the rooms."""
        parts = self.path.parts
        return parts[1] if len(parts) > 2 else TOP

    def __str__(self) -> str:
        return self.path.as_posix()


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, below the top: what git tracks or would track."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        paths = (path for path in ROOT.rglob("*") if path.is_file())
        listed = [
            str(path.relative_to(ROOT)) for path in paths if not _MADE_BY_TOOLS & set(path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(Path(name) for name in listed if name and (ROOT / name).is_file()))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files below these folders of the top."""
    return tuple(_read(path) for path in files() if path.suffix == ".py" and path.parts[0] in folders)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything the module imports, wherever in it the import stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of the module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call, with the dotted text of what is called: `asyncio.create_task`, `self.dialog.exec`."""
    return ((node, _dotted(node.func)) for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _read(path: Path) -> Module:
    text = (ROOT / path).read_text(encoding="utf-8")
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    return Module(path, name, ast.parse(text, filename=str(path)), text.count("\n"))
