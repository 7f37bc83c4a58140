from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain.settings import Limits
from app.proxy.job import Job
from tests.fakes.rig import provider
from tests.fakes.wires import CHAT


@pytest.mark.parametrize(
    ("limit_s", "vendor_s", "patience_s"),
    [(120.0, 120.0, 120.0), (30.0, 120.0, 30.0), (120.0, 600.0, 600.0), (30.0, 600.0, 600.0), (900.0, 600.0, 900.0)],
)
def test_a_local_server_may_take_its_time_for_the_first_byte(limit_s, vendor_s, patience_s):
    nothing: Any = None
    limits = replace(Limits(), first_byte_s=limit_s)
    up = provider(CHAT, "http://x", first_byte_timeout_s=vendor_s)
    assert Job(nothing, nothing, nothing, up, "m", nothing, limits, nothing, up).first_byte_s == patience_s
