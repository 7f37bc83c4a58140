from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from app.system.threads import DaemonThreadPool


def test_results_and_errors_reach_the_future():
    pool = DaemonThreadPool(2, "test")
    assert pool.submit(pow, 2, 10).result(5) == 1024
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(5)
    pool.shutdown()
    assert pool.join(0)


def test_no_more_threads_than_allowed_and_idle_ones_are_used_again():
    pool, seen = DaemonThreadPool(3, "test"), set()
    for _ in range(20):
        pool.submit(lambda: seen.add(threading.current_thread().name)).result(5)
    assert len(seen) <= 2
    barrier = threading.Barrier(3)
    for future in [pool.submit(barrier.wait, 5) for _ in range(3)]:
        future.result(5)
    pool.shutdown()
    assert len(pool._workers) == 3


def test_a_call_after_shutdown_is_refused():
    pool = DaemonThreadPool(1, "test")
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(int)


def test_queued_calls_can_be_cancelled_at_shutdown():
    pool, hold = DaemonThreadPool(1, "test"), threading.Event()
    running, queued = pool.submit(hold.wait, 5), pool.submit(int)
    while not running.running():
        time.sleep(0.001)
    pool.shutdown(wait=False, cancel_futures=True)
    hold.set()
    assert queued.cancelled()
    assert running.result(5) is True
    assert pool.join(5)


def test_a_stuck_call_does_not_keep_the_program_alive():
    code = (
        "import threading\nfrom app.system.threads import DaemonThreadPool\n"
        "pool = DaemonThreadPool(1, 'test')\npool.submit(threading.Event().wait)\npool.shutdown(wait=False)\n"
        "assert not pool.join(0.05)\nprint('left')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=20)
    assert done.stdout == "left\n"


@pytest.mark.parametrize("stuck", [True, False])
def test_a_process_ends_with_its_code_and_its_words_whoever_is_still_at_work(stuck):
    """A thread that comes back during the interpreter's own end would abort it."""
    code = (
        "import sys, threading, time\n"
        "from app.system.threads import end_process\n"
        f"if {stuck}: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "sys.stdout.write('said'); sys.stderr.write('noted')\n"
        "import atexit; atexit.register(lambda: sys.stdout.write(' late'))\n"
        "end_process(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "said" if stuck else "said late", "noted")
