"""The sums over what is shown, in one line of words and figures, and what has arrived since."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.domain.exchange import Totals
from app.ui import formats
from app.ui.icons import symbol
from app.ui.style import GRID, Label, plain_tooltip


class TotalsLine(QWidget):
    """Reads "1,204 exchanges · 7 failed · 1.83 M tokens in · 413 k out · $18.27"; beside it what can be done."""

    top_wanted = Signal()
    export_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._new = 0
        self.text = Label(role="muted")
        self.text.setAccessibleName("Totals")
        self.problem = Label(role="error")
        self.problem.hide()
        self.new = QPushButton()
        self.new.setIcon(symbol("arrow-up", "accent"))
        self.new.setFlat(True)
        self.new.hide()
        self.new.clicked.connect(self.top_wanted)
        self.export = QPushButton("&Export…")
        self.export.setIcon(symbol("tray-arrow-down"))
        self.export.clicked.connect(self.export_wanted)
        self.delete = QPushButton("Delete…")
        self.delete.setIcon(symbol("delete-outline"))
        self.delete.setToolTip(plain_tooltip("Delete what is shown from the history"))
        self.delete.clicked.connect(self.delete_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.text)
        layout.addWidget(self.problem, 1)
        layout.addStretch(1)
        layout.addWidget(self.new)
        layout.addWidget(self.export)
        layout.addWidget(self.delete)

    def show_totals(self, totals: Totals, *, narrowed: bool) -> None:
        """Show the sums; `narrowed`: they are of a part of the history."""
        exchanges = f"{formats.count(totals.exchanges)} exchange{'' if totals.exchanges == 1 else 's'}"
        prompt = totals.input_tokens + totals.cache_read_tokens + totals.cache_write_tokens
        parts = [f"{exchanges} match" if narrowed else exchanges]
        if totals.failed:
            parts.append(f"{formats.count(totals.failed)} failed")
        parts.append(f"{formats.tokens(prompt)} tokens in")
        parts.append(f"{formats.tokens(totals.output_tokens)} out")
        parts.append(formats.total_cost(totals))
        self.text.setText("  ·  ".join(parts))
        exact = (
            f"{formats.count(totals.input_tokens)} tokens in that were new",
            f"{formats.count(totals.cache_read_tokens)} read from the cache",
            f"{formats.count(totals.cache_write_tokens)} written to the cache",
            f"{formats.count(totals.output_tokens)} tokens out",
            formats.exact_total_cost(totals),
        )
        self.text.setToolTip(plain_tooltip("\n".join(exact)))

    def fail(self, text: str) -> None:
        """Say what could not be read; empty takes it back."""
        self.problem.setText(formats.one_line(text))
        self.problem.setVisible(bool(text))

    def add_new(self, number: int) -> None:
        """So many more have arrived above what is looked at."""
        self._new += number
        self.new.setText(f"{formats.count(self._new)} new")
        self.new.show()

    def forget_new(self) -> None:
        """The top is in sight."""
        self._new = 0
        self.new.hide()
