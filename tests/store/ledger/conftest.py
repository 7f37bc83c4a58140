from __future__ import annotations

import pytest

from app.store.ledger.file import LedgerFile
from app.store.state import ClientKeys
from tests.fakes.clock import HandClock


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "state.db"
    ClientKeys(path, clock=HandClock()).open()
    return path


@pytest.fixture
def file(path):
    return LedgerFile(path)
