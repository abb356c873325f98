"""Builders of what probes met."""

from __future__ import annotations

from datetime import datetime

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, ProbeStage, StageResult, StageState
from tests.builders.fleet import NOON, a_node

_OF_A_PORT = (ProbeStage.START, ProbeStage.SOCKET, ProbeStage.TOKEN, ProbeStage.HANDSHAKE)


def stages_until(last: ProbeStage, kind: ProbeKind, state: StageState) -> tuple[StageResult, ...]:
    """Every stage before the last one passed, and that one in a state."""
    told: list[StageResult] = []
    for stage in ProbeStage:
        if stage is last:
            return (*told, StageResult(stage, state, 0.5))
        passed = kind is ProbeKind.SHELL or stage in _OF_A_PORT
        told.append(StageResult(stage, StageState.PASSED if passed else StageState.SKIPPED, 0.1))
    raise ValueError(last)


def opened(kind: ProbeKind = ProbeKind.SHELL, *, node: NodeKey | None = None, at: datetime = NOON) -> ProbeOutcome:
    """A probe that opened what it tried."""
    last = ProbeStage.ANSWER if kind is ProbeKind.SHELL else ProbeStage.HANDSHAKE
    stages = stages_until(last, kind, StageState.PASSED)
    return ProbeOutcome(node or a_node().key, kind, at, stages, ProbeEnd.OPENED, session_id="alex-1")


def stopped(
    cause: str | None,
    *also: str,
    stage: ProbeStage = ProbeStage.KEY,
    end: ProbeEnd = ProbeEnd.STOPPED,
    kind: ProbeKind = ProbeKind.SHELL,
    text: str = "",
    ambiguous: bool = False,
    node: NodeKey | None = None,
    at: datetime = NOON,
) -> ProbeOutcome:
    """A probe that came to its end at a stage, for a cause by its text."""
    return ProbeOutcome(
        node or a_node().key,
        kind,
        at,
        stages_until(stage, kind, StageState.STOPPED),
        end,
        text=text,
        cause=cause,
        also=also,
        ambiguous=ambiguous,
        session_id="" if end is ProbeEnd.REFUSED else "alex-1",
    )
