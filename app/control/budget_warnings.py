"""Telling the user that a budget runs low or is used up: a notice while it is so, and one message a period."""

from __future__ import annotations

from collections.abc import Callable

from app.control.core import Core
from app.control.subscribers import Subscribers
from app.control.tallies import LOW, USED_UP, Account
from app.domain import budget_words
from app.domain.status import NoticeAction, Severity

_PREFIX = "budget-"


class BudgetWarnings:
    """Looks at accounts when they counted something. `tally.warned` is kept, so that a restart tells nothing twice."""

    def __init__(self, core: Core, key_name: Callable[[str], str], keep: Callable[[Account], None]) -> None:
        self._core = core
        self._key_name = key_name
        self._keep = keep
        self._subscribers: Subscribers[str] = Subscribers()

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Be told each message, once a budget and period for each of the two marks."""
        return self._subscribers.add(callback)

    def look(self, account: Account, *, refused: bool = False) -> None:
        """See how the account stands; `refused`: what is left was too little for a request.

        Past the mark that means as much as used up; before it, one large request is told so itself, and nobody else.
        """
        level = _level(account)
        level = USED_UP if refused and level else level
        if level > account.tally.warned:
            account.tally.warned = level
            self._keep(account)
            self.show(account)
            self._subscribers.tell(self._text(account, level))

    def show(self, account: Account) -> None:
        """Bring its notice up to date; not with every count, because everything that is seen follows notices."""
        level = account.tally.warned
        if not level:
            self.forget(account.budget.id)
            return
        severity = Severity.ERROR if level == USED_UP and account.budget.hard else Severity.WARNING
        text, action = self._text(account, level), NoticeAction.OPEN_BUDGETS
        self._core.notices.put(_PREFIX + account.budget.id, severity, text, action, "Open Budgets", quiet=True)

    def reset(self, account: Account) -> None:
        """Its amount was changed: look anew."""
        account.tally.warned = 0
        self._keep(account)
        self.look(account)
        self.show(account)

    def forget(self, budget_id: str) -> None:
        """There is no such budget any more."""
        self._core.notices.drop(_PREFIX + budget_id)

    def _text(self, account: Account, level: int) -> str:
        words = budget_words.used_up if level == USED_UP else budget_words.warning
        return words(account.standing(), self._core.clock.now_us(), self._key_name)


def _level(account: Account) -> int:
    budget, used = account.budget, account.tally.used
    if used >= budget.amount:
        return USED_UP
    return LOW if budget.warn_percent and used * 100 >= budget.amount * budget.warn_percent else 0
