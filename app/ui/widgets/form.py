"""A form whose fields say what is wrong with them, right below, in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.style import GRID, MARGIN, Label


class FieldRow:
    """A caption, its field, a hint and an error below it; hidden and shown as one."""

    def __init__(self, caption: QLabel, field: QWidget, beside: QWidget, hint: Label, error: Label) -> None:
        self.caption, self.field = caption, field
        self._beside, self._hint, self._error = beside, hint, error

    def set_error(self, text: str) -> None:
        """Say what is wrong; empty takes it back."""
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self.field.setAccessibleDescription(text or self._hint.text())

    @property
    def error(self) -> str:
        """What is wrong, as shown."""
        return self._error.text()

    def set_hint(self, text: str) -> None:
        """Say what belongs here; empty takes it back."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        self.field.setAccessibleDescription(text)

    def set_visible(self, *, visible: bool) -> None:
        """Show or hide the whole row."""
        for widget in (self.caption, self._beside):
            widget.setVisible(visible)


class Form(QWidget):
    """Captions on the left, fields beside them; `captions` is the least width of the captions, to line up two forms."""

    def __init__(self, *, captions: int = 0) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self._field_height = QLineEdit().sizeHint().height()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(MARGIN)
        self._grid.setVerticalSpacing(MARGIN - GRID // 2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, captions)

    def add(self, name: str, caption: str, field: QWidget, *, hint: str = "", focus: QWidget | None = None) -> FieldRow:
        """A new row; `name` finds it again, `caption` may bear a mnemonic for `focus` or the field itself."""
        label = QLabel(caption)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setBuddy(focus or field)
        (focus or field).setAccessibleName(caption.replace("&", "").rstrip(":"))
        said, error = Label(hint, scale=0.9, role="muted", wrap=True), Label(scale=0.9, role="error", wrap=True)
        # Only hidden, never shown: what has no parent yet would be shown as a window of its own.
        if not hint:
            said.hide()
        error.hide()
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widget in (field, said, error):
            column.addWidget(widget)
        row = self._grid.rowCount()
        label.setMinimumHeight(self._field_height)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(beside, row, 1)
        self.rows[name] = FieldRow(label, field, beside, said, error)
        return self.rows[name]

    def clear_errors(self) -> None:
        """Nothing is wrong yet."""
        for row in self.rows.values():
            row.set_error("")

    def fail(self, name: str, text: str) -> bool:
        """Say it at that field and go there; False where there is no such field in sight."""
        row = self.rows.get(name)
        if row is None or not row.caption.isVisibleTo(self):
            return False
        row.set_error(text)
        row.field.setFocus(Qt.FocusReason.OtherFocusReason)
        return True
