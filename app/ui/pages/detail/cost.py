"""What an exchange cost: tokens of each class, their price, and where both are known from."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.domain.exchange import Detail, Row
from app.domain.money import NUSD_PER_USD, Cost
from app.domain.usage import UsageSource
from app.ui import formats
from app.ui.models.columns import estimated
from app.ui.pages.detail.tab import DetailTab
from app.ui.style import Hairline, Label
from app.ui.tasks import Tasks
from app.ui.widgets.figures import FigureTable, ValueRows
from app.ui.widgets.scroll import Scroll

USAGE_SOURCES = {
    UsageSource.REPORTED: "Reported by the provider",
    UsageSource.ESTIMATED: "Estimated from the text: the provider reported no counts",
    UsageSource.INVALID: "The provider reported impossible counts; the impossible ones are left out",
    UsageSource.NONE: "Nothing is known: nothing was sent, or no answer came",
}


def parts(row: Row) -> list[tuple[str, int, int | None]]:
    """(class, tokens, nano-dollars or None where unpriced) of every class that could cost something."""
    usage, cost = row.usage, row.cost
    classes = (
        ("Input", usage.input_tokens, "input_nusd"),
        ("Read from the cache", usage.cache_read_tokens, "cache_read_nusd"),
        ("Written to the cache", usage.cache_write_tokens, "cache_write_nusd"),
        ("Output", usage.output_tokens, "output_nusd"),
        ("Web searches", usage.web_searches, "web_search_nusd"),
    )
    used = (one for one in classes if one[2] != "web_search_nusd" or usage.web_searches)
    return [(name, number, None if cost is None else int(getattr(cost, field))) for name, number, field in used]


def price_of(tokens: int, nusd: int | None) -> int | None:
    """What a million tokens cost, nano-dollars, as far as this bill tells it: rounded to four digits."""
    if not tokens or not nusd:
        return None
    return round(float(f"{nusd * 1_000_000 / tokens:.4g}"))


def aligned(amounts: Sequence[int | None], least: int = 2) -> tuple[str, ...]:
    """Nano-dollars as dollars, all with as many decimals as the one that needs most; "" for None."""
    decimals = max((_decimals(amount) for amount in amounts if amount is not None), default=0)
    shown = max(least, decimals)
    return tuple("" if amount is None else f"{Decimal(amount) / NUSD_PER_USD:,.{shown}f}" for amount in amounts)


def _decimals(nusd: int) -> int:
    return len(f"{abs(nusd) % NUSD_PER_USD:09d}".rstrip("0"))


def by_provider(cost: Cost | None) -> bool:
    """Whether the total is what the provider itself charged, so that our parts need not add up to it."""
    if cost is None:
        return False
    return cost.total_nusd != (
        cost.input_nusd + cost.output_nusd + cost.cache_read_nusd + cost.cache_write_nusd + cost.web_search_nusd
    )


class CostTab(DetailTab):
    """A small bill, and where its figures come from."""

    title = "Cos&t"

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        scroll = Scroll()
        self.table = FigureTable("", "Tokens", "Price ($ a million)", "Cost ($)")
        self.note = Label(role="muted", wrap=True)
        self.rows = ValueRows()
        self.usage_source = self.rows.add("Token counts")
        self.price_source = self.rows.add("Price")
        self.thinking = self.rows.add("Thinking")
        for widget in (self.table, self.note, Hairline(), self.rows):
            scroll.column.addWidget(widget)
        self.column.addWidget(scroll)

    def show_detail(self, detail: Detail, words: str) -> None:
        """Show the bill."""
        row = detail.row
        unused = frozenset(number for number, part in enumerate(parts(row)) if not part[1])
        self.table.show_rows(bill(row), total=True, muted=unused)
        self.note.setText(_note(row))
        self.note.setVisible(bool(self.note.text()))
        self.usage_source.setText(USAGE_SOURCES[row.usage.source])
        self.price_source.setText(row.cost.source if row.cost and row.cost.source else "No price is known")
        reasoning = row.usage.reasoning_tokens
        told = f"{formats.exact_tokens(reasoning)} of the output" if reasoning else "None reported"
        self.thinking.setText(told)

    def forget(self) -> None:
        """Nothing is held."""


def _sign(row: Row) -> str:
    return f"≈{formats.NBSP}" if estimated(row) else ""


def bill(row: Row) -> list[tuple[str, ...]]:
    """The lines of the bill as texts: class, tokens, price, cost; the last is the total."""
    sign, classes = _sign(row), parts(row)
    total = row.cost.total_nusd if row.cost else None
    costs = aligned([nusd if tokens else None for _, tokens, nusd in classes] + [total])
    prices = aligned([price_of(tokens, nusd) for _, tokens, nusd in classes])
    lines = []
    for (name, tokens, nusd), price, cost in zip(classes, prices, costs, strict=False):
        unknown = formats.UNPRICED if tokens and nusd is None else formats.DASH
        count = f"{sign}{formats.count(tokens)}" if tokens else formats.DASH
        lines.append((name, count, price or formats.DASH, f"{sign}{cost}" if cost else unknown))
    whole = f"{sign}{costs[-1]}" if costs[-1] else formats.UNPRICED
    return [*lines, ("Total", f"{sign}{formats.count(row.usage.total_tokens)}", "", whole)]


def _note(row: Row) -> str:
    if row.cost is None and row.usage.total_tokens:
        return (
            f"No price is known for {formats.one_line(row.sent_model)} at {formats.one_line(row.provider)}, so the "
            "cost is left open rather than shown as zero."
        )
    if by_provider(row.cost):
        return "The total is what the provider itself charged; the parts are computed from the list price."
    return ""
