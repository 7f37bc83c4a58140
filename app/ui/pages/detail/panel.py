"""The panel beside the history: one exchange, its figures, and a tab for each aspect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QToolButton, QVBoxLayout, QWidget

from app.domain.exchange import Detail, Row, State
from app.ui import formats
from app.ui.icons import symbol
from app.ui.in_parts import InParts
from app.ui.models.columns import COLUMNS, cost_text, estimated, models, state_word, status_words
from app.ui.models.curl import curl
from app.ui.models.exchanges import mark
from app.ui.pages.detail.conversation import ConversationTab
from app.ui.pages.detail.cost import CostTab
from app.ui.pages.detail.headers import HeadersTab
from app.ui.pages.detail.raw import RawTab
from app.ui.pages.detail.tab import DetailTab
from app.ui.pages.detail.timeline import TimelineTab
from app.ui.style import GRID, MARGIN, Hairline, Label, on_base
from app.ui.tasks import Tasks
from app.ui.widgets.dot import dot
from app.ui.widgets.elided import Elided
from app.ui.widgets.figures import Strip

if TYPE_CHECKING:
    from app.control.services import Services

TABS: tuple[type[DetailTab], ...] = (ConversationTab, RawTab, HeadersTab, TimelineTab, CostTab)
_EXACT = {column.key: column.exact for column in COLUMNS}
MARK = 16


class DetailPanel(InParts, QWidget):
    """Shows one exchange; Escape or the cross closes it."""

    closed = Signal()

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self._detail: Detail | None = None
        self._words = ""
        self._series: Mapping[str, int] = {}
        self._stale: set[DetailTab] = set()
        on_base(self)
        self.setAccessibleName("Detail of the exchange")
        self.setMinimumWidth(48 * GRID)

    def parts(self) -> Iterator[None]:
        """The head, then each tab."""
        self._mark, self._dot = QLabel(), QLabel()
        self.state = Label(strong=True)
        self.target = Elided(strong=True)
        self.caption = Label(scale=0.9, role="muted", wrap=True)
        self.error = Label(role="error", wrap=True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = Strip("In (tokens)", "Out (tokens)", "Cost", "First token", "Total")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Aspects of the exchange")
        for kind in TABS:
            yield
            tab = kind(self._tasks)
            self.tabs.addTab(tab, kind.title)
        yield
        self.tabs.currentChanged.connect(lambda _place: self._show_tab())
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID)
        marks: tuple[QWidget, ...] = (self._mark, self.state, self._dot, self.target)
        for mark_or_word in marks:
            head.addWidget(mark_or_word, 1 if mark_or_word is self.target else 0)
        for icon, name, action in (
            ("content-copy", "Copy the id", self._copy_id),
            ("console", "Copy as a curl command, without the key", lambda: self.copy_curl(self.exchange_id)),
            ("close", "Close", self.closed.emit),
        ):
            head.addWidget(_tool(icon, name, action))
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GRID, GRID, GRID)
        top.setSpacing(GRID)
        top.addLayout(head)
        top.addWidget(self.caption)
        top.addWidget(self.error)
        top.addWidget(self.figures)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Hairline(vertical=True))
        layout.addLayout(column, 1)

    @property
    def exchange_id(self) -> str:
        """What is shown; empty where nothing is."""
        return self._detail.row.id if self._detail else ""

    def set_series(self, series: Mapping[str, int]) -> None:
        """Which provider has which color number."""
        self._series = series

    def show_detail(self, detail: Detail, *, words: str = "") -> None:
        """Show this exchange in the tab that is in front; the others when they come to the front."""
        if self._detail == detail and self._words == words:
            return
        self._detail, self._words = detail, words
        self._show_head(detail.row)
        self._stale = {
            tab for place in range(self.tabs.count()) if isinstance(tab := self.tabs.widget(place), DetailTab)
        }
        self._show_tab()

    def forget(self) -> None:
        """Let go of the bodies."""
        self._detail = None
        for place in range(self.tabs.count()):
            tab = self.tabs.widget(place)
            if isinstance(tab, DetailTab):
                tab.forget()

    def take_focus(self) -> None:
        """Return in the table: on to the text."""
        self.tabs.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.tabs.currentWidget().setFocus(Qt.FocusReason.TabFocusReason)

    def copy_curl(self, exchange_id: str) -> None:
        """Put a request onto the clipboard as a command, whether it is shown or not."""
        work = _command(self._services, exchange_id)
        self._tasks.spawn("copy the request", work, self, then=QGuiApplication.clipboard().setText, latest=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _show_tab(self) -> None:
        tab = self.tabs.currentWidget()
        if self._detail is not None and isinstance(tab, DetailTab) and tab in self._stale:
            self._stale.discard(tab)
            tab.show_detail(self._detail, self._words)

    def _show_head(self, row: Row) -> None:
        size, scale = QSize(MARK, MARK), self.devicePixelRatioF()
        self._mark.setPixmap(mark(row.state).pixmap(size, scale))
        self._dot.setPixmap(dot(self._series.get(row.provider)).pixmap(size, scale))
        self.state.setText(state_word(row).capitalize())
        self.target.show_text(formats.one_line(f"{row.provider} › {models(row)}"))
        stream = "streamed" if row.streaming else "in one piece"
        said = (formats.exact_time(row.started_us)[:19], row.client, f"key “{row.client_key}”", stream)
        self.caption.setText(formats.one_line("  ·  ".join(part for part in said if part), 400))
        failed = row.state in (State.FAILED, State.INTERRUPTED, State.CANCELLED)
        self.error.setText(formats.one_line(status_words(row), 2_000) if failed else "")
        self.error.setVisible(failed)
        self.error.set_role("error" if row.state is State.FAILED else "warning")
        self._show_figures(row)

    def _show_figures(self, row: Row) -> None:
        shown = {column.key: column.text(row, 0) for column in COLUMNS if column.key in {"input", "output"}}
        self.figures.show_value("In (tokens)", shown["input"], _EXACT["input"](row))
        self.figures.show_value("Out (tokens)", shown["output"], _EXACT["output"](row))
        quiet = row.cost is None or estimated(row)
        self.figures.show_value("Cost", cost_text(row), _EXACT["cost"](row), role="muted" if quiet else "text")
        first, total = row.first_token_ms, row.duration_ms
        self.figures.show_value("First token", formats.duration(first), _EXACT["first_token"](row))
        self.figures.show_value("Total", formats.duration(total), _EXACT["total"](row))

    def _copy_id(self) -> None:
        QGuiApplication.clipboard().setText(self.exchange_id)


async def _command(services: Services, exchange_id: str) -> str:
    detail = await services.insight.detail(exchange_id)
    if detail is None:
        raise LookupError(exchange_id)
    return await asyncio.to_thread(curl, detail.client_request, services.status.current.base_url)


def _tool(icon: str, name: str, action: object) -> QToolButton:
    button = QToolButton()
    button.setIcon(symbol(icon))
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setAutoRaise(True)
    button.clicked.connect(action)
    return button
