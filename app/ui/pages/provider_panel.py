"""One provider: how it does, where its key is, which model stands for which tier, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton

from app.domain.config import ProviderEntry
from app.domain.provider import CredentialState, Provider, Tier
from app.domain.route import default_model
from app.domain.status import ProviderStatus
from app.ui import formats
from app.ui.dialogs.attempts import Problem, Trial, attempt, probe
from app.ui.dialogs.message import ask
from app.ui.dialogs.models_editor import open_models
from app.ui.dialogs.provider_editor import open_editor
from app.ui.icons import symbol
from app.ui.models.providers import HEALTH_MARKS, key_words
from app.ui.models.tier_models import TIER_HINTS, TIER_LABELS, TIERS
from app.ui.pages.account_list import AccountList
from app.ui.style import GRID, HEADLINE, MARGIN, Hairline, Label, plain_tooltip
from app.ui.tasks import Tasks
from app.ui.widgets.busy import Busy
from app.ui.widgets.calm import CalmCombo
from app.ui.widgets.figures import ValueRows
from app.ui.widgets.flow import Flow
from app.ui.widgets.scroll import Scroll

if TYPE_CHECKING:
    from app.control.services import Services

TEST, CHANGE, UNLOCK = "test the provider", "change the provider", "unlock the system keyring"
MARK = 12
WIDTH = 88 * GRID
COMBO_WIDTH, COMBO_LEAST = 42 * GRID, 24 * GRID
AS_ASKED = "As asked"
DIALECT_LABELS = {
    "anthropic_messages": "Anthropic Messages",
    "openai_chat": "OpenAI Chat Completions",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
}


class _TierBox(CalmCombo):
    """Room for a long model name where the window has it."""

    def sizeHint(self) -> QSize:
        """Of one width, whatever is in it."""
        return QSize(COMBO_WIDTH, super().sizeHint().height())


class ProviderPanel(Scroll):
    """Shows the provider that is selected in the list."""

    removed = Signal(str)

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(width=WIDTH)
        self._services, self._tasks = services, tasks
        self._status: ProviderStatus | None = None
        self.title = Label(scale=HEADLINE, strong=True)
        self._mark, self.health = QLabel(), Label(wrap=True)
        self.use = self._button("&Use this provider", "check", self._use)
        self.test = self._button("&Test", "lan-connect", self._test)
        self.edit = self._button("&Edit…", "pencil-outline", self._edit)
        self.replace_key = self._button("Replace the &key…", "key-outline", lambda: self._edit(at_key=True))
        self.remove = self._button("Re&move…", "trash-can-outline", self._remove)
        self.unlock = self._button("Un&lock the keyring", "lock-open-outline", self._unlock)
        self.models = self._button("E&dit the lists…", "format-list-checks", self._edit_models)
        self.busy, self.told = Busy(), Label(wrap=True)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.rows = ValueRows()
        self.vendor, self.address, self.dialect, self.key = (
            self.rows.add(caption) for caption in ("Vendor", "Address", "Speaks", "Key")
        )
        self.accounts = AccountList(services, tasks)
        self.tiers = {tier: self._tier_box(tier) for tier in TIERS}
        self._tier_hints = {tier: Label(role="muted", wrap=True) for tier in TIERS}
        self._lay_out()
        self.busy.cancelled.connect(self._cancel)
        self.accounts.own_key_wanted.connect(lambda: self._edit(at_key=True))

    def _button(self, label: str, icon: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(label)
        button.setIcon(symbol(icon))
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _tier_box(self, tier: Tier) -> CalmCombo:
        box = _TierBox()
        box.setAccessibleName(f"{TIER_LABELS[tier]} model, {TIER_HINTS[tier]}")
        box.setMinimumWidth(COMBO_LEAST)
        box.setMaximumWidth(COMBO_WIDTH)
        box.setSizeAdjustPolicy(CalmCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        box.activated.connect(lambda place, tier=tier: self._choose(tier, place))
        return box

    def _lay_out(self) -> None:
        health = QHBoxLayout()
        health.setSpacing(GRID)
        health.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        health.addWidget(self.health, 1)
        buttons = Flow(self.use, self.test, self.edit, self.replace_key, self.unlock, self.remove, apart=True)
        column = self.column
        column.addWidget(self.title)
        column.addLayout(health)
        column.addLayout(buttons)
        for widget in (self.busy, self.told, Hairline(), self.rows, Hairline(), self.accounts, Hairline()):
            column.addWidget(widget)
        column.addLayout(self._models_part())

    def _models_part(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(MARGIN)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(2, 1)
        grid.addWidget(Label("Models", strong=True), 0, 0, 1, 2)
        for row, tier in enumerate(TIERS, start=1):
            label = QLabel(TIER_LABELS[tier])
            label.setBuddy(self.tiers[tier])
            grid.addWidget(label, row, 0)
            grid.addWidget(self.tiers[tier], row, 1)
            grid.addWidget(self._tier_hints[tier], row, 2)
        grid.addWidget(self.models, len(TIERS) + 1, 1, Qt.AlignmentFlag.AlignLeft)
        return grid

    # what is shown

    @property
    def name(self) -> str:
        """The provider that is shown; empty where none is."""
        return self._status.name if self._status else ""

    def show_status(self, status: ProviderStatus) -> None:
        """Show this provider, or what has changed about it."""
        if status.name != self.name:
            self._tasks.cancel(self)
            self.busy.stop()
            self._say("")
        self._status = status
        self.title.setText(formats.one_line(status.name, 60))
        icon, role = HEALTH_MARKS[status.health]
        self._mark.setPixmap(symbol(icon, role).pixmap(QSize(MARK, MARK), self.devicePixelRatioF()))
        self.health.setText(formats.one_line(_capital(status.health_text), 400))
        self.vendor.setText(status.vendor_label)
        self.address.setText(formats.one_line(status.base_url, 400))
        spoken = [DIALECT_LABELS.get(one, one) for one in (status.dialect, *status.also_speaks)]
        self.dialect.setText(", ".join(spoken))
        self.key.setText(formats.one_line(_capital(key_words(status).removeprefix("key: "))))
        self.use.setVisible(not status.active)
        locked = status.credential in (CredentialState.LOCKED, CredentialState.UNAVAILABLE, CredentialState.WAITING)
        self.unlock.setVisible(locked)
        built_in = self._entry() is None
        for button in (self.edit, self.replace_key, self.remove, self.models):
            button.setEnabled(not built_in)
        self.accounts.show_status(status, built_in=built_in)
        self._show_tiers()

    def _provider(self) -> Provider | None:
        return self._services.providers.provider(self.name)

    def _entry(self) -> ProviderEntry | None:
        return next((one for one in self._services.providers.entries() if one.name == self.name), None)

    def _show_tiers(self) -> None:
        provider = self._provider()
        for tier, box in self.tiers.items():
            if provider is None or box.view().isVisible():
                continue
            listed, chosen = provider.tier_models(tier), self._chosen(provider, tier)
            offered = tuple(dict.fromkeys((*((chosen,) if chosen else ()), *listed, *provider.listed())))
            model = default_model(provider, tier)
            default = f"Default: {model}" if model else AS_ASKED
            texts = [default, *offered]
            if [box.itemText(place) for place in range(box.count())] != texts:
                box.clear()
                box.addItems(texts)
            box.setCurrentIndex(texts.index(chosen, 1) if chosen else 0)
            box.setToolTip(plain_tooltip(box.currentText()))
            box.setEnabled(self._entry() is not None)
            self._tier_hints[tier].setText(TIER_HINTS[tier])

    def _chosen(self, provider: Provider, tier: Tier) -> str:
        """The user's choice; one that was made for every provider wins while requests go to this one."""
        if self._status is None or not self._status.active:
            return provider.chosen(tier)
        tiers = self._services.status.current.tiers
        return next((one.chosen for one in tiers if one.tier is tier), provider.chosen(tier))

    def _say(self, text: str, *, role: str = "text") -> None:
        self.told.set_role(role)
        self.told.setText(text)
        self.told.setVisible(bool(text))

    # what can be done

    def _use(self) -> None:
        self._tasks.spawn("use the provider", self._services.routes.use(self.name), self, failed=self._failed)

    def _choose(self, tier: Tier, place: int) -> None:
        model = self.tiers[tier].itemText(place) if place else ""
        status, entry = self._status, self._entry()
        if status is None or entry is None:
            return
        if status.active:
            work = attempt(self._services.routes.choose, tier, model)
        else:
            changed = {
                Tier.BIG: replace(entry, big_model=model),
                Tier.MIDDLE: replace(entry, middle_model=model),
                Tier.SMALL: replace(entry, small_model=model),
            }[tier]
            work = attempt(self._services.providers.edit, entry.name, changed, None, keep="keyring")
        self._tasks.spawn(CHANGE, work, self, then=self._changed, failed=self._failed)

    def _changed(self, problem: Problem | None) -> None:
        if problem is not None:
            self._say(problem.text, role="error")
        self._show_tiers()

    def _test(self) -> None:
        entry = self._entry()
        if entry is None:
            entry = ProviderEntry(self.name, vendor=self._status.vendor if self._status else "")
        self._say("")
        self.test.setEnabled(False)
        self.busy.start("Asking the provider for its models…")
        work = probe(self._services, entry, None)
        self._tasks.spawn(TEST, work, self, then=self._tested, failed=self._failed)

    def _tested(self, result: Trial | Problem) -> None:
        self._stop()
        if isinstance(result, Problem):
            self._say(result.text, role="error")
        else:
            self._say(result.message, role="ok" if result.ok else "error")

    def _unlock(self) -> None:
        self._say("")
        self.busy.start("Waiting for the system keyring; it may ask for your password…")
        work = attempt(self._services.providers.unlock_keyring)
        self._tasks.spawn(UNLOCK, work, self, then=self._unlocked, failed=self._failed)

    def _unlocked(self, problem: Problem | None) -> None:
        self._stop()
        if problem is not None:
            text = f"{problem.text} Edit the provider to keep its key for this session only, or in a variable."
            self._say(text, role="error")

    def _failed(self, text: str) -> None:
        self._stop()
        self._say(f"That did not work: {text}.", role="error")

    def _cancel(self) -> None:
        self._tasks.cancel(self)
        self._stop()

    def _stop(self) -> None:
        self.busy.stop()
        self.test.setEnabled(True)

    def _edit(self, *, at_key: bool = False) -> None:
        entry = self._entry()
        if entry is not None:
            open_editor(self, self._services, self._tasks, entry, at_key=at_key)

    def _edit_models(self) -> None:
        entry, provider = self._entry(), self._provider()
        if entry is not None and provider is not None:
            open_models(self, self._services, self._tasks, entry, provider)

    def _remove(self) -> None:
        name = self.name
        losses = "Its settings are taken out of patchbay.toml and its key out of the system keyring."
        kept = "The exchanges it answered stay in the history."
        active = " Requests then go to the next provider in the list." if self._status and self._status.active else ""

        def remove() -> None:
            work = self._services.providers.remove(name)
            self._tasks.spawn(f"remove {name}", work, self, then=lambda _: self.removed.emit(name), failed=self._failed)

        title = f"Remove {formats.one_line(name, 60)}?"
        ask(self, title, f"{losses} {kept}{active}", action="&Remove", then=remove, dangerous=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
