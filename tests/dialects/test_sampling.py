"""What an upstream's profile lets through of sampling and stop sequences; the rest is reported."""

from __future__ import annotations

import pytest

from app.dialects import sampling
from app.dialects.notes import Notes
from app.domain.provider import Profile
from app.domain.request import Request


@pytest.mark.parametrize(
    ("kind", "top_k", "taken", "dropped"),
    [
        ("full", True, {"temperature": 0.0, "top_p": 0.9, "top_k": 5}, []),
        ("full", False, {"temperature": 0.0, "top_p": 0.9}, ["top_k"]),
        ("temp_only", False, {"temperature": 0.0}, ["top_p", "top_k"]),
        ("none", False, {}, ["temperature", "top_p", "top_k"]),
    ],
)
def test_what_the_upstream_does_not_take_is_reported(kind, top_k, taken, dropped):
    notes = Notes()
    request = Request("m", (), temperature=0.0, top_p=0.9, top_k=5)
    assert sampling.taken(request, Profile(sampling=kind, top_k=top_k), notes) == taken
    assert notes.dropped == dropped


def test_what_is_not_asked_for_is_not_dropped():
    notes = Notes()
    assert sampling.taken(Request("m", ()), Profile(sampling="none", top_k=False), notes) == {}
    assert notes.dropped == []


@pytest.mark.parametrize(
    ("most", "kept", "dropped"), [(4, ["a", "b"], []), (1, ["a"], ["stop[1:]"]), (0, [], ["stop"])]
)
def test_as_many_stop_sequences_as_it_takes(most, kept, dropped):
    notes = Notes()
    assert sampling.stops(Request("m", (), stop=("a", "", "b")), Profile(stop_max=most), notes) == kept
    assert notes.dropped == dropped
