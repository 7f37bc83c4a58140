"""The fields of a client key: its name, when it ends, and everything that may narrow it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QDateTime, QTime, Signal
from PySide6.QtWidgets import QButtonGroup, QDateTimeEdit, QHBoxLayout, QLineEdit, QRadioButton, QWidget

from app.domain.client_key import ClientKey, KeyPolicy
from app.ui import formats, key_words
from app.ui.style import GRID, Label
from app.ui.widgets.calm import CalmSpin
from app.ui.widgets.choice import ChoiceButton
from app.ui.widgets.form import Form

FORMAT = "yyyy-MM-dd HH:mm"
FIELD_WIDTH = 56 * GRID
CHOICE_WIDTH = 22 * GRID
CLIENTS = (
    "claude-code",
    "codex",
    "gemini-cli",
    "anthropic-python",
    "anthropic-js",
    "openai-python",
    "openai-js",
    "google-genai",
    "curl",
    "other",
)
"""Tools as the record names them; "other" is any that it does not know."""
FIRST_DAYS = 90
"""What is proposed for a key that is to end."""
NO_BOUND = "no limit"
A_MINUTE, AT_ONCE = "a minute", "at once"
MOST = 1_000_000_000
"""The most that a bound may be, as control has it: a smaller one here would change what is only looked at."""
LAST_MS = 253_402_300_799_000
"""The end of the year 9999."""
_APART = re.compile(r"[,;\s]+")


class KeyForm(Form):
    """Makes a name, tags and a policy of what was entered."""

    edited = Signal()

    def __init__(self, taken: Iterable[str], clients: Iterable[str], now_us: int) -> None:
        super().__init__()
        self._taken = {name.casefold() for name in taken}
        self._now_us = now_us
        self._kept = KeyPolicy()
        self.name, self.tags, self.models, self.networks = (QLineEdit() for _ in range(4))
        self.name.setMinimumWidth(FIELD_WIDTH)
        self.name.setPlaceholderText("laptop")
        self.tags.setPlaceholderText("work, website")
        self.models.setPlaceholderText("every model")
        self.networks.setPlaceholderText("anywhere")
        self.never, self.at = QRadioButton("Ne&ver"), QRadioButton("&On")
        self.ends = QDateTimeEdit(_later(now_us))
        self.dialects = ChoiceButton("Dialect", anything="Every dialect")
        self.dialects.set_values(key_words.DIALECTS, label=lambda name: key_words.DIALECTS.get(name, name))
        self.clients = ChoiceButton("Client", anything="Every client")
        self.clients.set_values(dict.fromkeys((*CLIENTS, *clients)))
        self.requests = _bound()
        self.tokens = _bound(step=10_000)
        self.concurrent = _bound()
        self._add_rows()
        self._connect()

    def _add_rows(self) -> None:
        self.add("name", "&Name", self.name)
        self.add("tags", "&Tags", self.tags, hint="Separated by commas; for you alone.")
        self.add("expires", "Ends", self._expiry(), focus=self.never)
        hint = "Such as claude-* or Ollama:*, where * stands for any part: where requests may lead, and Claude's names."
        self.add("models", "&Models", self.models, hint=hint)
        self.add("networks", "A&ddresses", self.networks, hint="Addresses or networks, such as 192.168.1.0/24.")
        self.add("dialects", "D&ialects", self.dialects)
        self.add("clients", "C&lients", self.clients)
        self._add_bound("requests_per_minute", "&Requests", self.requests, A_MINUTE)
        self._add_bound("tokens_per_minute", "To&kens", self.tokens, A_MINUTE)
        self._add_bound("concurrent", "R&unning", self.concurrent, AT_ONCE)
        for button in (self.dialects, self.clients):
            button.align_left()
        for widget in (self.dialects, self.clients, self.requests, self.tokens, self.concurrent):
            widget.setFixedWidth(CHOICE_WIDTH)

    def _add_bound(self, name: str, caption: str, spin: CalmSpin, unit: str) -> None:
        """The unit stands beside the field, so that it is read while there is no bound yet."""
        beside = QWidget()
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(spin)
        row.addWidget(Label(unit, role="muted"))
        row.addStretch(1)
        beside.setFocusProxy(spin)
        self.add(name, caption, beside, focus=spin)
        spin.setAccessibleName(f"{spin.accessibleName()} {unit}")

    def _expiry(self) -> QWidget:
        self._end = QButtonGroup(self)
        for button in (self.never, self.at):
            self._end.addButton(button)
        self.never.setChecked(True)
        self.ends.setDisplayFormat(FORMAT)
        self.ends.setCalendarPopup(True)
        self.ends.setAccessibleName("Day and time it ends")
        self.ends.setMinimumWidth(20 * GRID)
        self.ends.setEnabled(False)
        self.at.toggled.connect(self.ends.setEnabled)
        self.in_words = Label(role="muted", scale=0.9)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for widget in (self.never, self.at, self.ends, self.in_words):
            row.addWidget(widget)
        row.addStretch(1)
        return box

    def _connect(self) -> None:
        for edit in (self.name, self.tags, self.models, self.networks):
            edit.textChanged.connect(self._changed)
        for spin in (self.requests, self.tokens, self.concurrent):
            spin.valueChanged.connect(self._changed)
        for choice in (self.dialects, self.clients):
            choice.changed.connect(self._changed)
        self.at.toggled.connect(self._changed)
        self.ends.dateTimeChanged.connect(self._changed)

    def _changed(self, *_: object) -> None:
        self.clear_errors()
        ahead = self._ends_us() - self._now_us
        self.in_words.setText(f"in {key_words.span(ahead)}" if self.at.isChecked() and ahead > 0 else "")
        self.edited.emit()

    # what it holds

    def show_key(self, key: ClientKey) -> None:
        """Edit one that exists."""
        self._taken.discard(key.name.casefold())
        policy = self._kept = key.policy
        self.name.setText(key.name)
        self.tags.setText(", ".join(key.tags))
        self.models.setText(", ".join(policy.models))
        self.networks.setText(", ".join(policy.networks))
        self.dialects.choose(policy.dialects)
        self.clients.choose(policy.clients)
        self.requests.setValue(policy.requests_per_minute)
        self.tokens.setValue(policy.tokens_per_minute)
        self.concurrent.setValue(policy.concurrent)
        if policy.expires_us:
            self.at.setChecked(True)
            self.ends.setDateTime(QDateTime.fromMSecsSinceEpoch(min(policy.expires_us // 1000, LAST_MS)))
        self._changed()

    def tag_values(self) -> tuple[str, ...]:
        """The tags, each once."""
        found = (tag.strip() for tag in self.tags.text().split(","))  # no tag holds a comma
        return tuple(dict.fromkeys(tag for tag in found if tag))

    def policy(self) -> KeyPolicy:
        """What was entered; addresses as they were typed."""
        return replace(
            self._kept,
            expires_us=self._ends_us(),
            models=_words(self.models.text(), self._kept.models),
            dialects=self.dialects.chosen,
            clients=self.clients.chosen,
            networks=_words(self.networks.text(), self._kept.networks),
            requests_per_minute=self.requests.value(),
            tokens_per_minute=self.tokens.value(),
            concurrent=self.concurrent.value(),
        )

    def _ends_us(self) -> int:
        if not self.at.isChecked():
            return 0
        shown = self.ends.dateTime().toMSecsSinceEpoch() * 1000
        kept = self._kept.expires_us  # which may have seconds that are not shown
        return kept if kept and abs(kept - shown) < 60_000_000 else shown

    def wrong(self) -> tuple[str, str] | None:
        """(field, what is wrong with it) of the first field that cannot be kept; None where all is well."""
        name = self.name.text().strip()
        if not name:
            return "name", "Give the key a name by which you know it again."
        if name.casefold() in self._taken:
            return "name", "Another key bears this name; choose another."
        ends = self._ends_us()
        if ends and ends <= self._now_us and ends != self._kept.expires_us:
            return "expires", "This moment has passed. Choose a later one, or “Never”."
        for text in _words(self.networks.text(), ()):
            if problem := network_problem(text):
                return "networks", problem
        return None


def network_problem(text: str) -> str:
    """What is wrong with an address or network in CIDR form; empty where nothing is."""
    shown = formats.one_line(text, 60)
    try:
        ipaddress.ip_network(text)
    except ValueError:
        try:
            meant = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return f"“{shown}” is neither an address nor a network. Write one like 192.168.1.20, 192.168.1.0/24 or ::1."
        return f"“{shown}” is an address with a network's length. Write {meant} for the network, or the address alone."
    return ""


def _words(text: str, kept: tuple[str, ...]) -> tuple[str, ...]:
    """What is listed; `kept` where the text still says that, even if one of them holds a blank or a comma."""
    if text == ", ".join(kept):
        return kept
    return tuple(dict.fromkeys(word for word in _APART.split(text) if word))


def _bound(*, step: int = 1) -> CalmSpin:
    spin = CalmSpin()
    spin.setRange(0, MOST)
    spin.setSingleStep(step)
    spin.setSpecialValueText(NO_BOUND)
    spin.setGroupSeparatorShown(True)
    return spin


def _later(now_us: int) -> QDateTime:
    """The first proposal for an end: midnight, some weeks ahead."""
    at = QDateTime.fromMSecsSinceEpoch(now_us // 1000).addDays(FIRST_DAYS)
    at.setTime(QTime(0, 0))
    return at
