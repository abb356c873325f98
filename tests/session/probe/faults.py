"""What networks do to sessions, and how a probe may end by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ssmtui.model.probe import ProbeEnd
from ssmtui.simulator.gateway.session_overrides import NetworkFaultKind as Kind

OPENED = frozenset({ProbeEnd.OPENED})
GONE = frozenset({ProbeEnd.LOST, ProbeEnd.SILENT})
EITHER = OPENED | GONE


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and the ends that are right."""

    name: str
    kind: Kind
    ends: frozenset[ProbeEnd]
    details: Mapping[str, int | float] = field(default_factory=dict)


def faults() -> tuple[Fault, ...]:
    """All of them."""
    return (
        Fault("messages come late", Kind.DELAY, OPENED, {"milliseconds": 100}),
        Fault("messages come twice", Kind.DUPLICATE, OPENED, {"rate": 0.5, "seed": 3}),
        Fault("messages come in another order", Kind.REORDER, OPENED, {"rate": 0.3, "seed": 5}),
        Fault("messages are lost", Kind.DROP, OPENED, {"rate": 0.3, "seed": 7}),
        # The agent may give up first: its handshake timed out.
        Fault("every message is lost", Kind.DROP, GONE | {ProbeEnd.STOPPED}, {"rate": 1.0}),
        Fault("the upgrade is refused by the service", Kind.REFUSE, GONE, {"status": 503}),
        Fault("the upgrade is refused for good", Kind.REFUSE, frozenset({ProbeEnd.REFUSED}), {"status": 403}),
        Fault("the upgrade is refused once", Kind.REFUSE, OPENED, {"status": 503, "times": 1}),
        Fault("the upgrade is never answered", Kind.HANG, GONE),
        Fault("the socket is half open", Kind.HALF_OPEN, GONE),
        *(Fault(f"the socket is reset after {n} messages", Kind.RESET, EITHER, {"after": n}) for n in (1, 2, 3)),
        *(Fault(f"the socket is closed after {n} messages", Kind.CLOSE, EITHER, {"after": n}) for n in (1, 2, 3)),
        Fault("the socket is reset once", Kind.RESET, OPENED, {"after": 2, "times": 1}),
        Fault("the socket is closed at once", Kind.CLOSE, EITHER, {"milliseconds": 1}),
    )
