"""`patchbay status` and `patchbay doctor`."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.context import Context
from app.cli.output import money
from app.domain.status import AppStatus, ProxyState


async def status(context: Context, options: argparse.Namespace) -> int:
    """Say what Patchbay does; exit code 0 whether it runs or not."""
    await context.services.insight.today()
    context.services.status.refresh()
    now = context.services.status.current
    if options.json:
        context.out.json({"process": context.process or None, **_as_data(now)})
        return 0
    if now.proxy is ProxyState.RUNNING:
        context.out.say(f"Patchbay {now.version} listens on {now.base_url} (process {context.process})")
    elif context.process:
        context.out.say(f"Patchbay {now.version} runs (process {context.process}) but does not listen yet")
    else:
        context.out.say(f"Patchbay {now.version} does not run")
    tiers = ", ".join(f"{tier.tier.value}: {tier.effective or 'as asked'}" for tier in now.tiers)
    context.out.say(f"Provider  {now.active} ({tiers})" if now.active else "Provider  none yet")
    today = now.today
    context.out.say(
        f"Today     {today.exchanges:,} requests, {today.failed:,} failed, {today.input_tokens:,} tokens in, "
        f"{today.output_tokens:,} out, {money(today.cost_nusd, today.unpriced)}"
    )
    for notice in now.notices:
        context.out.say(f"{notice.severity.value.capitalize():9} {notice.text}")
    return 0


async def doctor(context: Context, options: argparse.Namespace) -> int:
    """Look at everything that has to be right; exit code 1 if something is not."""
    checks = await context.doctor.examine()
    if options.json:
        context.out.json([{"what": one.what, "ok": one.ok, "found": one.found} for one in checks])
    else:
        width = max(len(one.what) for one in checks)
        for one in checks:
            context.out.say(f"{'ok   ' if one.ok else 'wrong'}  {one.what.ljust(width)}  {one.found}")
    return 0 if all(one.ok for one in checks) else 1


def _as_data(now: AppStatus) -> dict[str, Any]:
    today = now.today
    return {
        "version": now.version,
        "proxy": now.proxy.value,
        "base_url": now.base_url,
        "provider": now.active,
        "tiers": {tier.tier.value: tier.effective for tier in now.tiers},
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
        "notices": [{"id": one.id, "severity": one.severity.value, "text": one.text} for one in now.notices],
    }
