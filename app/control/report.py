"""The status as one line of JSON, for the terminal and for scripts; a running program tells it of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from app.domain.budget import BudgetStanding
from app.domain.routing import Resting
from app.domain.status import AppStatus, ProviderStatus

NONE_USED: Mapping[str, int] = MappingProxyType({})


def report(now: AppStatus, keys_used: Mapping[str, int] = NONE_USED) -> str:
    """`AppStatus` for others than us: counts as whole numbers, money in nano-dollars, no secrets.

    `keys_used` is when client keys were used, by their ids, in UTC microseconds.
    """
    today = now.today
    return json.dumps(
        {
            "version": now.version,
            "proxy": now.proxy.value,
            "detail": now.detail,
            "base_url": now.base_url,
            "provider": now.active,
            "providers": [_provider(one) for one in now.providers],
            "tiers": {tier.tier.value: tier.effective for tier in now.tiers},
            "in_flight": now.in_flight,
            "recording": now.recording.value,
            "recorder_degraded": now.recorder_degraded,
            "encryption": now.encryption.value,
            "auto": now.auto,
            "only": now.only,
            "resting": [_resting(one) for one in now.resting],
            "windows": [{"provider": one.provider, "model": one.model, "tokens": one.tokens} for one in now.windows],
            "budgets": [_budget(one) for one in now.budgets],
            "lan": {"urls": now.reach.urls, "problem": now.reach.problem, "fingerprint": now.reach.fingerprint},
            "today": {
                "exchanges": today.exchanges,
                "failed": today.failed,
                "input_tokens": today.input_tokens,
                "output_tokens": today.output_tokens,
                "cache_read_tokens": today.cache_read_tokens,
                "cache_write_tokens": today.cache_write_tokens,
                "cost_nusd": today.cost_nusd,
                "unpriced": today.unpriced,
            },
            "keys_used": dict(keys_used),
            "notices": [{"id": one.id, "severity": one.severity.value, "text": one.text} for one in now.notices],
        },
        ensure_ascii=False,
    )


def _provider(one: ProviderStatus) -> dict[str, object]:
    accounts = [
        {"name": each.name, "key": each.state.value, "key_source": each.source, "weight": each.weight}
        for each in one.accounts
    ]
    return {
        "name": one.name,
        "health": one.health.value,
        "why": one.health_text,
        "key": one.credential.value,
        "key_source": one.credential_source,
        "accounts": accounts,
    }


def _resting(one: Resting) -> dict[str, str | int]:
    return {
        "provider": one.provider,
        "account": one.account,
        "model": one.model,
        "until_us": one.until_us,
        "why": one.why,
        "breaker": one.breaker,
    }


def _budget(one: BudgetStanding) -> dict[str, str | int | bool]:
    return {
        "id": one.budget.id,
        "scope": one.budget.scope.value,
        "subject": one.budget.subject,
        "unit": one.budget.unit.value,
        "period": one.budget.period.value,
        "amount": one.budget.amount,
        "used": one.used,
        "reserved": one.reserved,
        "unpriced": one.unpriced,
        "resets_us": one.resets_us,
        "refuses": one.refuses,
        "too_little": one.too_little,
    }
