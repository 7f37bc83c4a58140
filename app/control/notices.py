"""What the user should know now; the same notice said twice stays one."""

from __future__ import annotations

from collections.abc import Callable

from app.control.subscribers import Subscribers
from app.domain.status import Notice, NoticeAction, Severity

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


class Notices:
    """The notices that hold now, the gravest first, each at most once by its id."""

    def __init__(self) -> None:
        self._notices: dict[str, Notice] = {}
        self._subscribers: Subscribers[None] = Subscribers()

    @property
    def current(self) -> tuple[Notice, ...]:
        """Errors before warnings before the rest; the newest of a kind last."""
        return tuple(sorted(self._notices.values(), key=lambda notice: _ORDER.index(notice.severity)))

    def put(
        self,
        notice_id: str,
        severity: Severity,
        text: str,
        action: NoticeAction = NoticeAction.NONE,
        action_label: str = "",
        *,
        quiet: bool = False,
    ) -> None:
        """Say something; it replaces what was said under the same id."""
        notice = Notice(notice_id, severity, text, action, action_label, quiet)
        if self._notices.get(notice_id) != notice:
            self._notices[notice_id] = notice
            self._subscribers.tell(None)

    def drop(self, notice_id: str) -> None:
        """It no longer holds."""
        if self._notices.pop(notice_id, None) is not None:
            self._subscribers.tell(None)

    def subscribe(self, callback: Callable[[None], None]) -> Callable[[], None]:
        """Be told whenever the notices changed."""
        return self._subscribers.add(callback)
