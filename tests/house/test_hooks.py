"""What `tests/conftest.py` promises: async tests and fixtures run, a lost task or an endless wait fails."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def pytest_of(root, tmp_path):
    """Run pytest with the project's hooks on a file of its own; returns the exit code and the output."""

    def run(code, **environment):
        (tmp_path / "test_inner.py").write_text(textwrap.dedent(code), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-c", str(root / "pyproject.toml"), "--rootdir", str(tmp_path)]
        command += ["-p", "tests.conftest", "-p", "no:cacheprovider", "--noconftest", str(tmp_path)]
        done = subprocess.run(
            command, cwd=root, env=os.environ | environment, check=False, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout

    return run


def test_async_tests_and_fixtures_run_and_are_taken_down(pytest_of):
    code, output = pytest_of("""
        import asyncio, pytest
        seen = []

        @pytest.fixture
        async def server():
            await asyncio.sleep(0)
            yield "server"
            await asyncio.sleep(0)
            seen.append("closed")

        @pytest.fixture
        async def client(server):
            return f"client of {server}"

        async def test_first(client):
            await asyncio.sleep(0)
            assert client == "client of server"

        @pytest.mark.parametrize("number", [1, 2])
        async def test_then(number):
            assert seen == ["closed"]

        async def test_that_fails():
            await asyncio.sleep(0)
            assert "inner" == "failure"
    """)
    assert code == 1
    assert "1 failed, 3 passed" in output
    assert "AssertionError: assert 'inner' == 'failure'" in output


def test_a_wait_without_end_fails_at_its_limit(pytest_of):
    code, output = pytest_of("""
        import asyncio, pytest

        @pytest.mark.time_limit(0.1)
        async def test_endless():
            await asyncio.sleep(3600)
    """)
    assert code == 1
    assert "TimeoutError" in output


def test_a_task_that_outlives_its_test_is_named(pytest_of):
    code, output = pytest_of("""
        import asyncio

        async def test_careless():
            test_careless.task = asyncio.get_running_loop().create_task(asyncio.sleep(3600), name="forgotten")

        async def test_tidy():
            task = asyncio.get_running_loop().create_task(asyncio.sleep(0.05), name="soon over")
            test_tidy.task = task

        async def test_after():
            assert len(asyncio.all_tasks()) == 1
    """)
    assert code == 1
    assert "tasks outlived the test: forgotten" in output
    assert "3 passed, 1 error" in output


def test_nothing_of_whoever_runs_it_reaches_a_test(pytest_of):
    code, output = pytest_of(
        """
        import os, sys

        def test_environment():
            assert not [name for name in os.environ if "PROXY" in name.upper() or "API_KEY" in name]
            assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
            assert "patchbay-tests-" in os.path.expanduser("~")
            assert os.environ["PYTHON_KEYRING_BACKEND"] == "keyring.backends.fail.Keyring"
            assert "nonexistent" in os.environ["DBUS_SESSION_BUS_ADDRESS"]
            assert "app.desktop_loop" not in sys.modules
        """,
        ANTHROPIC_API_KEY="real",
        https_proxy="http://127.0.0.1:1",
        QT_QPA_PLATFORM="xcb",
        HOME="/nonexistent",
    )
    assert code == 0, output


def test_a_warning_is_an_error(pytest_of):
    code, output = pytest_of("""
        import warnings

        def test_warns():
            warnings.warn("careful")
    """)
    assert code == 1
    assert "careful" in output
