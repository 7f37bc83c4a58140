from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time

import keyring.errors
import pytest

from app.domain.errors import VaultError, VaultProblem
from app.domain.provider import Secret
from app.vault.vault import LONGEST_CHARS, Vault
from tests.fakes.keyrings import ForgetfulKeyring, HangingKeyring, MemoryKeyring, RaisingKeyring

NAME = "provider/openrouter"
KEY = Secret("sk-or-v1-0123456789abcdef0123456789abcdef")


async def problem(call):
    with pytest.raises(VaultError) as caught:
        await call
    return caught.value


async def test_a_secret_comes_back_from_the_keyring_in_a_new_process():
    memory = MemoryKeyring()
    first, second = Vault("patchbay", backend=memory), Vault("patchbay", backend=memory)
    await first.put(NAME, KEY)
    assert await second.get(NAME) == KEY
    assert memory.entries == {("patchbay", NAME): KEY.value}
    first.close()
    second.close()


async def test_namespaces_do_not_see_each_other():
    memory = MemoryKeyring()
    one, other = Vault("patchbay", backend=memory), Vault("patchbay-0a1b2c3d", backend=memory)
    await one.put(NAME, KEY)
    assert await other.get(NAME) is None


async def test_memory_answers_until_a_fresh_look_is_asked_for():
    memory = MemoryKeyring()
    vault = Vault("patchbay", backend=memory)
    await vault.put(NAME, KEY)
    memory.entries["patchbay", NAME] = "changed-elsewhere"
    reads = memory.reads
    assert await vault.get(NAME) == KEY
    assert memory.reads == reads
    assert await vault.get(NAME, fresh=True) == Secret("changed-elsewhere")


async def test_a_secret_deleted_elsewhere_is_gone_after_a_fresh_look():
    memory = MemoryKeyring()
    vault = Vault("patchbay", backend=memory)
    await vault.put(NAME, KEY)
    memory.entries.clear()
    assert await vault.get(NAME, fresh=True) is None
    assert await vault.get(NAME) is None


async def test_delete_forgets_and_is_content_where_nothing_is():
    memory = MemoryKeyring()
    vault = Vault("patchbay", backend=memory)
    await vault.put(NAME, KEY)
    await vault.delete(NAME)
    await vault.delete(NAME)
    assert not memory.entries
    assert await vault.get(NAME) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (keyring.errors.KeyringLocked("no"), VaultProblem.LOCKED),
        (keyring.errors.NoKeyringError("no"), VaultProblem.UNAVAILABLE),
        (keyring.errors.InitError("no"), VaultProblem.UNAVAILABLE),
        (keyring.errors.PasswordSetError("no"), VaultProblem.FAILED),
        (StopIteration(), VaultProblem.FAILED),
    ],
)
async def test_each_failure_has_its_kind_and_no_secret_in_its_words(error, kind):
    vault = Vault("patchbay", backend=RaisingKeyring(error))
    for call in (vault.get(NAME), vault.put(NAME, KEY), vault.delete(NAME)):
        raised = await problem(call)
        assert raised.kind is kind
        assert KEY.value not in str(raised)
        assert raised.__cause__ is None


async def test_what_a_backend_says_never_carries_the_secret_on():
    memory = MemoryKeyring()
    memory.fail_write = 1
    raised = await problem(Vault("patchbay", backend=memory).put(NAME, KEY))
    assert raised.kind is VaultProblem.FAILED
    assert KEY.value not in repr(raised) + raised.message


async def test_a_keyring_that_gives_back_something_else_is_not_trusted():
    raised = await problem(Vault("patchbay", backend=ForgetfulKeyring()).put(NAME, KEY))
    assert raised.kind is VaultProblem.FAILED
    assert "session only" in raised.message


async def test_a_session_secret_stands_in_while_the_keyring_cannot_answer():
    vault = Vault("patchbay", backend=RaisingKeyring(keyring.errors.NoKeyringError()))
    vault.put_session(NAME, KEY)
    assert await vault.get(NAME) == KEY
    assert vault.session_only(NAME)


async def test_the_keyring_wins_over_a_session_secret():
    memory = MemoryKeyring()
    await Vault("patchbay", backend=memory).put(NAME, KEY)
    vault = Vault("patchbay", backend=memory)
    vault.put_session(NAME, Secret("only-for-now-0000"))
    assert await vault.get(NAME) == KEY
    assert not vault.session_only(NAME)


async def test_every_loaded_secret_is_masked():
    memory = MemoryKeyring()
    memory.entries["patchbay", NAME] = "loaded-secret-value"
    vault = Vault("patchbay", backend=memory)
    await vault.get(NAME)
    vault.put_session("provider/other", Secret("session-secret-value"))
    vault.know(Secret("environment-secret-value"))
    text = vault.redactor.text("loaded-secret-value session-secret-value environment-secret-value")
    assert text == "[secret] [secret] [secret]"


async def test_a_long_secret_is_kept_in_parts_on_a_narrow_keyring():
    memory, secret = MemoryKeyring(most_bytes=2560), Secret("token-" + "x" * 5000)
    vault = Vault("patchbay", backend=memory, limit=1200)
    await vault.put(NAME, secret)
    assert len(memory.entries) == 6
    assert await Vault("patchbay", backend=memory, limit=1200).get(NAME) == secret
    await vault.put(NAME, KEY)
    assert memory.entries == {("patchbay", NAME): KEY.value}


@pytest.mark.parametrize("failing", range(1, 7))
async def test_a_failed_write_of_parts_leaves_the_older_value(failing):
    memory = MemoryKeyring(most_bytes=2560)
    vault = Vault("patchbay", backend=memory, limit=1200)
    await vault.put(NAME, Secret("older-" + "o" * 3000))
    memory.writes, memory.fail_write = 0, failing
    assert (await problem(vault.put(NAME, Secret("newer-" + "n" * 5000)))).kind is VaultProblem.FAILED
    assert await Vault("patchbay", backend=memory, limit=1200).get(NAME) == Secret("older-" + "o" * 3000)


async def test_a_missing_part_is_an_error_and_not_half_a_secret():
    memory = MemoryKeyring()
    vault = Vault("patchbay", backend=memory, limit=1200)
    await vault.put(NAME, Secret("y" * 3000))
    del memory.entries[next(entry for entry in memory.entries if "#" in entry[1])]
    assert (await problem(vault.get(NAME, fresh=True))).kind is VaultProblem.FAILED


async def test_a_secret_that_looks_like_our_own_mark_survives():
    memory, odd = MemoryKeyring(), Secret("patchbay-parts:abc:2")
    vault = Vault("patchbay", backend=memory)
    await vault.put(NAME, odd)
    assert await vault.get(NAME, fresh=True) == odd


async def test_a_pasted_file_is_refused_before_the_keyring_sees_it():
    memory = MemoryKeyring()
    raised = await problem(Vault("patchbay", backend=memory).put(NAME, Secret("x" * (LONGEST_CHARS + 1))))
    assert raised.kind is VaultProblem.TOO_LONG
    assert memory.writes == 0


async def test_no_usable_keyring_is_said_in_words():
    status = await Vault("patchbay").describe()  # the tests' environment names keyring's "fail" backend
    assert not status.usable
    assert "environment variable" in status.problem


async def test_a_working_keyring_describes_itself():
    assert (await Vault("patchbay", backend=MemoryKeyring()).describe()).usable


async def test_a_hanging_keyring_is_left_behind_and_the_loop_goes_on():
    hanging = HangingKeyring()
    vault, ticks = Vault("patchbay", backend=hanging), []

    async def tick():
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.005)

    ticking = asyncio.get_running_loop().create_task(tick(), name="tick")
    raised = await problem(vault.get(NAME, timeout_s=0.3))
    ticking.cancel()
    assert raised.kind is VaultProblem.TIMEOUT
    assert max(later - sooner for sooner, later in itertools.pairwise(ticks)) < 0.1
    hanging.release.set()
    hanging.entries["patchbay", NAME] = KEY.value
    assert await vault.get(NAME) == KEY
    vault.close()


EXIT = """
import asyncio, sys, time
from app.vault.vault import Vault, VaultError
from tests.fakes.keyrings import HangingKeyring

async def main():
    try:
        await Vault("patchbay", backend=HangingKeyring()).get("provider/x", timeout_s=0.2)
    except VaultError as error:
        print(error.kind, flush=True)

asyncio.run(main())
print(time.time(), flush=True)
"""


def test_the_process_exits_at_once_although_a_call_hangs(root):
    done = subprocess.run(
        [sys.executable, "-c", EXIT], cwd=root, capture_output=True, text=True, timeout=20, check=True
    )
    ended = time.time()
    kind, left = done.stdout.split()
    assert kind == "timeout"
    assert ended - float(left) < 1.0
