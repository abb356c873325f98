"""`ssmtui fix` and `ssmtui undo`: a change previewed, made, and taken back, without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.changes.outcome import Applied, ChangeOutcome, Failed, Refused, Unsure
from ssmtui.cli.checking import say_errors
from ssmtui.cli.run import Run, UsageError
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.report.change import journal_lines, outcome_lines, plan_lines
from ssmtui.report.outcome import ExitCode

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


class CouldNotTell(click.ClickException):
    """What was asked could not be told: one sentence, exit code 4."""

    exit_code = ExitCode.COULD_NOT_TELL


class NothingToDo(click.ClickException):
    """There is nothing to fix or undo, or it may not be done: one sentence, exit code 5."""

    exit_code = ExitCode.REFUSED


def preview_fix(run: Run, cause: str, subject: str, fix: str | None) -> ExitCode:
    """Show what a fix would change and for whom. Writes nothing."""
    with _diagnosed(run) as (inquiry, state):
        plan = _plan(inquiry, state, cause, subject, fix)
        _print(plan_lines(plan, inquiry.forecast(plan).result(), state))
    click.echo("\nNothing was changed. To make this change, add --yes.")
    return ExitCode.DONE


def apply_fix(run: Run, cause: str, subject: str, fix: str | None) -> ExitCode:
    """Show it, make it, and check what depends on it again."""
    with _desk(run) as desk, _diagnosed(run) as (inquiry, state):
        plan = _plan(inquiry, state, cause, subject, fix)
        _print(plan_lines(plan, inquiry.forecast(plan).result(), state))
        click.echo("")
        outcome = desk.apply(plan).result()
        _print(outcome_lines(outcome))
        if isinstance(outcome, Applied):
            inquiry.recheck(plan.scope.name, plan.stale)
            click.echo(_standing_now(follow(inquiry, state), plan))
    return _code(outcome)


def undo_change(run: Run, change: str | None) -> ExitCode:
    """Take back the change named, or the last one (of the profiles and Regions named, where any are)."""
    with _desk(run) as desk:
        outcome = desk.undo(change or _last_of(run, desk)).result()
    _print(outcome_lines(outcome))
    return _code(outcome)


def _last_of(run: Run, desk: ChangeDesk) -> str | None:
    """The last change that can be taken back in the profiles and Regions named; None leaves the choice to the desk."""
    profiles, regions = run.settings.profiles, run.settings.regions
    if not profiles and not regions:
        return None
    for change in desk.journal.changes():
        of_these = (not profiles or change.scope.name.profile in profiles) and (
            not regions or change.scope.region in regions
        )
        if of_these and change.can_be_undone:
            return change.id
    raise NothingToDo("the journal holds no change of these profiles and Regions that can be taken back")


def list_changes(run: Run) -> ExitCode:
    """Show the journal, newest first."""
    try:
        _print(journal_lines(Journal(run.journal).changes()))
    except JournalUnusable as error:
        raise CouldNotTell(str(error)) from error
    return ExitCode.DONE


@contextmanager
def _desk(run: Run) -> Iterator[ChangeDesk]:
    desk = run.desk()
    if desk is None:
        raise NothingToDo("this run is read-only: nothing can be changed")
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _diagnosed(run: Run) -> Iterator[tuple[Inquiry, FleetState]]:
    inquiry = run.inquiry()
    try:
        state = follow(inquiry)
        say_errors(state)
        if not state.scopes:
            raise CouldNotTell("no account could be looked at")
        yield inquiry, state
    finally:
        inquiry.close()


def _plan(inquiry: Inquiry, state: FleetState, cause: str, subject: str, fix: str | None) -> Plan:
    if cause not in catalogue():
        raise UsageError(f"there is no cause {cause}")
    held = _finding(state, cause, subject)
    chosen = fix or next(iter(held.finding.fixes), None)
    if chosen is None:
        raise NothingToDo(f"{cause} has no fix that an API could make: follow the documented steps")
    if chosen not in held.finding.fixes:
        raise UsageError(f"{cause} has no fix {chosen} here. It has: {', '.join(held.finding.fixes) or 'none'}")
    plan = inquiry.plan(held.scope.name, chosen, held.id).result()
    if isinstance(plan, NotApplicable):
        others = [each for each in held.finding.fixes if each != chosen] if fix is None else []
        hint = f" Others, chosen with --with: {', '.join(others)}" if others else ""
        raise NothingToDo(f"{chosen} cannot be made: {plan.why}{hint}")
    return plan


def _finding(state: FleetState, cause: str, subject: str) -> FleetFinding:
    found = [
        held
        for held in state.findings.values()
        if held.finding.cause == cause and subject in (held.finding.subject.id, held.id.partition("@")[2])
    ]
    if not found:
        raise NothingToDo(f"nothing to fix: {cause} does not hold for {subject}")
    if len(found) > 1:
        regions = ", ".join(sorted(held.scope.region for held in found))
        raise UsageError(f"{cause} holds for {subject} in several Regions ({regions}): name one with --region")
    return found[0]


def _standing_now(state: FleetState, plan: Plan) -> str:
    keys = [key for key, scope in state.scope_of.items() if scope.name == plan.scope.name]
    counts = state.counts(keys)
    words = ", ".join(f"{counts[status]} {status.value}" for status in VerdictStatus if counts[status])
    return f"{plan.scope.region} now: {words}"


def _code(outcome: ChangeOutcome) -> ExitCode:
    match outcome:
        case Applied():
            return ExitCode.DONE
        case Refused() | Failed():
            return ExitCode.REFUSED
        case Unsure():
            return ExitCode.COULD_NOT_TELL


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)
