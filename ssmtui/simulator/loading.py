"""Putting a scenario in place of whatever stood before."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from ssmtui.simulator import gateway, state
from ssmtui.simulator.moto_aws import reset_moto
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.seeding import seed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_one_at_a_time: Final = threading.Lock()


def load(scenario: Scenario, application: WSGIApplication) -> None:
    """Start over with a scenario, built by API calls to the application; other requests wait meanwhile.

    Where that fails, the requests that waited are told why, and so is the caller.
    """
    with _one_at_a_time:
        # What a fault holds back is let go of: whoever has passed the gate is waited for.
        state.faults.clear()
        state.gate.close()
        try:
            gateway.forget()
            state.reset()
            reset_moto()
            seed(scenario, application)
            state.stand(scenario)
        except Exception as error:
            state.gate.open_on_failure(f"{type(error).__name__}: {error}")
            raise
        state.gate.open()
