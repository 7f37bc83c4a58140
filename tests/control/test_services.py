"""The stand-ins that the window is tested with must look like what it gets."""

from __future__ import annotations

import dataclasses
import inspect
import typing

import pytest

from app.control.services import Services
from app.domain.status import AppStatus, ProxyState
from tests.fakes.services import FakeServices

REAL = typing.get_type_hints(Services)


def methods(kind):
    public = inspect.getmembers(kind, inspect.isfunction)
    return {name: function for name, function in public if not name.startswith("_")}


@pytest.mark.parametrize("field", [one.name for one in dataclasses.fields(Services)])
def test_a_stand_in_has_the_real_ones_methods_and_arguments(field):
    real = methods(REAL[field])
    stand_in = methods(type(getattr(FakeServices(AppStatus(ProxyState.RUNNING)), field)))
    shared = real.keys() & stand_in.keys()
    assert shared
    for name in shared:
        mine = inspect.signature(real[name])
        for parameter in inspect.signature(stand_in[name]).parameters:
            assert parameter in mine.parameters or any(
                one.kind is inspect.Parameter.VAR_KEYWORD for one in mine.parameters.values()
            ), f"{field}.{name}({parameter})"
        assert inspect.iscoroutinefunction(real[name]) == inspect.iscoroutinefunction(stand_in[name]), name
