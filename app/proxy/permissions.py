"""What a client key may do: its state, its time, where it comes from, which dialects, clients and models."""

from __future__ import annotations

from app.proxy.call import Call


def admit(call: Call) -> None:
    """Judge what is known before the body; raises PatchbayError KEY_EXPIRED, KEY_DISABLED or NOT_PERMITTED."""


def check_model(call: Call) -> None:
    """Judge the requested model; raises PatchbayError NOT_PERMITTED."""
