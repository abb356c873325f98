from __future__ import annotations

import pytest

from ssmtui.diagnosis import live
from ssmtui.diagnosis.events import Crashed
from ssmtui.evidence.clients import Clients
from ssmtui.evidence.scopes import OpenScope, open_scope
from ssmtui.model.scope import ScopeError, ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.diagnosis.conftest import Diagnose


async def open_all_but_frankfurt(clients: Clients, name: ScopeName) -> OpenScope | ScopeError:
    if name.region == "eu-central-1":
        raise ZeroDivisionError("a secret")
    return await open_scope(clients, name)


def test_a_defect_in_one_scope_is_told_by_its_place_and_the_others_go_on(
    at_simulator: SimulatedAws, diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_simulator.load("demo")
    monkeypatch.setattr(live, "open_scope", open_all_but_frankfurt)
    told = diagnose()
    [crash] = told.crashes
    assert isinstance(crash, Crashed)
    assert crash.scope == ScopeName(None, "eu-central-1")
    assert "ZeroDivisionError" in crash.summary
    assert "secret" not in crash.summary
    assert {key.region for key in told.nodes} == {"eu-west-3"}
    assert all(told.verdict(key).settled for key in told.nodes)
