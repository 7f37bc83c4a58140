"""The line at the foot of the window: what the tray says, always in sight."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QStatusBar, QWidget

from app.domain.status import AppStatus, Encryption, ProxyState
from app.ui import formats, standing, theme
from app.ui.style import CAPTION, GRID, Label, plain_tooltip

LAG_EVERY_MS = 500
LAG_SHOWN_MS = 50
LAG_KEPT = 20
"""Samples for which a stall stays in sight: 10 s."""
NOTE_MS = 6_000


class StateLine(QStatusBar):
    """State, address, target, today, and the loop's lag when it matters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setAccessibleName("State")
        self.state = self._label(strong=True)
        self.address = self._label(role="muted", selectable=True)
        self.target = self._label()
        self.today = self._label()
        self.recording = self._label(role="warning")
        self.note = Label(scale=CAPTION, role="accent")
        self.lag = Label(scale=CAPTION, role="warning")
        self.addPermanentWidget(self.note)
        self.addPermanentWidget(self.lag)
        self._clear_note = QTimer(self, singleShot=True, interval=NOTE_MS)
        self._clear_note.timeout.connect(self.note.clear)
        self._beat = QTimer(self, interval=LAG_EVERY_MS)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._sample)
        self._lags: list[float] = []
        self._due_ms = 0.0
        self.setContentsMargins(GRID, 2, GRID, 2)

    def _label(self, *, role: str = "text", strong: bool = False, selectable: bool = False) -> Label:
        label = Label(scale=CAPTION, role=role, strong=strong)
        if selectable:
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setContentsMargins(0, 0, 2 * GRID, 0)
        self.addWidget(label)
        return label

    def show_status(self, status: AppStatus) -> None:
        """Say how things stand."""
        now = standing.of_program(status, time.time_ns() // 1_000)
        self.state.setText(f"{now.mark} {now.word}")
        self.state.set_role(now.role)
        self.state.setToolTip(plain_tooltip(now.why))
        listens = status.proxy in (ProxyState.RUNNING, ProxyState.PAUSED)
        self.address.setText(status.base_url + (" open, no key asked" if status.open_auth else "") if listens else "")
        self.address.set_role("error" if status.open_auth else "muted")
        self.address.setToolTip("Where clients point their base URL")
        self.target.setText(standing.target(status) if status.providers else "")
        self.target.setToolTip(plain_tooltip(standing.models(status)))
        self.today.setText(f"today {standing.today(status)}" if status.today.exchanges else "")
        self.today.setToolTip(_exact(status))

        kept = standing.recording(status)
        self.recording.setText(f"{standing.PAUSED} {kept}" if kept and status.encryption is not Encryption.ON else "")

    def say(self, text: str) -> None:
        """A passing note that something was done."""
        self.note.setText(formats.one_line(text, 120))
        self._clear_note.start()

    # how late the loop is, measured only while somebody looks

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to measure."""
        super().showEvent(event)
        self._due_ms = _now_ms() + LAG_EVERY_MS
        self._beat.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure no more."""
        super().hideEvent(event)
        self._beat.stop()

    def _sample(self) -> None:
        now_ms = _now_ms()
        self._lags = [*self._lags[1 - LAG_KEPT :], now_ms - self._due_ms]
        self._due_ms = now_ms + LAG_EVERY_MS
        worst = max(self._lags)
        text = f"▲ loop lag {formats.duration(worst)}" if worst > LAG_SHOWN_MS else ""
        if text != self.lag.text():
            self.lag.setText(text)
            self.lag.setToolTip("The window held up the proxy for this long within the last 10 s" if text else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A hairline above, no frames."""
        painter = QPainter(self)
        painter.setPen(theme.color("line"))
        painter.drawLine(0, 0, self.width(), 0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()


def _now_ms() -> float:
    return time.monotonic() * 1000


def _exact(status: AppStatus) -> str:
    today = status.today
    return "\n".join(
        (
            f"Cost today: {formats.exact_total_cost(today)}",
            f"In: {formats.exact_tokens(standing.prompt_tokens(today))}, {today.cache_read_tokens:,} from cache",
            f"Out: {formats.exact_tokens(today.output_tokens)}",
            f"Requests: {formats.count(today.exchanges)}, failed {formats.count(today.failed)}",
        )
    )
