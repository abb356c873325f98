"""The nodes that are probed, one row each: the stage that its session is at, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import marked, say
from ssmtui.model.node import Node
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, ProbeStage, StageState, StageTold
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.signs import Sign

STAGES = {
    StageState.UNDER_WAY: Sign("·", Ink.ACCENT, marked("under way")),
    StageState.PASSED: Sign("●", Ink.OK, marked("passed")),
    StageState.SKIPPED: Sign("–", Ink.FAINT, marked("skipped")),
    StageState.STOPPED: Sign("✖", Ink.FAIL, marked("stopped here")),
}
WAITING = Sign("·", Ink.FAINT, marked("waiting"))
_PROBLEM = Sign("?", Ink.UNKNOWN, marked("no outcome"))

KINDS = {ProbeKind.SHELL: marked("Shell"), ProbeKind.PORT: marked("Port")}

COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("node", marked("node"), 12, 28, 1),
    Column("stage", marked("stage"), 14, 22, 3),
    Column("took", marked("took"), 7, 8, 4, numeric=True),
    Column("result", marked("result"), 24, None, 2),
)


def took(seconds: float) -> str:
    """Seconds as they are shown."""
    return say("{seconds:.2f} s", seconds=seconds)


def cells(
    fleet: Fleet, node: Node, stages: Mapping[ProbeStage, StageTold], outcome: ProbeOutcome | None, problem: str
) -> Mapping[str, Cell]:
    """One row."""
    sign = sign_of_probe(stages, outcome, problem)
    stage = outcome.stopped_at if outcome is not None else list(stages)[-1] if stages else None
    total = sum(each.seconds for each in stages.values())
    return {
        "sign": cell(sign.glyph, sign.ink),
        "node": cell(node.name or node.id),
        "stage": cell(say(stage.value) if stage is not None else "", Ink.MUTED),
        "took": cell(took(total) if stages else "", Ink.MUTED),
        "result": cell(result(fleet, outcome, problem) if outcome or problem else sign.word, sign.ink),
    }


def sign_of_probe(stages: Mapping[ProbeStage, StageTold], outcome: ProbeOutcome | None, problem: str) -> Sign:
    """How a probe stands."""
    if problem:
        return _PROBLEM
    if outcome is None:
        return STAGES[StageState.UNDER_WAY] if stages else WAITING
    return STAGES[StageState.PASSED] if outcome.opened else STAGES[StageState.STOPPED]


def result(fleet: Fleet, outcome: ProbeOutcome | None, problem: str) -> str:
    """How a probe ended, in a few words."""
    if outcome is None:
        return problem
    match outcome.end:
        case ProbeEnd.OPENED:
            return say("opened")
        case ProbeEnd.INTERRUPTED:
            return say("given up")
        case _ if outcome.cause is not None:
            return fleet.title(outcome.cause)
        case ProbeEnd.SILENT:
            return say("no answer came")
        case ProbeEnd.LOST:
            return say("the connection was lost")
        case _:
            return next(iter(outcome.text.splitlines()), say("ended without a text"))
