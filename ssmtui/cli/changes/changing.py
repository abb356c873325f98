"""`ssmtui fix`: a change previewed, made or handed over, without a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from ssmtui.causes.catalogue import catalogue
from ssmtui.changes.afterwards import after_applying, nodes_hoped_for
from ssmtui.cli.changes.choosing import what_to_set
from ssmtui.cli.changes.completing import begun_like, go_on_with
from ssmtui.cli.changes.desk import code_of, desk_of, refuse_if_read_only, say_lines, tell
from ssmtui.cli.changes.standing import standing_now
from ssmtui.cli.changes.unfinished import name_unfinished
from ssmtui.cli.checking import error_sentence, say_errors
from ssmtui.cli.printing import print_data
from ssmtui.cli.progress import followed, working
from ssmtui.cli.refusals import CouldNotTell, NothingToDo, UsageError
from ssmtui.cli.run import Run
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.inquiry import Inquiry
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.fixes.frame.fix import all_fixes
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.command_lines import fix_command
from ssmtui.model.finding import Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.steps import Steps
from ssmtui.report.change import plan_lines
from ssmtui.report.folding import Verbatim
from ssmtui.report.outcome import ExitCode
from ssmtui.report.steps import steps_lines

Asking = TypeVar("Asking", bound=Inquiry)

_NAMED, _LISTED = 6, 40
"""Subjects that a sentence names at most, and a list."""


class FollowedByHand(NothingToDo):
    """What was asked for is no change that ssmtui makes: steps for a person to follow."""

    def __init__(self, steps: Steps) -> None:
        super().__init__(say("{fix} is followed by hand: without --yes and --as its steps are shown", fix=steps.fix))
        self.steps = steps


@dataclass(frozen=True, slots=True)
class WantedFix:
    """What `fix` was asked for: the cause and its subject, the fix (None: the first in rank), and what it is told.

    Without a subject (""), it is the one that the cause holds for.
    """

    cause: str
    subject: str
    fix: str | None = None
    choices: Choices = NOTHING_CHOSEN


def where_it_holds(run: Run, request: WantedFix) -> Run:
    """The run in the Region that the subject's id names, unless the cause is that it is of another one."""
    cause = catalogue().get(request.cause)
    return run if cause is not None and cause.subject_is_elsewhere else run.in_region_of(request.subject)


def preview_fix(run: Run, request: WantedFix) -> ExitCode:
    """Show what a fix would change and for whom. Writes nothing."""
    _must_be_known(request)
    with _diagnosed(run.diagnosis()) as (inquiry, state):
        if isinstance(inquiry, LiveDiagnosis):
            name_unfinished(run, state.scopes, lend=inquiry.credentials)
        begun = _begun_like(run, inquiry, state, request)
        if begun is not None and (code := go_on_with(run, begun, makes=False)) is not None:
            return code
        if show_preview(inquiry, state, request):
            say_lines(["", *(_how_it_is_made(state, request) if run.replay is None else (run.replay.why_not,))])
    return ExitCode.DONE


def _how_it_is_made(state: FleetState, request: WantedFix) -> tuple[str, ...]:
    if request.subject:
        return (say("Nothing was changed. To make this change, add --yes."),)
    chosen = ("--with", request.fix) if request.fix else ()
    command = fix_command(_finding(state, request.cause, request.subject), *chosen, *_told(request), "--yes")
    return (say("Nothing was changed. To make this change:"), Verbatim(command))


def _told(request: WantedFix) -> Iterator[str]:
    return (word for name, value in request.choices.values for word in ("--set", f"{name}={value}"))


def show_preview(inquiry: Inquiry, state: FleetState, request: WantedFix) -> bool:
    """Show it by a diagnosis of which nothing is outstanding. Tells whether it is a change that ssmtui could make."""
    try:
        plan = _plan(inquiry, state, request)
        say_lines(plan_lines(plan, inquiry.forecast(plan).result(), state))
    except FollowedByHand as by_hand:
        say_lines(steps_lines(by_hand.steps))
        say_lines(["", say("Nothing was changed: these steps are for a person to follow.")])
        return False
    return True


def hand_over_fix(run: Run, request: WantedFix, as_: str) -> ExitCode:
    """Print the change in the format of that name, and nothing else. Writes nothing."""
    from ssmtui.handover.format import hand_over
    from ssmtui.handover.request import ChangeRequest, NotExpressible

    _must_be_known(request)
    with _diagnosed(run.diagnosis()) as (inquiry, state):
        plan = _plan(inquiry, state, request)
        held = _finding(state, request.cause, request.subject)
        names = {node.id: node.name for node in state.nodes.values()}
        forecast = inquiry.forecast(plan).result()
        command = fix_command(held, "--with", plan.fix, *_told(request))
        written = hand_over(ChangeRequest(plan, held.finding, forecast, names, datetime.now(UTC), command), as_)
    if isinstance(written, NotExpressible):
        raise NothingToDo(written.why)
    print_data(written)
    return ExitCode.DONE


def apply_fix(run: Run, request: WantedFix) -> ExitCode:
    """Show it, make it, and check what depends on it again."""
    _must_be_known(request)
    refuse_if_read_only(run)
    if not request.subject:
        raise UsageError(say("--yes changes only what is named: add --subject ID (without --yes, it is looked for)"))
    # One account is read and written by the same credentials, and an MFA code asked for once.
    with _diagnosed(run.inquiry()) as (inquiry, state), desk_of(run, lend=inquiry.credentials) as desk:
        name_unfinished(run, state.scopes, lend=inquiry.credentials)
        plan = _plan(inquiry, state, request)
        begun = begun_like(run, plan)
        if begun is not None and (code := go_on_with(run, begun, makes=True)) is not None:
            return code
        forecast = inquiry.forecast(plan).result()
        say_lines(plan_lines(plan, forecast, state))
        say_lines([""])
        hoped = nodes_hoped_for(plan, forecast, state)
        with working(say("the change is being made")):
            outcome = desk.apply(replace(plan, awaited_by=tuple(key.id for key in hoped))).result()
        tell(outcome)
        after = after_applying(plan, outcome, hoped, datetime.now(UTC))
        if after.waits is not None:
            inquiry.expect(after.scope, after.waits.nodes, after.waits.delay)
        if after.read_again is not None:
            inquiry.recheck(after.scope, after.read_again)
            say_lines([standing_now(followed(inquiry, state), plan.scope.name)])
    return code_of(outcome)


def _begun_like(run: Run, inquiry: Inquiry, state: FleetState, request: WantedFix) -> str | None:
    """The id of a change that was begun by the plan of the request, and interrupted; None also where it has no plan."""
    try:
        return begun_like(run, _plan(inquiry, state, request))
    except (NothingToDo, UsageError, CouldNotTell):
        return None  # why, the preview says


@contextmanager
def _diagnosed(inquiry: Asking) -> Iterator[tuple[Asking, FleetState]]:
    try:
        state = followed(inquiry)
        if not state.scopes and state.errors:
            raise CouldNotTell("\n".join(map(error_sentence, state.errors.values())))
        say_errors(state)
        if not state.scopes:
            raise CouldNotTell(say("no account could be looked at"))
        yield inquiry, state
    finally:
        inquiry.close()


def _plan(inquiry: Inquiry, state: FleetState, request: WantedFix) -> Plan:
    cause, fix = request.cause, request.fix
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
            raise FollowedByHand(plan.steps)
        if plan.choices:
            raise UsageError(what_to_set(plan, others))
        hint = say(" Others, chosen with --with: {others}", others=", ".join(others)) if others else ""
        raise NothingToDo(say("{chosen} cannot be made: {why}{hint}", chosen=chosen, why=plan.why, hint=hint))
    return plan


def _must_be_known(request: WantedFix) -> None:
    """Say before minutes of work that there is no such cause or fix."""
    if request.cause not in catalogue():
        near = did_you_mean(request.cause, catalogue())
        raise UsageError(say("there is no cause {cause}.", cause=printable(request.cause)) + near)
    fixes = {offer.slug for cause in catalogue().values() for offer in cause.fixes}
    if request.fix is not None and request.fix not in fixes:
        near = did_you_mean(request.fix, fixes)
        raise UsageError(say("there is no fix {fix}.", fix=printable(request.fix)) + near)


def _finding(state: FleetState, cause: str, subject: str) -> FleetFinding:
    of_cause = [held for held in state.findings.values() if held.finding.cause == cause]
    if not subject:
        return _only_one(state, of_cause, cause)
    found = [
        held for held in of_cause if _holds(held) and subject in (held.finding.subject.id, held.id.partition("@")[2])
    ]
    if not found:
        _refuse_what_is_untold(state, of_cause, cause)
        sentence = say("nothing to fix: {cause} does not hold for {subject}", cause=cause, subject=printable(subject))
        raise NothingToDo(sentence + _subjects_of(state, cause))
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


def _only_one(state: FleetState, of_cause: Sequence[FleetFinding], cause: str) -> FleetFinding:
    found = [held for held in of_cause if _holds(held)]
    if len(found) == 1:
        return found[0]
    if not found:
        _refuse_what_is_untold(state, of_cause, cause)
        raise NothingToDo(say("nothing to fix: {cause} does not hold here", cause=cause))
    names = {node.id: node.name for node in state.nodes.values()}
    told = sorted(
        printable(f"  --subject {held.id.partition('@')[2]}  {names.get(held.finding.subject.id, '')}").rstrip()
        for held in found
    )
    more = [say("  and {more} more", more=len(told) - _LISTED)] if len(told) > _LISTED else []
    heading = say("{cause} holds for {count} things: name one with --subject", cause=cause, count=len(told))
    raise UsageError("\n".join((heading, *told[:_LISTED], *more)))


def _subjects_of(state: FleetState, cause: str) -> str:
    """What the cause does hold for, after a full stop; empty where it holds for nothing."""
    held = (each.finding.subject.id for each in state.findings.values() if each.finding.cause == cause and _holds(each))
    subjects = sorted(map(printable, set(held)))
    more = say(" and {more} more", more=len(subjects) - _NAMED) if len(subjects) > _NAMED else ""
    return say(". It holds for: {subjects}", subjects=", ".join(subjects[:_NAMED]) + more) if subjects else ""


def _refuse_what_is_untold(state: FleetState, of_cause: Sequence[FleetFinding], cause: str) -> None:
    """Say that it could not be told, where what is not found may hold all the same."""
    untold = [held.finding for held in of_cause if not _holds(held)]
    if untold or state.errors:
        needs = sorted({need for finding in untold for need in finding.needs})
        sentence = say("whether {cause} holds could not be told", cause=cause)
        raise CouldNotTell(f"{sentence}: {', '.join(needs)}" if needs else sentence)


def _holds(held: FleetFinding) -> bool:
    """Whether it was found, and is no note that it could not be told."""
    finding = held.finding
    is_untold = finding.status is Status.UNKNOWN or (finding.status is Status.INFO and bool(finding.needs))
    return bool(finding.fixes) or not is_untold
