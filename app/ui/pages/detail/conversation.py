"""The conversation of an exchange: who said what, tools and thinking included, as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QTextCharFormat
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.control.conversation import BlockKind, Conversation, Speaker, conversation
from app.domain.exchange import Detail
from app.ui import theme
from app.ui.pages.detail.tab import DetailTab
from app.ui.pages.detail.turns import pieces, split, summary
from app.ui.style import GRID, MARGIN, Hairline, Label, font, monospace
from app.ui.tasks import Tasks
from app.ui.widgets.text_view import STRIPE, TextView

SLOW_MS = 300
"""What takes longer is said."""
_STRIPES = {Speaker.SYSTEM: "line", Speaker.USER: "accent", Speaker.ASSISTANT: "ok", Speaker.TOOL: "warning"}
_MUTED = frozenset({BlockKind.THINKING, BlockKind.MEDIA})
_MONOSPACE = frozenset({BlockKind.TOOL_CALL, BlockKind.TOOL_RESULT, BlockKind.OTHER})


class ConversationTab(DetailTab):
    """The newest turns and the answer first; the turns before them on demand."""

    title = "&Conversation"

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._read: Conversation | None = None
        self._words = ""
        self._before = Label(role="muted", wrap=True)
        self._whole = QPushButton("Show &all turns")
        self._whole.setCheckable(True)
        self._whole.toggled.connect(self._show)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(MARGIN, GRID, MARGIN, GRID)
        head.addWidget(self._before, 1)
        head.addWidget(self._whole)
        self._line = Hairline()
        self.text = TextView(tasks, "Conversation", font=font(), styles=_styles)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._say_slow)
        self.text.filled.connect(lambda: self.text.mark(self._words))
        self.column.addWidget(self._head)
        self.column.addWidget(self._line)
        self.column.addWidget(self.text, 1)
        self._set_head(shown=False)

    def show_detail(self, detail: Detail, words: str) -> None:
        """Read the bodies in a thread, then show the turns."""
        self._words = words
        self._slow.start()
        self._tasks.spawn("read the conversation", _read(detail), self, then=self._take, latest=True)

    def forget(self) -> None:
        """Let go of the text."""
        self._read = None
        self._slow.stop()
        self._tasks.cancel(self)
        self.text.clear()
        self._set_head(shown=False)

    def _say_slow(self) -> None:
        self.text.show_text("Reading the conversation…")

    def _take(self, read: Conversation) -> None:
        self._slow.stop()
        self._read = read
        self._show()

    def _show(self) -> None:
        if self._read is None:
            return
        read, whole = self._read, self._whole.isChecked()
        earlier, _ = split(read)
        self._before.setText(summary(read))
        self._whole.setVisible(bool(earlier))
        self._set_head(shown=bool(earlier or read.tools))
        self.text.show_pieces(lambda: pieces(read, whole=whole))

    def _set_head(self, *, shown: bool) -> None:
        self._head.setVisible(shown)
        self._line.setVisible(shown)


async def _read(detail: Detail) -> Conversation:
    return await asyncio.to_thread(conversation, detail)


def _styles() -> Mapping[str, QTextCharFormat]:
    """What every style of `turns.pieces` looks like in the theme that holds now."""
    made: dict[str, QTextCharFormat] = {"note": _style("muted")}
    for speaker, stripe in _STRIPES.items():
        made[f"{speaker}-name"] = _style("text", stripe, strong=True)
        made[f"{speaker}-title"] = _style("muted", stripe, strong=True)
        for kind in BlockKind:
            role = "error" if kind is BlockKind.ERROR else "muted" if kind in _MUTED else "text"
            made[f"{speaker}-{kind}"] = _style(role, stripe, fixed=kind in _MONOSPACE)
    return made


def _style(role: str, stripe: str = "", *, strong: bool = False, fixed: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(theme.color(role))
    if fixed:
        made.setFont(monospace())
    if strong:
        made.setFontWeight(QFont.Weight.DemiBold)
    if stripe:
        made.setProperty(STRIPE, stripe)
    return made
