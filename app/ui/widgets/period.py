"""A button for a stretch of time: presets, or any two moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.ui import formats
from app.ui.style import font


@dataclass(frozen=True, slots=True)
class Preset:
    """A named stretch of time; `bounds` gives (since, until) from the local time it is now, None is open."""

    key: str
    label: str
    bounds: Callable[[datetime], tuple[datetime | None, datetime | None]]


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


PRESETS = (
    Preset("any", "Any time", lambda _now: (None, None)),
    Preset("hour", "Last hour", lambda now: (now - timedelta(hours=1), None)),
    Preset("today", "Today", lambda now: (_day(now), None)),
    Preset("yesterday", "Yesterday", lambda now: (_day(_day(now) - timedelta(hours=12)), _day(now))),
    Preset("week", "Last 7 days", lambda now: (_day(now - timedelta(days=6)), None)),
    Preset("month", "Last 30 days", lambda now: (_day(now - timedelta(days=29)), None)),
    Preset("this_month", "This month", lambda now: (_day(now).replace(day=1), None)),
)


def microseconds(moment: datetime | None) -> int:
    """UTC microseconds of a local moment; 0 for none."""
    return 0 if moment is None else round(moment.timestamp() * 1_000_000)


class PeriodButton(QPushButton):
    """Shows the chosen stretch; "Custom…" asks its owner for two moments with `custom_wanted`."""

    changed = Signal()
    custom_wanted = Signal()

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._preset: Preset | None = PRESETS[0]
        self._custom = (0, 0)
        self._group = QActionGroup(self)
        menu = QMenu(self)
        self._actions = {one.key: self._add(menu, one.label, one) for one in PRESETS}
        menu.addSeparator()
        self._custom_action = self._add(menu, "Custom…", None)
        self.setMenu(menu)
        self._show()

    def _add(self, menu: QMenu, label: str, preset: Preset | None) -> QAction:
        action = menu.addAction(label)
        action.setCheckable(True)
        self._group.addAction(action)
        action.triggered.connect(lambda: self._pick(preset))
        return action

    def _pick(self, preset: Preset | None) -> None:
        if preset is None:
            self._show()
            self.custom_wanted.emit()
            return
        self._preset = preset
        self._show()
        self.changed.emit()

    def bounds_us(self) -> tuple[int, int]:
        """(since, until) in UTC microseconds, 0 where open; a preset is counted from now."""
        if self._preset is None:
            return self._custom
        since, until = self._preset.bounds(self._now())
        return microseconds(since), microseconds(until)

    def set_custom(self, since_us: int, until_us: int) -> None:
        """Take two moments, 0 where open."""
        self._preset, self._custom = None, (since_us, until_us)
        self._show()
        self.changed.emit()

    def reset(self) -> None:
        """Any time; says nothing."""
        self._preset = PRESETS[0]
        self._show()

    @property
    def custom(self) -> tuple[int, int]:
        """The two moments last chosen, for whoever asks for new ones."""
        return self._custom

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self.bounds_us() != (0, 0)

    def _show(self) -> None:
        if self._preset is not None:
            text = self._preset.label
            self._actions[self._preset.key].setChecked(True)
        else:
            since, until = (_moment(value) for value in self._custom)
            text = (
                f"{since} {formats.DASH} {until}"
                if since and until
                else f"since {since}"
                if since
                else f"until {until}"
            )
            self._custom_action.setChecked(True)
        self.setText(text)
        self.setFont(font(strong=self.narrows))
        self.setAccessibleName(f"Time: {text}")


def _moment(at_us: int) -> str:
    return formats.exact_time(at_us)[:16] if at_us else ""
