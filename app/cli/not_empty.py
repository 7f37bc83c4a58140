"""Options whose value must say something: an empty one is mostly a variable of the shell that is not set.

Taken for "not said" it would widen what the command is about: a budget of everything, a rule for every request.
"""

from __future__ import annotations

import argparse
from typing import Any


class NotEmpty(argparse.Action):
    """Takes a value, or with `repeated` one more; ends with code 2 where there is nothing in it."""

    def __init__(self, option_strings: list[str], dest: str, *, repeated: bool = False, **more: Any) -> None:
        self._repeated = repeated
        super().__init__(option_strings, dest, **more)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        """Take it."""
        if isinstance(values, str) and not values.strip():
            raise argparse.ArgumentError(self, "is empty; say which, or leave the option out")
        before = getattr(namespace, self.dest, None) or ()
        setattr(namespace, self.dest, [*before, values] if self._repeated else values)
