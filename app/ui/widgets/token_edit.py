"""A field for a number of tokens, written as people write it: 60000, 60,000, 60k, 1.5 M."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from app.domain.amounts import AmountError, parse_tokens
from app.ui.style import GRID

MOST_TOKENS = 1_000_000_000
WIDTH = 14 * GRID


class TokenEdit(QLineEdit):
    """Keeps every sign that is typed: one that were left out in silence would make another number."""

    def __init__(self, name: str, *, nothing: str) -> None:
        super().__init__()
        self.setPlaceholderText(nothing)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(name)
        self.editingFinished.connect(self._write_out)

    @property
    def problem(self) -> str:
        """Why what stands there is no number of tokens; empty where it is one."""
        try:
            _read(self.text())
        except AmountError as error:
            return str(error)
        return ""

    def value(self) -> int:
        """The number; 0 where nothing stands there, or nothing that can be read."""
        try:
            return _read(self.text())
        except AmountError:
            return 0

    def setValue(self, tokens: int) -> None:
        """Show a number; 0 is an empty field."""
        self.setText(f"{tokens:,}" if tokens else "")

    def _write_out(self) -> None:
        """Show what was understood."""
        if not self.problem:
            self.setValue(self.value())


def _read(text: str) -> int:
    plain = text.strip()
    if plain.strip("0") == "":
        return 0
    number = parse_tokens(plain)
    if number > MOST_TOKENS:
        raise AmountError(f"It can be at most {MOST_TOKENS:,} tokens.")
    return number
