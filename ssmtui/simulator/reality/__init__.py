"""The truth of the simulated nodes, computed from the state of the simulated account."""

from __future__ import annotations

from ssmtui.simulator.reality.refused_calls import RefusedCall, refused_calls
from ssmtui.simulator.reality.registration import Standing, reporter, standing
from ssmtui.simulator.reality.session import SessionOutcome, session_outcome

__all__ = ["RefusedCall", "SessionOutcome", "Standing", "refused_calls", "reporter", "session_outcome", "standing"]
