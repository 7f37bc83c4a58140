"""What the panel asks of each of its tabs."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.exchange import Detail
from app.ui.style import on_base
from app.ui.tasks import Tasks


class DetailTab(QWidget):
    """Shows one aspect of an exchange; `show_detail` comes only while the tab is in front."""

    title: ClassVar[str]

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self.setAccessibleName(self.title.replace("&", ""))
        on_base(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    def show_detail(self, detail: Detail, words: str) -> None:
        """Show this exchange; `words` is what was searched for, to be marked."""
        raise NotImplementedError

    def forget(self) -> None:
        """Hold nothing of it any longer."""
