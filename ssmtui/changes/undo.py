"""Taking changes back, as long as nobody has changed the thing since; and settling what a killed process left open."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.changes.apply import apply, read_guards
from ssmtui.changes.change import Change, ChangeState
from ssmtui.changes.damage import obscured_sentence
from ssmtui.changes.half_made import half_made
from ssmtui.changes.journal import Journal
from ssmtui.changes.outcome import ChangeOutcome, Failed, Refused
from ssmtui.changes.problems import ChangeFailed, ChangeRefused
from ssmtui.changes.writing import Writing
from ssmtui.fixes.frame.fix import stale_after
from ssmtui.language import say
from ssmtui.model.plan import Guard, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject


def last_undoable(journal: Journal, scope: Scope | None) -> Change | None:
    """The newest change that was, or may have been, made and can be taken back; of one Region only, where named."""
    return next(
        (each for each in journal.changes() if each.can_be_undone and (scope is None or each.is_of(scope))), None
    )


def undo(change: Change, writer: Writing, journal: Journal) -> ChangeOutcome:
    """Take a change back: another change, journalled like the first. An undo that was half made before is finished."""
    if change.why_it_stays:
        return Refused(change.why_it_stays)
    if change.id in (reading := journal.read()).obscured:
        return Refused(obscured_sentence(reading))
    try:
        plan = _rest_of_undo(change, writer, journal) or _whole(way_back_of(change), change)
    except ChangeRefused as refused:
        return Refused(str(refused), action=refused.action)
    except ChangeFailed as failed:
        return Failed(str(failed))
    outcome = apply(plan, writer, journal, undoes=change.id)
    if isinstance(outcome, Refused) and outcome.disagreement is not None and change.is_open:
        why = say("it is not known whether all of the change was made, and {why}", why=outcome.why)
        return replace(outcome, why=why)
    return outcome


def _rest_of_undo(change: Change, writer: Writing, journal: Journal) -> Plan | None:
    """What is left of the newest undo of a change, where that was half made; None where none was."""
    begun = next((each for each in journal.changes() if each.undoes == change.id and each.is_open), None)
    rest = half_made(begun, writer) if begun is not None else None
    if begun is None or rest is None:
        return None
    # That each of its calls was, or was not, made has just been read: that is what guards would tell.
    held = tuple(reading.guard for reading in read_guards(begun.way_back.guards, writer) if reading.holds)
    return _whole(replace(way_back_of(change), calls=rest.left, guards=held), change)


def _whole(plan: Plan, change: Change) -> Plan:
    """An undo that stands with all of its calls alone: what the change itself did is not left behind by its undo."""
    if any(call.without and call.without in note for call in change.calls for note in change.notes):
        return plan
    return replace(plan, calls=tuple(replace(call, without="") for call in plan.calls))


def settle_open(scope: Scope, writer: Writing, journal: Journal) -> Refused | Failed | None:
    """Read back what is not known of changes in a Region, and write down what became of them; or why it cannot be read.

    Where a later change of the same subject is in force, or neither text is there, nothing can be told: it stays open.
    So does what lines follow that could not be understood: these may say what became of it.
    """
    settled: set[Subject] = set()
    try:
        reading = journal.read()
        for change in reading.changes:
            if not change.is_of(scope) or change.subject in settled or change.id in reading.obscured:
                continue
            if change.is_open:
                _settle(change, writer, journal)
            elif change.state is ChangeState.APPLIED and change.way_back.calls:
                settled.add(change.subject)
    except ChangeRefused as refused:
        return Refused(str(refused), action=refused.action)
    except ChangeFailed as failed:
        return Failed(str(failed))
    return None


def _settle(change: Change, writer: Writing, journal: Journal) -> None:
    # A change without guards leaves no trace (a reboot): of that, nothing can be read back.
    if not change.way_back.guards or writer.account() != change.scope.account:
        return
    rest = half_made(change, writer)
    if rest is not None:
        if (change.state, change.why) != (ChangeState.UNSURE, rest.why):
            journal.unsure(change, change.results or {}, rest.why)
    elif all(reading.holds for reading in read_guards(change.way_back.guards, writer)):
        journal.applied(change, change.results or {}, (say("What became of it was read back."),))
    elif all(reading.holds for reading in read_guards(_untouched(change), writer)):
        journal.failed(change, say("it was read back, and is not in force"))


def _untouched(change: Change) -> tuple[Guard, ...]:
    """The guards that hold while the thing is as it was before; a version's number says nothing of that.

    Where none of them is about the text of before, or about there being nothing, all of them together tell.
    """
    telling = tuple(guard for guard in change.guards if guard.expected in (None, change.before))
    return telling or change.guards


def way_back_of(change: Change) -> Plan:
    """The change that takes a change back, as a plan."""
    return Plan(
        fix=change.fix,
        title=say("Take back: {title}", title=change.title),
        scope=change.scope,
        subject=change.subject,
        calls=change.way_back.calls,
        before=change.after,
        after=change.before,
        guards=change.way_back.guards,
        # Nothing takes an undo back; but these guards tell whether an undo that was killed had been made.
        way_back=WayBack(_untouched(change), ()),
        reach=Reach.REGION,
        undo="",
        facts_after=(),
        stale=stale_after(change.fix),
    )
