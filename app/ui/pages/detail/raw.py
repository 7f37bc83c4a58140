"""The four sides of an exchange as they were on the wire, and what a conversion changed between them."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QTextCharFormat
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.control.conversation import plain_body, side_of
from app.domain.exchange import Detail, StoredSide
from app.ui import formats, theme
from app.ui.dialogs.files import choose_save
from app.ui.icons import symbol
from app.ui.pages.detail.differences import ADDED, PLACE, REMOVED, comparison, hints
from app.ui.pages.detail.indent import KEY, indented, looks_like_json
from app.ui.pages.detail.tab import DetailTab
from app.ui.style import GRID, MARGIN, Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.text_pages import PAGE_BYTES, Piece
from app.ui.widgets.text_view import TextView

SIDES = (
    ("client_request", "Client request"),
    ("upstream_request", "Upstream request"),
    ("upstream_reply", "Upstream reply"),
    ("client_reply", "Client reply"),
)
_LABELS = dict(SIDES)
_BEFORE = {"upstream_request": "client_request", "client_reply": "upstream_reply"}
"""Which side a side was made from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A body made ready in a thread."""

    side: StoredSide
    body: bytes
    before: bytes
    hints: tuple[str, ...]


class RawTab(DetailTab):
    """One side at a time; JSON indented on demand, identical sides named as such."""

    title = "&Raw"

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._detail: Detail | None = None
        self._shown: Shown | None = None
        self.sides = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, GRID, MARGIN, 0)
        row.setSpacing(GRID // 2)
        for number, (_, label) in enumerate(SIDES):
            button = QToolButton()
            button.setText(label)
            button.setCheckable(True)
            button.setAutoRaise(True)
            self.sides.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self.sides.button(0).setChecked(True)
        self.sides.idClicked.connect(lambda _number: self._prepare())
        self.about = Label(role="muted", wrap=True)
        self.hints = Label(wrap=True)
        self.text = TextView(tasks, "Body", styles=_styles)
        self.column.addLayout(row)
        self.column.addLayout(self._tools())
        self.column.addWidget(_inset(self.about, self.hints))
        self.column.addWidget(Hairline())
        self.column.addWidget(self.text, 1)

    def _tools(self) -> QHBoxLayout:
        self.pretty = QCheckBox("&Indent JSON")
        self.pretty.setChecked(True)
        self.changes = QCheckBox("Sho&w changes")
        self.changes.setToolTip("Compare with the side this one was made from")
        for box in (self.pretty, self.changes):
            box.toggled.connect(self._show)
        self.copy = QPushButton("C&opy")
        self.copy.setIcon(symbol("content-copy"))
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton("&Save…")
        self.save.clicked.connect(self._save)
        tools = QHBoxLayout()
        tools.setContentsMargins(MARGIN, GRID // 2, MARGIN, GRID // 2)
        tools.setSpacing(GRID)
        tools.addWidget(self.pretty)
        tools.addWidget(self.changes)
        tools.addStretch(1)
        tools.addWidget(self.copy)
        tools.addWidget(self.save)
        return tools

    def show_detail(self, detail: Detail, words: str) -> None:
        """Show the side that was looked at last."""
        self._detail = detail
        self._prepare()

    def forget(self) -> None:
        """Let go of the bodies."""
        self._detail = self._shown = None
        self._tasks.cancel(self)
        self.text.clear()

    @property
    def side(self) -> str:
        """The name of the side that is shown."""
        return SIDES[self.sides.checkedId()][0]

    def _prepare(self) -> None:
        if self._detail is not None:
            work = asyncio.to_thread(_shown, self._detail, self.side)
            self._tasks.spawn("read the body", work, self, then=self._take, latest=True)

    def _take(self, shown: Shown) -> None:
        self._shown = shown
        self.about.setText(_about(shown))
        self.hints.setText("\n".join(shown.hints))
        self.hints.setVisible(bool(shown.hints))
        comparable = bool(shown.before and shown.body) and not shown.side.same_as
        self.changes.setEnabled(comparable)
        self.pretty.setEnabled(looks_like_json(shown.body))
        for button in (self.copy, self.save):
            button.setEnabled(bool(shown.body))
        self._show()

    def _show(self) -> None:
        if self._shown is None:
            return
        body, before = self._shown.body, self._shown.before
        if self.changes.isChecked() and self.changes.isEnabled():
            self.text.show_pieces(lambda: comparison(before, body))
        elif self.pretty.isChecked() and looks_like_json(body):
            self.text.show_pieces(lambda: indented(body))
        else:
            self.text.show_pieces(lambda: _plain(body), len(body))

    def _copy(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(_text(self._shown.body))

    def _save(self) -> None:
        if self._detail is None or self._shown is None:
            return
        body, kind = self._shown.body, "json" if looks_like_json(self._shown.body) else "txt"
        name = f"{self._detail.row.id[:12]}-{self.side.replace('_', '-')}.{kind}"

        def write(path: Path) -> None:
            self._tasks.spawn(f"save {path.name}", asyncio.to_thread(path.write_bytes, body), self)

        choose_save(self, "Save the body", name, "All files (*)", write)


def _shown(detail: Detail, name: str) -> Shown:
    """Blocking: unpacking and comparing."""
    side = side_of(detail, name)
    body = plain_body(side)
    old = plain_body(side_of(detail, _BEFORE[name])) if name in _BEFORE and not side.same_as else b""
    told = hints(old, body) if old and body else ()
    if name == "upstream_request" and detail.dropped:
        told = (*told, f"The conversion dropped: {formats.one_line('; '.join(detail.dropped))}")
    return Shown(side, body, old, told)


def _about(shown: Shown) -> str:
    side = shown.side
    parts = [side.line] if side.line else []
    parts.append(formats.exact_size(side.size_bytes))
    coding = next((value for name, value in side.headers if name.lower() == "content-encoding"), "")
    if coding and coding.lower() != "identity":
        parts.append(f"{coding}, shown unpacked" if shown.body != side.body else coding)
    if side.same_as:
        parts.append(f"the same bytes as the {_LABELS.get(side.same_as, side.same_as).lower()}")
    if side.locked:
        parts.append("the body is encrypted, and its key is not in the keyring")
    elif side.dropped:
        parts.append("the body was removed to keep the history within its size")
    elif not shown.body and not side.size_bytes:
        parts.append("no body")
    elif not shown.body:
        parts.append("the body was not recorded")
    return formats.one_line("  ·  ".join(parts), 600)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _plain(body: bytes) -> Iterable[Piece]:
    """Decoded as far as it is looked at."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for start in range(0, len(body), PAGE_BYTES):
        yield Piece(decoder.decode(body[start : start + PAGE_BYTES]))
    yield Piece(decoder.decode(b"", final=True))


def _inset(*widgets: QWidget) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(MARGIN, 0, MARGIN, GRID)
    layout.setSpacing(GRID // 2)
    for widget in widgets:
        layout.addWidget(widget)
    return box


def _styles() -> Mapping[str, QTextCharFormat]:
    made = {}
    for style, role in ((KEY, "link"), (ADDED, "ok"), (REMOVED, "error"), (PLACE, "muted")):
        made[style] = QTextCharFormat()
        made[style].setForeground(theme.color(role))
    return made
