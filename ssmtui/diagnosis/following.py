"""Following a diagnosis to its end, for whoever wants the sum and no screen."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty
from typing import TYPE_CHECKING

from ssmtui.diagnosis.events import AllSettled, Event
from ssmtui.diagnosis.fleet_state import FleetState

if TYPE_CHECKING:
    from ssmtui.diagnosis.inquiry import Inquiry

_LOOK_UP = 0.2
"""Seconds after which a waiting reader looks up, so that Ctrl-C is heard on every platform."""


def follow(
    inquiry: Inquiry,
    state: FleetState | None = None,
    tell: Callable[[FleetState, Event], None] = lambda _state, _event: None,
) -> FleetState:
    """What the diagnosis has found when nothing is outstanding."""
    state = state or FleetState()
    while True:
        try:
            event = inquiry.events.get(timeout=_LOOK_UP)
        except Empty:
            continue
        state.apply(event)
        tell(state, event)
        if isinstance(event, AllSettled):
            return state
