"""Return the text of changes: preview, several changes together, result, and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import GLYPHS, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    ChangeState,
    DefectOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.preview import (
    LineKind,
    NodeChange,
    PlanSet,
    call_lines,
    diff_lines,
    node_changes,
    reach_text,
    undo_lines,
)
from ssmtui.text.printable import printable
from ssmtui.ui.text.explanation import time_remaining
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import Fleet, short_caller
from ssmtui.ui.text.status_reasons import status_reason
from ssmtui.ui.text.styled_text import (
    CHECKING,
    VERDICTS,
    Block,
    Cell,
    Piece,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    indented,
    item,
    paragraph,
    plain_text,
    sign_of,
    to_pieces,
)

_MAX_NAMES = 12
_TURN_SIGNS = {
    NodeChange.GREEN: VERDICTS[VerdictStatus.OK],
    NodeChange.AWAITED: CHECKING,
    NodeChange.WARN: VERDICTS[VerdictStatus.WARN],
    NodeChange.WORSE: VERDICTS[VerdictStatus.FAIL],
    NodeChange.RED: VERDICTS[VerdictStatus.FAIL],
}


def change_prose(fleet: Fleet, plan: Plan, forecast: Forecast | None) -> Prose:
    """Return the complete preview of a plan. `forecast` is None while it is computed."""
    return (
        heading(say("What changes")),
        *forecast_prose(fleet, plan, forecast),
        *_losses_of_plan(plan),
        *_notes(plan),
        heading(say("Difference")),
        *difference_prose(plan.before, plan.after),
        heading(say("API calls")),
        *call_prose(call_lines(plan)),
        heading(say("Impact and undo")),
        _labelled_item(say("needs"), ", ".join(plan.actions)),
        *_missing_permissions(plan),
        _labelled_item(say("reach"), reach_text(plan)),
        _labelled_item(say("costs"), plan.costs or say("nothing")),
        *((_labelled_item(say("delay"), plan.delay),) if plan.delay else ()),
        _labelled_item(say("undo"), plan.undo),
    )


def _missing_permissions(plan: Plan) -> Prose:
    if not plan.lacks:
        return ()
    words = say("{actions}: AWS will deny the change", actions=", ".join(plan.lacks))
    return (paragraph((say("missing "), TextStyle.WARN), (words, TextStyle.WARN), indent=2),)


def call_prose(lines: Sequence[str]) -> Prose:
    """Return the calls, one per line."""
    return tuple(item("→", (line, TextStyle.CODE), text_style=TextStyle.FAINT) for line in lines)


def forecast_prose(fleet: Fleet, plan: Plan | Change, forecast: Forecast | None) -> Prose:
    """Return which nodes become green, warn or get worse, and which stay red."""
    if forecast is None:
        return (item(CHECKING.glyph, (say("running the checks on the expected facts…"), TextStyle.FAINT)),)
    blocks: list[Block] = []
    _, colon, _ = say("{turned}: {nodes}", turned="\0", nodes="\0").split("\0")
    for each in node_changes(forecast):
        sign = _TURN_SIGNS[each.turn]
        named = (node_names(fleet, plan.scope, each.nodes), TextStyle.MUTED)
        blocks.append(item(sign.glyph, (each.sentence, TextStyle.STRONG), colon, named, text_style=sign.text_style))
    for slug in forecast.new_findings:
        title = fleet.title(slug.partition("@")[0])
        blocks.append(item("▲", say("new finding: "), title, text_style=TextStyle.WARN))
    return tuple(blocks) or (item(GLYPHS["info"], (say("No node's result is expected to change."), TextStyle.MUTED)),)


def undo_nodes_prose(fleet: Fleet, change: Change) -> Prose:
    """Return which nodes can fail again without a change: those that it repaired, by the forecast in the journal."""
    if not change.awaited_by:
        words = say("The journal names no node that the change was expected to repair.")
        return (item(GLYPHS["info"], (words, TextStyle.MUTED)),)
    status_of = {key.id: fleet.verdict(key).status for key in fleet.keys_named(change.scope, change.awaited_by)}
    failing = [id_ for id_, status in status_of.items() if status is VerdictStatus.FAIL]
    others = [id_ for id_ in status_of if id_ not in failing]
    _, colon, _ = say("{turned}: {nodes}", turned="\0", nodes="\0").split("\0")
    sign = VERDICTS[VerdictStatus.FAIL]
    told = (
        (others, say_many("{count} node can change to fail", "{count} nodes can change to fail", len(others))),
        (failing, say_many("{count} node still fails", "{count} nodes still fail", len(failing))),
    )
    return (
        *(
            item(
                sign.glyph,
                (words, TextStyle.STRONG),
                colon,
                (node_names(fleet, change.scope, ids), TextStyle.MUTED),
                text_style=sign.text_style,
            )
            for ids, words in told
            if ids
        ),
        paragraph((say("The forecast of the change named these nodes."), TextStyle.MUTED), indent=2),
    )


def node_names(fleet: Fleet, scope: Scope, ids: Sequence[str]) -> str:
    """Return the names of the first twelve nodes."""
    keys = fleet.keys_named(scope, ids)
    shown = [node.name or node.id if (node := fleet.node(key)) else key.id for key in keys]
    more = say(" and {more} more", more=len(shown) - _MAX_NAMES) if len(shown) > _MAX_NAMES else ""
    return ", ".join(sorted(shown)[:_MAX_NAMES]) + more


def difference_prose(before: str, after: str) -> Prose:
    """Return a difference line by line, with its signs."""
    if not before and not after:
        return (paragraph((say("no stored resource changes: see the API calls"), TextStyle.MUTED), indent=2),)
    lines = diff_lines(before, after)
    blocks = [Block(to_pieces((line.signed, _LINE_STYLES[line.kind])), indent=2, solid=True) for line in lines]
    return tuple(blocks) or (paragraph((say("only white space"), TextStyle.MUTED), indent=2),)


_LINE_STYLES = {
    LineKind.ADDED: TextStyle.ADDED,
    LineKind.REMOVED: TextStyle.REMOVED,
    LineKind.CONTEXT: TextStyle.MUTED,
    LineKind.HUNK: TextStyle.FAINT,
}


def _losses_of_plan(plan: Plan) -> Prose:
    if not plan.loses:
        return ()
    return (heading(say("Trade-offs")), item("▲", (plan.loses, TextStyle.WARN), text_style=TextStyle.WARN))


def _notes(plan: Plan) -> Prose:
    return (heading(say("Before you apply")), *(item("•", note) for note in plan.notes)) if plan.notes else ()


def _labelled_item(name: str, *pieces: Piece | str) -> Block:
    return item(name.ljust(9), *pieces, indent=2)


def change_set_prose(fleet: Fleet, plans: PlanSet, forecasts: Mapping[ScopeName, Forecast]) -> Prose:
    """Return the complete preview. A scope without a forecast is still being computed."""
    return (
        heading(say("What changes after all changes")),
        *_forecasts(fleet, plans, forecasts),
        *_losses_of_plans(plans),
        *(block for number, plan in enumerate(plans.plans, start=1) for block in _plan_prose(number, plan)),
    )


def change_set_progress(plans: PlanSet, outcomes: Sequence[ChangeOutcome], *, under_way: bool) -> Prose:
    """Return the progress: the changes that were made, the one that failed, and those that were not sent."""
    blocks: list[Block] = [heading(say("Progress"))]
    for number, plan in enumerate(plans.plans):
        outcome = outcomes[number] if number < len(outcomes) else None
        blocks += _result_line(plan, outcome, at_it=under_way and number == len(outcomes))
    return tuple(blocks)


def change_set_result(plans: PlanSet, outcomes: Sequence[ChangeOutcome]) -> Prose:
    """Return how many changes were made, and whether they stopped at a failure."""
    count, made = len(plans.plans), sum(isinstance(outcome, AppliedOutcome) for outcome in outcomes)
    words = say_many("{made} of {count} applied", "{made} of {count} applied", count=count, made=made)
    if made == count:
        return (item("●", (words, TextStyle.STRONG), text_style=TextStyle.OK),)
    return (
        item("▲", (words, TextStyle.STRONG), text_style=TextStyle.WARN),
        paragraph(
            (
                say("The remaining changes were not applied. The applied changes stay: press Z to show and undo them."),
                TextStyle.WARN,
            ),
            indent=2,
        ),
    )


def _forecasts(fleet: Fleet, plans: PlanSet, forecasts: Mapping[ScopeName, Forecast]) -> Prose:
    blocks: list[Block] = []
    several = len(plans.by_scope) > 1
    for name, of_scope in plans.by_scope.items():
        if several:
            blocks.append(paragraph((name.region, TextStyle.MUTED)))
        told = forecast_prose(fleet, of_scope[0], forecasts.get(name))
        blocks += indented(told, 2) if several else told
    return tuple(blocks)


def _losses_of_plans(plans: PlanSet) -> Prose:
    lost = [plan for plan in plans.plans if plan.loses]
    if not lost:
        return ()
    rows = (
        item("▲", (plan.loses, TextStyle.WARN), (f"  {plan.title}", TextStyle.MUTED), text_style=TextStyle.WARN)
        for plan in lost
    )
    return (heading(say("Trade-offs")), *rows)


def _plan_prose(number: int, plan: Plan) -> Prose:
    facts = (
        (say("reach"), reach_text(plan)),
        (say("costs"), plan.costs or say("nothing")),
        (say("delay"), plan.delay),
        (say("undo"), plan.undo),
    )
    return (
        heading(f"{number} · {plan.title}"),
        paragraph(
            (f"{plan.scope.region} · {say(plan.subject.kind.value)} {plan.subject.name}", TextStyle.MUTED), indent=2
        ),
        *indented(difference_prose(plan.before, plan.after), 2),
        *indented(call_prose(call_lines(plan)), 2),
        *(item("•", note, indent=2) for note in plan.notes),
        *(item(name.ljust(9), words, indent=2) for name, words in facts if words),
    )


def _result_line(plan: Plan, outcome: ChangeOutcome | None, *, at_it: bool) -> Prose:
    match outcome:
        case AppliedOutcome(_, notes):
            return (
                item("●", plan.title, text_style=TextStyle.OK),
                *(paragraph((note, TextStyle.WARN), indent=2) for note in notes),
            )
        case RefusedOutcome(why, _, action):
            needs = (say("needs {action}", action=action),) if action else ()
            return (item("✖", plan.title, text_style=TextStyle.FAIL), *_joined_reasons(why, *needs))
        case FailedOutcome(why):
            return (item("✖", plan.title, text_style=TextStyle.FAIL), *_joined_reasons(why))
        case NodeFailureOutcome(why):
            told = say("The effects of the command on the node remain.")
            return (item("✖", plan.title, text_style=TextStyle.FAIL), *_joined_reasons(why, told))
        case UnsureOutcome(why):
            told = say(
                "It is not known whether the change was applied. The journal marks it as unsure, and ssmtui does not "
                "send it again."
            )
            return (item("?", plan.title, text_style=TextStyle.UNKNOWN), *_joined_reasons(why, told))
        case DefectOutcome(why, change):
            defect = say("An error in ssmtui stopped the change: {defect}.", defect=why)
            if change is None:
                return (
                    item("✖", plan.title, text_style=TextStyle.FAIL),
                    *_joined_reasons(defect, say("Nothing was sent.")),
                )
            told = say(
                "It is not known whether the change was applied. The journal marks it as unsure, and ssmtui does not "
                "send it again."
            )
            return (item("?", plan.title, text_style=TextStyle.UNKNOWN), *_joined_reasons(defect, told))
        case None if at_it:
            return (item(CHECKING.glyph, (plan.title, TextStyle.STRONG), text_style=TextStyle.ACCENT),)
        case None:
            return (item(CHECKING.glyph, (plan.title, TextStyle.FAINT), text_style=TextStyle.FAINT),)


def _joined_reasons(*sentences: str) -> Prose:
    return tuple(paragraph((sentence, TextStyle.MUTED), indent=2) for sentence in sentences if sentence)


_BAR_WIDTH = 30
_MAX_LISTED = 200


@dataclass(frozen=True, slots=True)
class AppliedChange:
    """A change that was made, with the notes taken meanwhile, and whether a key can undo it."""

    title: str
    scope: ScopeName
    notes: tuple[str, ...]
    has_way_back: bool


def in_progress_prose(title: str) -> Prose:
    """Return the text shown while the change is written."""
    return (
        item(CHECKING.glyph, (title, TextStyle.STRONG), text_style=TextStyle.ACCENT),
        paragraph(say("The change is in the journal. Waiting for the answer of AWS."), indent=2),
        paragraph(
            ("Esc ", TextStyle.KEY),
            (say("goes back. The change continues, and a message shows its result."), TextStyle.MUTED),
            indent=2,
        ),
    )


def result_sentence(title: str, outcome: ChangeOutcome) -> str:
    """Return one sentence about the result, for a user on another screen."""
    if isinstance(outcome, AppliedOutcome):
        return " ".join((say("{title}: done", title=title), *outcome.notes))
    return f"{title}: {plain_text(failure_prose(outcome)[0].pieces)}"


def failure_prose(
    outcome: RefusedOutcome | FailedOutcome | NodeFailureOutcome | UnsureOutcome | DefectOutcome,
) -> Prose:
    """Return the text of a failed or uncertain change: what that means, and what to do."""
    steps: tuple[str, ...]
    match outcome:
        case RefusedOutcome(why_, EditConflict() as edit_conflict):
            title = say("The resource has changed since the preview. Nothing was written.")
            steps = (say("Press Esc to go back, then preview the change again with the current state."),)
            extra: Prose = (
                heading(say("Changes since the preview")),
                *difference_prose(edit_conflict.expected, edit_conflict.found),
            )
            return (*_message_prose("▲", TextStyle.WARN, title, why_, steps), *extra)
        case RefusedOutcome(why_, _, action) if action:
            steps = (
                say(
                    "Ask for a policy that allows {action}, or ask a user who has this permission to apply the change.",
                    action=action,
                ),
                say("Press Esc to go back."),
            )
            return _message_prose("✖", TextStyle.FAIL, say("AWS denied the change. Nothing was changed."), why_, steps)
        case RefusedOutcome(why_):
            return _message_prose(
                "✖",
                TextStyle.FAIL,
                say("The change was not applied. Nothing was changed."),
                why_,
                (say("Press Esc to go back."),),
            )
        case FailedOutcome(why_):
            steps = (say("Press Esc to go back and try again."),)
            return _message_prose("✖", TextStyle.FAIL, say("The change failed. Nothing was changed."), why_, steps)
        case NodeFailureOutcome(why_):
            title = say("The command failed on the node. Its effects up to the failure remain.")
            steps = (say("Re-checking the current state."), say("Press Esc to go back and try again."))
            return _message_prose("✖", TextStyle.FAIL, title, why_, steps)
        case UnsureOutcome(why_, in_part=True):
            steps = (
                say("The journal marks the change as unsure. Press Z to complete it or to undo the applied part."),
                say("Re-checking the current state. Press z to undo the applied part."),
            )
            return _message_prose("▲", TextStyle.WARN, say("The change was applied in part."), why_, steps)
        case UnsureOutcome(why_):
            steps = (
                say("The journal marks the change as unsure. ssmtui does not send it again."),
                say("Re-checking the current state. Press z to determine the state and undo the change."),
            )
            return _message_prose(
                "?",
                TextStyle.UNKNOWN,
                say("AWS did not answer. It is not known whether the change was applied."),
                why_,
                steps,
            )
        case DefectOutcome(why_, None):
            title = say("An error in ssmtui stopped the change before it was sent. Nothing was changed.")
            return _message_prose(
                "✖", TextStyle.FAIL, title, why_, (_reported(), say("Press Esc to go back and try again."))
            )
        case DefectOutcome(why_):
            title = say(
                "An error in ssmtui stopped the change during the write. The change can be complete, partial or "
                "missing."
            )
            steps = (
                say("The journal marks the change as unsure. Press Z to show its calls, or run ssmtui undo --list."),
                say("Re-checking the current state. Press z to determine the state and undo the change."),
                _reported(),
            )
            return _message_prose("?", TextStyle.UNKNOWN, title, why_, steps)


def _reported() -> str:
    return say("To report the error, run ssmtui report-bug.")


def follow_up_prose(fleet: Fleet, done: AppliedChange, keys: Sequence[NodeKey], waiting: Prose = ()) -> Prose:
    """Return the text of a change that was made: the affected nodes as checks finish, and what does not show yet."""
    settled = done.scope in fleet.state.settled
    undo = (("z ", TextStyle.KEY), (say("undoes the change  "), TextStyle.MUTED)) if done.has_way_back else ()
    keys_now = (
        (paragraph(*undo, ("Esc ", TextStyle.KEY), (say("goes back"), TextStyle.MUTED), indent=2),) if settled else ()
    )
    return (
        item("●", (say("{title}: done", title=done.title), TextStyle.STRONG), text_style=TextStyle.OK),
        *(paragraph((note, TextStyle.WARN), indent=2) for note in done.notes),
        *((_bar(fleet, keys, settled=settled),) if keys else _no_known_nodes(settled=settled)),
        *waiting,
        *keys_now,
        *(node_status_prose(fleet, keys) if keys else ()),
    )


def green_nodes_prose(fleet: Fleet, keys: Sequence[NodeKey]) -> Block:
    """Return how many of these nodes are green, and whether checks are still running."""
    scopes = {scope.name for key in keys if (scope := fleet.scope_of(key))}
    return _bar(fleet, keys, settled=scopes <= fleet.state.settled)


def node_status_prose(fleet: Fleet, keys: Sequence[NodeKey]) -> Prose:
    """Return the status of the nodes as their checks finish, the nodes that are not green first."""
    blocks = [heading(say("Current status of the nodes"))]
    shown = sorted(keys, key=lambda each: (_is_green(fleet, each), _name(fleet, each)))[:_MAX_LISTED]
    room = max((cell_len(_name(fleet, key)) for key in shown), default=0)
    for key in shown:
        sign, name = sign_of(fleet.verdict(key)), _name(fleet, key)
        blocks.append(
            item(
                sign.glyph,
                f"{name}{' ' * (room - cell_len(name))}  ",
                *status_reason(fleet, key),
                text_style=sign.text_style,
            )
        )
    return tuple(blocks)


def _bar(fleet: Fleet, keys: Sequence[NodeKey], *, settled: bool) -> Block:
    good = sum(_is_green(fleet, key) for key in keys)
    counted = sum(fleet.verdict(key).status not in (VerdictStatus.STOPPED, VerdictStatus.RESTRICTED) for key in keys)
    filled = good * _BAR_WIDTH // counted if counted else 0
    return paragraph(
        ("━" * filled, TextStyle.OK),
        ("━" * (_BAR_WIDTH - filled) + " ", TextStyle.FAINT),
        (
            say_many("{number} of {count} ok", "{number} of {count} ok", count=counted, number=good),
            TextStyle.STRONG,
        ),
        ("" if settled else say("  re-checking…"), TextStyle.MUTED),
        indent=2,
        gap=True,
    )


def _no_known_nodes(*, settled: bool) -> Prose:
    """Return the text if no affected node is known: the checks will show them."""
    words = say("No node's status changed.") if settled else say("re-checking…")
    return (paragraph((words, TextStyle.MUTED), indent=2, gap=True),)


def _is_green(fleet: Fleet, key: NodeKey) -> bool:
    verdict = fleet.verdict(key)
    return verdict.settled and verdict.status is VerdictStatus.OK


def delay_prose(delay: str, until: datetime, now: datetime) -> Prose:
    """Return that a change does not show everywhere yet: this is no failure, and how long it can take."""
    if now >= until:
        return (
            item(
                "▲",
                (say("The longest documented delay has passed."), TextStyle.WARN),
                indent=2,
                text_style=TextStyle.WARN,
            ),
            paragraph(
                (say("Press r to re-check. A node that still fails has another cause."), TextStyle.MUTED), indent=4
            ),
        )
    left = say("Failing nodes are expected for now: up to {left}", left=time_remaining(until, now))
    return (
        item(CHECKING.glyph, (left, TextStyle.WARN), indent=2, text_style=TextStyle.WARN),
        paragraph((delay, TextStyle.MUTED), indent=4),
        paragraph((say("ssmtui re-checks every minute. Press r to re-check now."), TextStyle.MUTED), indent=4),
    )


def _message_prose(glyph: str, text_style: TextStyle, title: str, message: str, steps: Sequence[str]) -> Prose:
    return (
        item(glyph, (title, TextStyle.STRONG), text_style=text_style),
        *((paragraph((message, TextStyle.MUTED), indent=2, gap=True),) if message else ()),
        heading(say("What to do")),
        *(item("→", step, text_style=TextStyle.ACCENT) for step in steps),
    )


def _name(fleet: Fleet, key: NodeKey) -> str:
    node = fleet.node(key)
    return node.name or key.id if node else key.id


CHANGE_STATES = {
    ChangeState.APPLIED: Sign("●", TextStyle.OK, translatable("applied")),
    ChangeState.UNDONE: Sign("○", TextStyle.MUTED, translatable("undone")),
    ChangeState.FAILED: Sign("✖", TextStyle.FAIL, translatable("failed")),
    ChangeState.UNSURE: Sign("?", TextStyle.UNKNOWN, translatable("unsure")),
    ChangeState.PLANNED: Sign("·", TextStyle.WARN, translatable("planned")),
}

CHANGE_COLUMNS = (
    Column("state", translatable("state"), 9, 11, 2),
    Column("at", translatable("time (UTC)"), 16, 16, 1),
    Column("region", translatable("region"), 14, 14, 3),
    Column("by", translatable("by"), 12, 30, 4),
    Column("what", translatable("change"), 30, None, 0),
)


def change_cells(change: Change) -> dict[str, Cell]:
    """Return the cells of a change."""
    sign = CHANGE_STATES[change.state]
    return {
        "state": cell(f"{sign.glyph} {sign.word}", sign.text_style),
        "at": cell(f"{change.at:%Y-%m-%d %H:%M}", TextStyle.MUTED),
        "region": cell(change.scope.region, TextStyle.MUTED),
        "by": cell(short_caller(change.scope), TextStyle.MUTED),
        "what": cell(change.title),
    }


def change_widths(change: Change) -> dict[str, int]:
    """Return the text widths of a change."""
    return {
        "state": len(CHANGE_STATES[change.state].word) + 2,
        "region": len(change.scope.region),
        "by": len(printable(short_caller(change.scope))),
    }


_NAME_WIDTH = 11


def change_record_prose(change: Change, shown: str = "", *, is_under_way: bool = False) -> Prose:
    """Return everything that the journal holds about a change: result, difference, calls, and how to undo it.

    `shown` is what AWS shows of an interrupted change; empty if AWS was not asked. `is_under_way` means that another
    run of ssmtui is making the change.
    """
    sign = CHANGE_STATES[change.state]
    back = undo_lines(change)
    return (
        item(sign.glyph, (change.title, TextStyle.STRONG), text_style=sign.text_style),
        *((paragraph((_change_text(change), sign.text_style), indent=2)),),
        *((paragraph((change.why, TextStyle.MUTED), indent=2),) if change.why else ()),
        *(item("•", (note, TextStyle.WARN), indent=2) for note in change.notes),
        *(_open_still(change, shown, is_under_way=is_under_way) if change.is_open else ()),
        heading(say("Details")),
        _aligned_item(say("time"), f"{change.at:%Y-%m-%d %H:%M:%S} UTC"),
        _aligned_item(say("subject"), f"{change.subject.kind.value} {change.subject.id}"),
        _aligned_item(say("account"), f"{change.scope.account} · {change.scope.region}"),
        _aligned_item(say("caller"), change.scope.caller),
        _aligned_item(say("fix"), change.fix),
        _aligned_item(say("change"), change.id),
        *((_aligned_item(say("undoes"), change.undoes),) if change.undoes else ()),
        heading(say("Difference")),
        *difference_prose(change.before, change.after),
        heading(say("API calls")),
        *call_prose(call_lines(change)),
        heading(say("How to undo")),
        paragraph(change.undo or say("None: this change is an undo of another change."), indent=2),
        *call_prose(back),
    )


def _open_still(change: Change, shown: str, *, is_under_way: bool) -> Prose:
    if is_under_way:
        return (item("•", (say("another process of ssmtui is applying this change"), TextStyle.WARN), indent=2),)
    return _interrupted(change, shown)


def _interrupted(change: Change, shown: str) -> Prose:
    """Return what AWS shows of the change, and the keys that settle it."""
    keys = (
        (("z", say("completes the undo")),)
        if change.undoes
        else (
            ("f", say("completes the change; the remaining calls are shown first")),
            *((("z", say("undoes the applied part")),) if change.way_back.calls else ()),
        )
    )
    return (
        heading(say("Current state in AWS")),
        paragraph(shown or say("The state was not read: the Region is not open, or this run is read-only."), indent=2),
        *(item(key, words, indent=2, text_style=TextStyle.KEY) for key, words in keys),
    )


def empty_history_prose(problem: str, damaged: Sequence[int], *, read_only: bool) -> Prose:
    """Return the text shown if there are no rows; `problem` is the reason if the journal cannot be read."""
    if problem:
        return (
            item("✖", (say("Cannot read the journal"), TextStyle.STRONG), text_style=TextStyle.FAIL),
            paragraph((problem, TextStyle.MUTED), indent=2, gap=True),
            heading(say("What to do")),
            item(
                "→",
                say("Check that you own the file and can read it. ssmtui info shows its path."),
                text_style=TextStyle.ACCENT,
            ),
            item(
                "→",
                say("Until then, ssmtui applies no changes: each change must be recorded first."),
                text_style=TextStyle.ACCENT,
            ),
            item("→", say("Then press r on this screen."), text_style=TextStyle.ACCENT),
        )
    last = (
        say("This run is read-only: it cannot change anything.")
        if read_only
        else say(
            "ssmtui previews each fix and records it here before it sends the fix. You can undo it from this screen."
        )
    )
    return (
        paragraph((say("No changes yet."), TextStyle.STRONG)),
        *damaged_journal_prose(damaged),
        paragraph((last, TextStyle.MUTED), gap=True),
    )


def damaged_journal_prose(damaged: Sequence[int]) -> Prose:
    """Return which lines of the journal cannot be parsed, by number."""
    if not damaged:
        return ()
    numbers = ", ".join(str(number) for number in damaged)
    words = say_many(
        "{count} line of the journal cannot be read: line {numbers}",
        "{count} lines of the journal cannot be read: lines {numbers}",
        count=len(damaged),
        numbers=numbers,
    )
    return (item("▲", (words, TextStyle.WARN), text_style=TextStyle.WARN),)


def _change_text(change: Change) -> str:
    sentences = {
        "planned": say("The change is in the journal, but its result is not. The undo reads the current state first."),
        "applied": say("The change was applied."),
        "failed": say("The change was not applied."),
        "unsure": say("It is not known whether the change was applied. The undo reads the current state first."),
        "undone": say("The change was applied and undone."),
    }
    return sentences[change.state.value]


def _aligned_item(name: str, value: str) -> Block:
    return Block(to_pieces(value), indent=2, marker=name.ljust(_NAME_WIDTH), solid=True)
