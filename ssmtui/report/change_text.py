"""Print a change, its result, the journal, and steps to follow by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.plan import Forecast, Plan, Steps
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    DefectOutcome,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.preview import NodeChange, call_lines, diff_lines, node_changes, reach_text
from ssmtui.report.text_layout import Verbatim
from ssmtui.text.printable import printable, printable_lines


def steps_lines(steps: Steps) -> Iterator[str]:
    """Yield the steps, numbered; text to copy is on lines of its own below a step."""
    yield printable(steps.title)
    for number, step in enumerate(steps.steps, start=1):
        yield ""
        yield f"{number}. {printable(step.text)}"
        if step.copy:
            yield ""
            yield from (Verbatim(f"     {line}") for line in printable_lines(step.copy))


_NODES_NAMED = 12
_SIGNS = {
    NodeChange.GREEN: "●",
    NodeChange.AWAITED: "·",
    NodeChange.WARN: "▲",
    NodeChange.WORSE: "✖",
    NodeChange.RED: "✖",
}


def plan_lines(plan: Plan, forecast: Forecast, state: FleetState) -> Iterator[str]:
    """Yield the preview: difference, calls, affected nodes, losses, undo, and forecast."""
    yield from change_lines(plan)
    if plan.lacks:
        yield f"  {say('lacks'):<9} " + say("{actions}: AWS will deny the change", actions=", ".join(plan.lacks))
    yield f"  {say('reach'):<9} {reach_text(plan)}"
    for word, text in (
        (say("costs"), plan.costs or say("nothing")),
        (say("loses"), plan.loses),
        (say("delay"), plan.delay),
        (say("undo"), plan.undo),
    ):
        if text:
            yield f"  {word:<9} {printable(text)}"
    yield from (f"  {say('note'):<9} {printable(note)}" for note in plan.notes)
    yield from (f"  {line}" for line in forecast_lines(forecast, state))


def change_lines(plan: Plan) -> Iterator[str]:
    """Yield a change without its forecast: the title, the difference, the calls, and the IAM actions that they need."""
    yield f"{printable(plan.title)} ({plan.scope.account}, {plan.scope.region})"
    yield ""
    yield from (f"  {line.signed}" for line in diff_lines(plan.before, plan.after))
    yield ""
    yield from (f"  {say('call'):<9} {line}" for line in call_lines(plan))
    yield f"  {say('needs'):<9} {', '.join(plan.actions)}"


def forecast_lines(forecast: Forecast, state: FleetState) -> Iterator[str]:
    """Yield the nodes by their forecast."""
    told = node_changes(forecast)
    for each in told:
        yield f"{_SIGNS[each.turn]} {each.of(_named(each.nodes, state))}"
    for id_ in forecast.new_findings:
        yield say("▲ brings about: {id}", id=printable(id_))
    if not told:
        yield say("No node's result is expected to change.")


def outcome_lines(outcome: ChangeOutcome) -> Iterator[str]:
    """Yield the result of an attempt to change something."""
    match outcome:
        case AppliedOutcome(change, notes):
            way_back = "" if change.why_it_stays else say("; undo with: ssmtui undo {change}", change=change.id)
            yield say(
                "Applied: {title} (change {change}{way_back})", title=change.title, change=change.id, way_back=way_back
            )
            yield from (f"  {say('note'):<9} {note}" for note in notes)
        case RefusedOutcome(why, edit_conflict, action):
            yield say("Nothing was changed: {why}", why=printable(why)) + (
                say(" (needs {action})", action=action) if action else ""
            )
            if edit_conflict is not None:
                yield say("  current value, changed by another process:")
                yield from (f"  {line.signed}" for line in diff_lines(edit_conflict.expected, edit_conflict.found))
                yield say("  value after this change:")
                yield from (f"  {line.signed}" for line in diff_lines(edit_conflict.expected, edit_conflict.wanted))
        case FailedOutcome(why):
            yield say("Nothing was changed: {why}", why=printable(why))
        case NodeFailureOutcome(why):
            yield say(
                "The node did not complete the change, and the completed steps remain applied: {why}",
                why=printable(why),
            )
        case UnsureOutcome(why, change, in_part=True):
            yield say("The change was applied in part: {why}", why=printable(why))
            yield from ways_on(change)
        case UnsureOutcome(why, change):
            yield say("It is unknown whether the change was applied: {why}", why=printable(why))
            yield from ways_on(change)
        case DefectOutcome(why, None):
            yield say("an internal error: {defect}. Please report it.", defect=printable(why))
            yield say("Nothing was changed: the error occurred before the first request.")
        case DefectOutcome(why, Change() as change):
            yield say("an internal error: {defect}. Please report it.", defect=printable(why))
            yield say("The error occurred during the change: it is unknown whether all of the change was applied.")
            yield from ways_on(change)


def ways_on(change: Change) -> Iterator[str]:
    """Yield the commands that settle an open change: both first read the current state from AWS."""
    if change.undoes:
        yield "  " + say("complete the undo: ssmtui undo {change} --yes", change=change.undoes)
        return
    yield "  " + say("complete the change: ssmtui fix --complete {change} --yes", change=change.id)
    yield "  " + say("undo the change: ssmtui undo {change} --yes", change=change.id)


def unfinished_lines(change: Change, shown: str) -> Iterator[str]:
    """Yield an interrupted change: the state in AWS, or else the journal's record, and the next steps."""
    yield say(
        "change {change} was interrupted: {title} ({account}, {region})",
        change=change.id,
        title=printable(change.title),
        account=change.scope.account,
        region=change.scope.region,
    )
    if shown or change.why:
        yield f"  {printable(shown or change.why)}"
    yield from ways_on(change)


def journal_lines(changes: Sequence[Change], under_way: Collection[str] = ()) -> Iterator[str]:
    """Yield the journal, newest first; `under_way` are the IDs of changes that another process is making."""
    for change in changes:
        at = change.at.strftime("%Y-%m-%d %H:%M:%S")
        where = f"{change.scope.account} {change.scope.region}"
        yield f"{change.id}  {at}Z  {change.state.value:<8} {where}  {printable(change.title)}"
        if change.id in under_way:
            yield f"  {say('note'):<9} {say('another process of ssmtui is applying this change')}"
        elif change.is_open and change.why:
            yield f"  {say('note'):<9} {printable(change.why)}"


def _named(ids: Sequence[str], state: FleetState) -> str:
    by_id = {node.id: node.name for node in state.nodes.values()}
    names = sorted(printable(by_id.get(id_) or id_) for id_ in ids)
    more = len(names) - _NODES_NAMED
    shown = ", ".join(names[:_NODES_NAMED])
    return shown + (say(" and {more} more", more=more) if more > 0 else "")
