"""The pages of the window, one question each, biggest answer first.

A page is a `Page` with a `name`, a `title` and an `icon` (a Material Design name), made with `(services, tasks)`. What
it consists of is made in `parts`, some milliseconds each: `Ahead` makes them while the loop has time, one a turn, and
whoever comes before makes what is left, at once. It starts work with `self._tasks.spawn(...)`, never with `async def`;
it asks to go elsewhere with `go_to`. To add one: a file here and a line in `load`; the order is that of the rail and of
Ctrl+1..9.

Who goes where (page name, argument):
- ("history", exchange id): select that exchange and show its detail; ("history", "key <name>"): those of that key
- ("providers", "add") or ("providers", provider name)
- ("routes", "") or ("routes", "order" | "rules" | "pins" | "errors" | "try"); "rule", "pin" and "error" add one
- ("keys", "create") or ("keys", id of a client key)
- ("budgets", "add"), ("budgets", "key <id>") for a new one of that key, or ("budgets", id of a budget)
- ("settings", "") or ("settings", "client"): the lines that point a client here
- ("welcome", "")
- ("help", "") or ("help", "security"): a topic of the help
Dialogs that the window's menus open, all non-blocking: `dialogs.export.open_export(parent, services, tasks, wanted)`,
`dialogs.importer.open_import(parent, services, tasks)`, `dialogs.about.open_about(parent, services)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.exchange import Filter
from app.ui.in_parts import InParts
from app.ui.style import on_base
from app.ui.tasks import Tasks

if TYPE_CHECKING:
    from app.control.services import Services


class Page(InParts, QWidget):
    """What the window asks of every page."""

    name: ClassVar[str]
    """Key in the saved layout and in `go_to`."""
    title: ClassVar[str]
    icon: ClassVar[str]
    in_rail: ClassVar[bool] = True
    """Whether it stands in the rail; the others are only come to with `go_to`."""

    go_to = Signal(str, str)
    """(page name, argument): show that page and hand it the argument."""
    said = Signal(str)
    """A short word that something was done, for the line at the foot of the window."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__()
        self._services, self._tasks = services, tasks
        self.setObjectName(f"page-{self.name}")
        self.setAccessibleName(self.title)
        on_base(self)

    def heightForWidth(self, _width: int) -> int:
        """The least: what has more to show than room scrolls inside the page, which itself scrolls only below that."""
        return int(self.minimumSizeHint().height())

    def arrive(self, argument: str) -> None:
        """Somebody came here with `go_to`; empty where there is nothing to say."""

    def focus_search(self) -> bool:
        """Ctrl+F: put the cursor where one searches; False where one cannot."""
        return False

    def refresh(self) -> None:
        """F5: read anew."""

    def shown_filter(self) -> Filter | None:
        """What part of the history is shown, as the default of an export; None where the page shows none."""
        return None

    def save_layout(self) -> bytes:
        """Column widths, splitters and the like, to be given back by `restore_layout` at the next start."""
        return b""

    def restore_layout(self, state: bytes) -> None:
        """What `save_layout` gave; may be of an older version or damaged, and must do no harm then."""


def load() -> tuple[type[Page], ...]:
    """Every page in the order of the rail; imported when the window is first made."""
    from app.ui.pages.budgets import BudgetsPage
    from app.ui.pages.help import HelpPage
    from app.ui.pages.history import HistoryPage
    from app.ui.pages.keys import KeysPage
    from app.ui.pages.live import LivePage
    from app.ui.pages.providers import ProvidersPage
    from app.ui.pages.routes import RoutesPage
    from app.ui.pages.settings import SettingsPage
    from app.ui.pages.welcome import WelcomePage

    return (
        LivePage,
        HistoryPage,
        ProvidersPage,
        RoutesPage,
        KeysPage,
        BudgetsPage,
        SettingsPage,
        WelcomePage,
        HelpPage,
    )
