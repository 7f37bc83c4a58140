"""What can be done with a row of the history, as its context menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.exchange import Row
from app.ui import formats
from app.ui.icons import symbol


def row_menu(
    parent: QWidget,
    row: Row,
    *,
    copy_rows: Callable[[], None],
    copy_curl: Callable[[], None],
    narrow: Callable[..., Any],
) -> QMenu:
    """The menu for one row; made for each showing and deleted after it."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    rows = menu.addAction(symbol("content-copy"), "&Copy row")
    rows.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    rows.triggered.connect(copy_rows)
    menu.addAction("Copy &id").triggered.connect(lambda: QGuiApplication.clipboard().setText(row.id))
    menu.addAction("Copy as c&url").triggered.connect(copy_curl)
    menu.addSeparator()
    for word, key, value in (
        ("provider", "provider", row.provider),
        ("model", "model", row.sent_model or row.requested_model),
        ("key", "key", row.client_key),
    ):
        action = menu.addAction(f"Only this {word}: {_shown(value)}")
        action.setEnabled(bool(value))
        action.triggered.connect(lambda _checked=False, key=key, value=value: narrow(**{key: value}))
    session = menu.addAction("Only this &session")
    session.setEnabled(bool(row.session_id))
    session.triggered.connect(lambda: narrow(session_id=row.session_id))
    return menu


def _shown(value: str) -> str:
    return formats.one_line(value, 40).replace("&", "&&")
