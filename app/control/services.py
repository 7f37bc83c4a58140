"""Everything the faces may ask for, by name."""

from __future__ import annotations

from dataclasses import dataclass

from app.control.accounts import AccountControl
from app.control.budgets import BudgetControl
from app.control.exports import ExportControl
from app.control.imports import ImportControl
from app.control.insight import Insight
from app.control.keys import KeyControl
from app.control.lan import LanControl
from app.control.price_rules import PriceControl
from app.control.providers import ProviderControl
from app.control.proxy import ProxyControl
from app.control.routes import RouteControl
from app.control.settings import SettingsControl
from app.control.status import StatusBoard
from app.control.upkeep import Upkeep


@dataclass(slots=True)
class Services:
    """The use cases; built by the composition root, handed to tray, window and terminal."""

    proxy: ProxyControl
    providers: ProviderControl
    accounts: AccountControl
    routes: RouteControl
    keys: KeyControl
    budgets: BudgetControl
    prices: PriceControl
    insight: Insight
    exports: ExportControl
    imports: ImportControl
    settings: SettingsControl
    status: StatusBoard
    upkeep: Upkeep
    lan: LanControl
