"""`ssmtui fix` and `ssmtui undo`: a change previewed, made, and taken back, without a screen."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.changes.outcome import Applied, ChangeOutcome, Failed, FailedOnNode, Refused, Unsure
from ssmtui.cli.checking import say_errors
from ssmtui.cli.choosing import what_to_set
from ssmtui.cli.run import Run, UsageError
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.fixes.fix import all_fixes
from ssmtui.language import marked, say
from ssmtui.model.change_delay import delay_of, hoped_for
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.steps import Steps
from ssmtui.report.change import journal_lines, outcome_lines, plan_lines
from ssmtui.report.outcome import ExitCode
from ssmtui.report.steps import steps_lines

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk, Lend
    from ssmtui.diagnosis.live import LiveDiagnosis
    from ssmtui.handover.request import HandOver


_READ_ONLY = marked("this run is read-only: nothing can be changed")


class CouldNotTell(click.ClickException):
    """What was asked could not be told: one sentence, exit code 4."""

    exit_code = ExitCode.COULD_NOT_TELL


class NothingToDo(click.ClickException):
    """There is nothing to fix or undo, or it may not be done: one sentence, exit code 5."""

    exit_code = ExitCode.REFUSED


class ByHand(NothingToDo):
    """What was asked for is no change that ssmtui makes: steps for a person to follow."""

    def __init__(self, steps: Steps) -> None:
        super().__init__(say("{fix} is followed by hand: without --yes and --as its steps are shown", fix=steps.fix))
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Request:
    """What `fix` was asked for: the cause and its subject, the fix (None: the first in rank), and what it is told."""

    cause: str
    subject: str
    fix: str | None = None
    choices: Choices = NOTHING_CHOSEN


def preview_fix(run: Run, request: Request) -> ExitCode:
    """Show what a fix would change and for whom. Writes nothing."""
    try:
        with _diagnosed(run) as (inquiry, state):
            plan = _plan(inquiry, state, request)
            _print(plan_lines(plan, inquiry.forecast(plan).result(), state))
    except ByHand as by_hand:
        _print(steps_lines(by_hand.steps))
        click.echo("\n" + say("Nothing was changed: these steps are for a person to follow."))
        return ExitCode.DONE
    click.echo("\n" + say("Nothing was changed. To make this change, add --yes."))
    return ExitCode.DONE


def hand_over_fix(run: Run, request: Request, as_: HandOver) -> ExitCode:
    """Print the change in a format that others make it by, and nothing else. Writes nothing."""
    from ssmtui.handover.formats import NotExpressible, hand_over
    from ssmtui.handover.request import Request as ToHandOver

    with _diagnosed(run) as (inquiry, state):
        plan = _plan(inquiry, state, request)
        why = _finding(state, request.cause, request.subject).finding
        names = {node.id: node.name for node in state.nodes.values()}
        written = hand_over(ToHandOver(plan, why, inquiry.forecast(plan).result(), names), as_)
    if isinstance(written, NotExpressible):
        raise NothingToDo(written.why)
    click.echo(written, nl=False)
    return ExitCode.DONE


def apply_fix(run: Run, request: Request) -> ExitCode:
    """Show it, make it, and check what depends on it again."""
    _refuse_if_read_only(run)
    # One account is read and written by the same credentials, and an MFA code asked for once.
    with _diagnosed(run) as (inquiry, state), _desk(run, lend=inquiry.credentials) as desk:
        plan = _plan(inquiry, state, request)
        forecast = inquiry.forecast(plan).result()
        _print(plan_lines(plan, forecast, state))
        click.echo("")
        outcome = desk.apply(plan).result()
        _print(outcome_lines(outcome))
        if isinstance(outcome, Applied):
            if delay := delay_of(plan, datetime.now(UTC)):
                inquiry.expect(plan.scope.name, hoped_for(plan, forecast), delay)
            inquiry.recheck(plan.scope.name, plan.stale)
            click.echo(_standing_now(follow(inquiry, state), plan))
    return _code(outcome)


def undo_change(run: Run, change: str | None) -> ExitCode:
    """Take back the change named, or the last one (of the profiles and Regions named, where any are)."""
    with _desk(run, ask=getpass.getpass) as desk:
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
    raise NothingToDo(say("the journal holds no change of these profiles and Regions that can be taken back"))


def list_changes(run: Run) -> ExitCode:
    """Show the journal, newest first."""
    try:
        _print(journal_lines(Journal(run.journal).changes()))
    except JournalUnusable as error:
        raise CouldNotTell(str(error)) from error
    return ExitCode.DONE


@contextmanager
def _desk(run: Run, *, lend: Lend | None = None, ask: Callable[[str], str] | None = None) -> Iterator[ChangeDesk]:
    _refuse_if_read_only(run)
    desk = run.desk(lend=lend, ask=ask)
    if desk is None:
        raise NothingToDo(say(_READ_ONLY))
    try:
        yield desk
    finally:
        desk.close()


def _refuse_if_read_only(run: Run) -> None:
    if run.settings.read_only:
        raise NothingToDo(say(_READ_ONLY))


@contextmanager
def _diagnosed(run: Run) -> Iterator[tuple[LiveDiagnosis, FleetState]]:
    inquiry = run.inquiry()
    try:
        state = follow(inquiry)
        say_errors(state)
        if not state.scopes:
            raise CouldNotTell(say("no account could be looked at"))
        yield inquiry, state
    finally:
        inquiry.close()


def _plan(inquiry: Inquiry, state: FleetState, request: Request) -> Plan:
    cause, fix = request.cause, request.fix
    if cause not in catalogue():
        raise UsageError(say("there is no cause {cause}", cause=cause))
    held = _finding(state, cause, request.subject)
    chosen = fix or next(iter(held.finding.fixes), None)
    if chosen is None:
        raise NothingToDo(say("{cause} has no fix that an API could make: follow the documented steps", cause=cause))
    if chosen not in held.finding.fixes:
        raise UsageError(
            say(
                "{cause} has no fix {chosen} here. It has: {fixes}",
                cause=cause,
                chosen=chosen,
                fixes=", ".join(held.finding.fixes) or say("none"),
            )
        )
    offered = all_fixes().get(chosen)
    if request.choices.values and not (offered is not None and offered.chooses):
        raise UsageError(say("{fix} needs to be told nothing: leave --set away", fix=chosen))
    plan = inquiry.plan(held.scope.name, chosen, held.id, request.choices).result()
    if isinstance(plan, NotApplicable):
        others = [each for each in held.finding.fixes if each != chosen] if fix is None else []
        if plan.steps is not None:
            raise ByHand(plan.steps)
        if plan.choices:
            raise UsageError(what_to_set(plan, others))
        hint = say(" Others, chosen with --with: {others}", others=", ".join(others)) if others else ""
        raise NothingToDo(say("{chosen} cannot be made: {why}{hint}", chosen=chosen, why=plan.why, hint=hint))
    return plan


def _finding(state: FleetState, cause: str, subject: str) -> FleetFinding:
    found = [
        held
        for held in state.findings.values()
        if held.finding.cause == cause and subject in (held.finding.subject.id, held.id.partition("@")[2])
    ]
    if not found:
        raise NothingToDo(say("nothing to fix: {cause} does not hold for {subject}", cause=cause, subject=subject))
    if len(found) > 1:
        regions = ", ".join(sorted(held.scope.region for held in found))
        raise UsageError(
            say(
                "{cause} holds for {subject} in several Regions ({regions}): name one with --region",
                cause=cause,
                subject=subject,
                regions=regions,
            )
        )
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
        case Refused() | Failed() | FailedOnNode():
            return ExitCode.REFUSED
        case Unsure():
            return ExitCode.COULD_NOT_TELL


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)
