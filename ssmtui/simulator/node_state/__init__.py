"""What is true of the simulated nodes, computed from the state of the simulated account."""

from __future__ import annotations

from ssmtui.simulator.node_state.registration import (
    RefusedCall,
    RegistrationStatus,
    refused_calls,
    registration_status,
    reporting_identity,
)
from ssmtui.simulator.node_state.session_attempt import SessionOutcome, session_outcome

__all__ = [
    "RefusedCall",
    "RegistrationStatus",
    "SessionOutcome",
    "refused_calls",
    "registration_status",
    "reporting_identity",
    "session_outcome",
]
