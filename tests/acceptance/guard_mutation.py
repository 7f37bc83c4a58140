"""Switches each guard off in turn and shows the test that fails: a guard whose loss nobody notices is none.

    python -m tests.acceptance.guard_mutation [WORD ...]     only guards whose name holds one of the words

The program under test runs in a process of its own, so the guard is replaced there, when its module is imported.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOTHING = "lambda *a, **k: None"
LIMIT_S = 90.0


@dataclass(frozen=True)
class Guard:
    """A function, what takes its place, and the test that must miss it: a file and words for `-k`."""

    where: str
    by: str
    file: str
    test: str


GUARDS = (
    Guard("app.proxy.gate:admit", NOTHING, "test_group_a.py", "a02_any_other and evil"),
    Guard("app.proxy.gate:_target_is_ours", "lambda *a: True", "test_group_a.py", "a04"),
    Guard("app.proxy.gate:check_model", NOTHING, "test_group_c.py", "c18_wrong and model-value3"),
    Guard("app.proxy.auth:identify", "lambda *a: Caller('anybody')", "test_group_b.py", "b02_no_route"),
    Guard("app.proxy.permissions:admit", NOTHING, "test_group_b_keys.py", "b09"),
    Guard("app.proxy.permissions:narrow", "lambda call, plan: plan", "test_group_b_keys.py", "b15"),
    Guard("app.proxy.permissions:opens", NOTHING, "test_group_b_keys.py", "b07"),
    Guard("app.control.tallies:Account.room", "lambda *a: True", "test_group_b_budgets.py", "b13_50_clients"),
    Guard("app.proxy.strangers:Strangers.admit", NOTHING, "test_lan.py", "wrong_keys_are_slowed"),
    Guard("app.proxy.body:announced", NOTHING, "test_group_c.py", "c06"),
    Guard("app.proxy.watchdog:Watch.wait", NOTHING, "test_group_c.py", "has_a_deadline and dribble"),
    Guard("app.proxy.decode:Decoder.steps", "lambda self, data: self._steps(data)", "test_group_c.py", "c10 and gzip"),
    Guard("app.proxy.decode:_Zlib.finish", NOTHING, "test_group_c.py", "c12 and foo"),
    Guard("app.dialects.body:_check_depth", NOTHING, "test_group_c.py", "c14_deep and 200"),
    Guard("app.dialects.body:_check_kinds", NOTHING, "test_group_c.py", "c18_wrong and max_tokens"),
    Guard("app.proxy.limiter:Limiter.grow", "lambda *a: __import__('asyncio').sleep(0)", "test_group_c.py", "c23"),
    Guard("app.proxy.fair_line:FairLine._free", "lambda *a: True", "test_limits.py", "f12"),
    Guard("app.proxy.connection:Listener.admits", "lambda *a: True", "test_limits.py", "an_address_takes"),
    Guard("app.proxy.watchdog:Watchdog._sweep", NOTHING, "test_group_d.py", "d01 and head-stream"),
    Guard(
        "app.proxy.event_bound:EventBound.keeps", "lambda *a: True", "test_group_d.py", "d23 and event and chat-to-chat"
    ),
    Guard(
        "app.proxy.incoming:Incoming.allow",
        "lambda self, n: setattr(self, '_left_bytes', 2**40)",
        "test_group_d.py",
        "d23",
    ),
    Guard("app.proxy.lanes.passthrough:_verdict", NOTHING, "test_group_d.py", "d03 and chat-to-chat"),
    Guard("app.proxy.held:Held.take", "lambda self, chunk: chunk", "test_group_d.py", "d04_a_cut"),
    Guard("app.proxy.upstream:usable", NOTHING, "test_group_d_answers.py", "d17 and 307"),
    Guard("app.proxy.headers:_passes", "lambda *a: True", "test_group_d_answers.py", "d19"),
    Guard("app.proxy.lanes.sending:own_secret", "lambda *a: ''", "test_group_d_answers.py", "d15_every and 500"),
    Guard("app.proxy.addresses:AddressRule.problem", "lambda *a: ''", "test_group_k.py", "k12 and 203"),
    Guard("app.domain.addresses:host_problem", "lambda *a: ''", "test_group_k.py", "k06_the_command and 169"),
    Guard("app.export.formulas:defuse", "lambda text: text", "test_group_j.py", "j07_no_cell"),
)


def run(guard: Guard | None, file: str, test: str) -> tuple[int, str]:
    """The tests' exit code and the last lines that they said, with a guard switched off or none."""
    environment = {**os.environ, "PYTHONPATH": f"{HERE / 'mutant'}{os.pathsep}{ROOT}"}
    if guard is not None:
        environment["GUARD_OFF"] = f"{guard.where}={guard.by}"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "--no-header",
        "-p",
        "no:cacheprovider",
        str(HERE / file),
        "-k",
        test,
    ]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, f"FAILED {test} (it waited for ever)"
    return done.returncode, done.stdout


def main(words: list[str]) -> int:
    """Try every guard; 0 if each is missed by its test."""
    unnoticed = 0
    for guard in GUARDS:
        if words and not any(word in guard.where for word in words):
            continue
        began = time.monotonic()
        code, said = run(guard, guard.file, guard.test)
        failed = re.search(r"^FAILED (\S+)", said, re.MULTILINE)
        noticed = code == 1 and failed is not None
        unnoticed += not noticed
        verdict = failed[1].rpartition("::")[2] if noticed and failed else f"NOBODY NOTICED (exit code {code})"
        print(f"{guard.where:48} {time.monotonic() - began:5.1f} s  {verdict}", flush=True)
        if not noticed:
            print(said[-1500:], flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
