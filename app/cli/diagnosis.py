"""`patchbay status` and `patchbay doctor`."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from app.cli.context import Context
from app.cli.output import money
from app.cli.running import Running
from app.control.report import report
from app.domain.budget import Budget, Period, Scope, Unit
from app.domain.budget_words import amount
from app.domain.periods import moment
from app.domain.status import Notice, Severity


async def status(context: Context, options: argparse.Namespace) -> int:
    """Say what Patchbay does, in its own words where it runs; exit code 0 whether it runs or not."""
    if not context.told:
        await context.services.insight.today()
        await context.services.budgets.open()
        await context.services.budgets.settle()
        context.services.status.refresh()
    now: dict[str, Any] = json.loads(context.told or report(context.services.status.current))
    if options.json:
        context.out.json({"process": context.process or None, **now})
        return 0
    context.out.say(_headline(now, context.process))
    tiers = ", ".join(f"{tier}: {model or 'as asked'}" for tier, model in now["tiers"].items())
    context.out.say(f"Provider  {_preferred(now)} ({tiers})" if now["provider"] else "Provider  none yet")
    running = Running(context.told)
    for one in now["providers"]:
        rests = "".join(f"; {words}" for words in running.lines(one["name"]) if words not in one["why"])
        context.out.say(f"          {one['name']}: {one['health']}, {one['why']}{rests}")
    if now.get("recording", "everything") != "everything" or now.get("encryption", "off") != "off":
        context.out.say(f"Recording {_recording(now)}")
    context.out.say(f"Today     {_sums(now['today'])}")
    for one in now.get("budgets", ()):
        context.out.say(f"Budget    {_budget(context, one)}")
    for notice in now["notices"]:
        context.out.say(f"{notice['severity'].capitalize():9} {notice['text']}")
    return 0


async def doctor(context: Context, options: argparse.Namespace) -> int:
    """Look at everything that has to be right, and mend it if told to; exit code 1 if something still is not."""
    mended = await context.doctor.repair() if options.repair else ()
    checks = await context.doctor.examine(_told(context))
    good = all(one.ok for one in checks)
    if options.json:
        found = [{"what": one.what, "ok": one.ok, "warns": one.warns, "found": one.found} for one in checks]
        done = [{"what": one.what, "done": one.found, "ok": one.ok} for one in mended]
        context.out.json({"ok": good, "checks": found, "repaired": done} if options.repair else found)
        return 0 if good else 1
    width = max(len(one.what) for one in (*checks, *mended))
    for one in mended:
        context.out.say(f"{'done ' if one.ok else 'wrong'}  {one.what.ljust(width)}  {one.found}")
    for one in checks:
        mark = ("warn " if one.warns else "ok   ") if one.ok else "wrong"
        context.out.say(f"{mark}  {one.what.ljust(width)}  {one.found}")
    return 0 if good else 1


def _told(context: Context) -> list[Notice] | None:
    """What the running program says; None where none runs."""
    if not context.told:
        return None
    notices = json.loads(context.told)["notices"]
    return [Notice(one["id"], Severity(one["severity"]), one["text"]) for one in notices]


def _budget(context: Context, one: dict[str, Any]) -> str:
    budget = Budget(
        one["id"], Scope(one["scope"]), one["subject"], Unit(one["unit"]), Period(one["period"]), one["amount"]
    )
    least = "at least " if one["unpriced"] else ""
    used = f"{least}{amount(one['used'], budget.unit)} of {amount(budget.amount, budget.unit)} used"
    return f"{context.services.budgets.name_of(budget)}: {used}{_refusing(one)}"


def _refusing(one: dict[str, Any]) -> str:
    """Why it refuses requests, and until when; empty where it does not."""
    if not one.get("refuses"):
        return ""
    until = f" until {moment(one['resets_us'], time.time_ns() // 1_000)}" if one["resets_us"] else ""
    return f"; {'too little left' if one['too_little'] else 'used up'}, requests are refused{until}"


def _headline(now: dict[str, Any], process: int) -> str:
    name = f"Patchbay {now['version']}"
    if not process:
        return f"{name} does not run"
    words = {"running": f"listens on {now['base_url']}", "paused": f"is paused on {now['base_url']}"}
    return f"{name} {words.get(now['proxy'], now['detail'] or now['proxy'])} (process {process})"


def _preferred(now: dict[str, Any]) -> str:
    if now.get("auto"):
        return "Auto"
    return f"{now['provider']} only" if now.get("only") else str(now["provider"])


def _recording(now: dict[str, Any]) -> str:
    kept = {"rows": "figures and names, no contents", "counters": "paused: requests are only counted"}
    sealed = {"on": "bodies are encrypted", "locked": "bodies are encrypted, and their key is not at hand"}
    words = (kept.get(now["recording"], ""), sealed.get(now["encryption"], ""))
    return ", ".join(word for word in words if word)


def _sums(today: dict[str, Any]) -> str:
    """The day in figures; what came from a cache went in as well, as the window counts."""
    requests = "1 request" if today["exchanges"] == 1 else f"{today['exchanges']:,} requests"
    tokens_in = today["input_tokens"] + today["cache_read_tokens"] + today["cache_write_tokens"]
    cost = money(today["cost_nusd"], today["unpriced"])
    tokens = f"{tokens_in:,} tokens in, {today['output_tokens']:,} out"
    return f"{requests}, {today['failed']:,} failed, {tokens}, {cost}"
