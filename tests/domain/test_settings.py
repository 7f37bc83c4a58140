"""Limits: each has a range, and its default is inside."""

from __future__ import annotations

from dataclasses import fields

import pytest

from app.domain.settings import LIMIT_RANGES, Limits


def test_the_limits_are_these_and_no_others():
    names = """
        max_connections max_connections_per_ip max_lan_connections_per_ip max_strangers_per_ip header_deadline_s
        max_body_bytes max_buffered_bytes body_idle_s
        body_total_s json_depth max_in_flight max_in_flight_per_key max_in_flight_per_provider queue_length queue_wait_s
        connect_s first_byte_s idle_s reply_total_s max_stream_s keep_alive_s write_stall_s max_event_bytes
        max_stream_bytes max_reply_bytes quit_grace_s attempts retry_budget breaker_failures breaker_open_s
    """
    assert {one.name for one in fields(Limits)} == set(names.split()) == set(LIMIT_RANGES)


@pytest.mark.parametrize("name", LIMIT_RANGES)
def test_a_default_is_within_its_range_and_of_the_kind_its_name_says(name):
    least, most = LIMIT_RANGES[name]
    default = getattr(Limits(), name)
    assert least <= default <= most
    assert isinstance(default, float if name.endswith("_s") or name == "retry_budget" else int)


def test_the_readme_names_every_limit_with_its_default_and_range(root):
    text = (root / "README.md").read_text("utf-8")
    for name, (least, most) in LIMIT_RANGES.items():
        shown = [
            f"{value // 2**20:,} MiB" if name.endswith("_bytes") and value >= 2**20 else f"{value:g}"
            for value in (getattr(Limits(), name), least, most)
        ]
        assert f"| `{name}` | {shown[0]} | {shown[1]} to {shown[2]} |" in text
