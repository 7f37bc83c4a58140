"""Pins in words, for lists, menus and the clipboard."""

from __future__ import annotations

from urllib.parse import quote

from app.domain.routing import Pin
from app.domain.status import AppStatus
from app.ui.formats import one_line

BY_TIER = "by tier"


def pin_url(status: AppStatus, name: str) -> str:
    """The base URL that leads to a pin."""
    return f"{status.base_url}/p/{quote(name, safe='')}"


def pin_target(pin: Pin) -> str:
    """Where it leads: "Ollama › qwen3-coder:30b"; without a model the tier chooses among the provider's."""
    return f"{one_line(pin.to.provider, 40)} › {one_line(pin.to.model, 60) or BY_TIER}"
