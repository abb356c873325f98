"""Create the cases from the calls of each plan; each is tested on a copy of the plan's world."""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, cast
from unittest.mock import patch

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.choice import Choices
from ssmtui.model.plan import JSON, Call, Guard, Parameter, Plan
from ssmtui.remediation.apply.change import AppliedOutcome, Change, ChangeOutcome, ChangeState, RefusedOutcome
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations import write_operation
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.write_operation import ChangeWriter, value_at
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import WORLDS
from tests.answered_in_process import answering_here
from tests.remediation.apply.fix_cases import CASES, FIXER, Case
from tests.remediation.apply.test_every_fix import writer_for
from tests.simulated_aws import one_sdk_for_all_sessions
from tests.simulated_here import at_any_rate
from tools.trust.repairs.account import Account, InterruptedWriter, Killed, Kind, account_of, differences

T = TypeVar("T")


_NEVER_BEGUN = "nothing was applied: run the fix again"
_NEVER_MADE = "the change was never applied, so there is nothing to undo"
_UNDONE = "the change is already undone"


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that the loaded world offers."""

    world: str
    plan: Plan

    @property
    def shape(self) -> tuple[str, ...]:
        """What distinguishes it from other plans: the fix, its calls, and the calls of its undo."""
        calls = (*self.plan.calls, *self.plan.way_back.calls)
        return (self.plan.fix, str(len(self.plan.calls)), *(call.operation for call in calls))

    def __str__(self) -> str:
        return f"{self.plan.fix} in {self.world}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One case: the fix, its undo, or both are interrupted at a call; then it is undone or completed.

    A place of None means no interruption.
    """

    making: tuple[int, Kind] | None
    taking_back: tuple[int, Kind] | None
    completes: bool

    def __str__(self) -> str:
        parts = [
            f"{word} {at[1].value} at call {at[0] + 1}"
            for word, at in (("the fix", self.making), ("its undo", self.taking_back))
            if at is not None
        ]
        return f"{', '.join(parts)}, then {'completed' if self.completes else 'taken back'}"


@dataclass(frozen=True, slots=True)
class Ends:
    """The account before a plan, after it, and after its undo."""

    before: Account
    made: Account
    undone: Account


def trials_of(plan: Plan) -> Iterator[Trial]:
    """Yield every trial of a plan."""
    made, back = range(len(plan.calls)), range(len(plan.way_back.calls))
    for kind in Kind:
        for at in made:
            yield Trial((at, kind), None, completes=True)
            if back:
                yield Trial((at, kind), None, completes=False)
        for at in back:
            yield Trial(None, (at, kind), completes=False)
    for at in made:
        for again in back:
            yield Trial((at, Kind.KILLED_AFTER), (again, Kind.KILLED_AFTER), completes=False)
            yield Trial((at, Kind.REFUSED), (again, Kind.REFUSED), completes=False)


@contextmanager
def simulated() -> Iterator[SimulatedAws]:
    """Yield a simulated AWS in this process, so that a copy of the process includes it."""
    with ExitStack() as stack:
        stack.enter_context(one_sdk_for_all_sessions())
        aws = stack.enter_context(serving())
        stack.enter_context(answering_here(aws))
        stack.enter_context(at_any_rate())
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        # No event arrives late here.
        stack.enter_context(patch.object(write_operation, "_LOOKS", 1))
        stack.enter_context(patch.dict(os.environ, {**kept, **aws.environment}, clear=True))
        yield aws


def offers_of_cases(aws: SimulatedAws, cases: tuple[Case, ...] = CASES) -> Iterator[Offer]:
    """Yield the plans of the cases of every fix; while a plan is used, its world is loaded."""
    for case in cases:
        yield from (each for each in _offers(aws, str(case), case.scenario, case.chosen) if each.plan.fix == case.fix)


def offers_of_worlds(aws: SimulatedAws) -> Iterator[Offer]:
    """Yield every plan that a world offers without further choices."""
    for name, made in WORLDS.items():
        yield from _offers(aws, name, replace(made(), caller=FIXER), ())


def _offers(aws: SimulatedAws, name: str, scenario: Scenario, chosen: tuple[tuple[str, str], ...]) -> Iterator[Offer]:
    aws.load(scenario)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        state = follow(live)
        plans = [
            live.plan(held.scope.name, fix, held.id, Choices(chosen)).result()
            for held in sorted(state.findings.values(), key=lambda each: each.id)
            for fix in held.finding.fixes
        ]
    finally:
        live.close()
    for plan in plans:
        if isinstance(plan, Plan):
            yield Offer(name, plan)


def ends_of(aws: SimulatedAws, plan: Plan) -> Ends:
    """Return the account before and after a plan."""

    before = account_of(aws)

    def tried() -> Ends:
        with _journal() as journal:
            change = _applied(_desk(journal, writer_for(plan)).apply(plan).result())
            made = account_of(aws)
            if plan.way_back.calls:
                _applied(_desk(journal, writer_for(plan)).undo(change.id).result())
            return Ends(before, made, account_of(aws))

    return in_a_copy(tried)


def lost_in(aws: SimulatedAws, plan: Plan, ends: Ends, trial: Trial) -> list[str]:
    """Return what is wrong in a trial."""

    def tried() -> list[str]:
        with _journal() as journal:
            return list(_lost(aws, plan, ends, trial, journal))

    return in_a_copy(tried)


def lost_beside(aws: SimulatedAws, plan: Plan, at: int) -> list[str]:
    """Return the damage to another person's resource, made by the call before which the process was killed."""
    theirs = replace(plan.calls[at], parameters=_without_tags(plan.calls[at].parameters))

    def made_alone() -> Account:
        _made_by_somebody(plan, theirs)
        return account_of(aws)

    def tried() -> list[str]:
        with _journal() as journal:
            _attempted(journal, plan, (at, Kind.KILLED_BEFORE), lambda desk: desk.apply(plan).result())
            _made_by_somebody(plan, theirs)
            outcome = _desk(journal, writer_for(plan)).undo(journal.changes()[-1].id).result()
            found = differences(wanted, account_of(aws))
            # Before the first call, nothing of the change was made.
            is_right = _says(outcome, _NEVER_MADE) if at == 0 else isinstance(outcome, AppliedOutcome)
            return found if is_right else [*found, f"it ended as {outcome!r:.600}"]

    wanted = in_a_copy(made_alone)
    return in_a_copy(tried)


def as_of_earlier_versions(plan: Plan) -> Plan:
    """Return the plan without the tags that mark a change's own resources: journals of earlier versions lack them."""
    calls = tuple(replace(call, parameters=_without_tags(call.parameters)) for call in plan.calls)
    return replace(
        plan, calls=calls, way_back=replace(plan.way_back, guards=tuple(map(_untagged, plan.way_back.guards)))
    )


def _untagged(guard: Guard) -> Guard:
    filters = guard.parameters.get("Filters")
    if not isinstance(filters, list):
        return guard
    kept = [each for each in filters if not str(value_at(each, "Name")).startswith("tag:")]
    return replace(guard, parameters={**guard.parameters, "Filters": kept})


def refused_where_nothing_tells(aws: SimulatedAws, plan: Plan, at: int) -> tuple[ChangeOutcome, list[str]]:
    """Return the outcome of an undo that cannot know whose a resource is, and what it has changed."""

    def tried() -> tuple[ChangeOutcome, list[str]]:
        with _journal() as journal:
            _attempted(journal, plan, (at, Kind.KILLED_AFTER), lambda desk: desk.apply(plan).result())
            before = account_of(aws)
            outcome = _desk(journal, writer_for(plan)).undo(journal.changes()[-1].id).result()
            return outcome, differences(before, account_of(aws))

    return in_a_copy(tried)


def named_by_aws(plan: Plan) -> list[int]:
    """Return the places of the calls that create something whose name AWS chooses."""
    return [at for at, call in enumerate(plan.calls) if WRITE_OPERATIONS[call.service, call.operation].is_named_by_aws]


def _made_by_somebody(plan: Plan, call: Call) -> None:
    parameters = {name: cast("JSON", value) for name, value in call.parameters.items()}
    writer_for(plan).write(call.service, call.operation, parameters)


def _without_tags(parameters: Mapping[str, Parameter]) -> Mapping[str, Parameter]:
    return {name: value for name, value in parameters.items() if name != "TagSpecifications"}


def _lost(aws: SimulatedAws, plan: Plan, ends: Ends, trial: Trial, journal: Journal) -> Iterator[str]:
    begun = _attempted(journal, plan, trial.making, lambda desk: desk.apply(plan).result())
    change = journal.changes()[-1]
    if trial.taking_back is not None:
        _attempted(journal, plan, trial.taking_back, lambda desk: desk.undo(change.id).result())
    desk = _desk(journal, writer_for(plan))
    # AWS can refuse an optional call: then the change counts as made, with a note.
    if trial.completes and not isinstance(begun, AppliedOutcome):
        outcome = desk.complete(change.id).result()
        if _says(outcome, _NEVER_BEGUN):
            outcome = desk.apply(plan).result()
        yield from _not_as(ends.made, aws, outcome)
        change = next(each for each in journal.changes() if each.state is ChangeState.APPLIED)
    if plan.way_back.calls:
        yield from _taken_back(aws, ends, desk.undo(change.id).result())
    read = Journal(journal.file.parent).read()
    yield from (f"{each.title} is open still: {each.state.value} {each.why}" for each in read.changes if each.is_open)
    if read.damaged:
        yield f"the journal is damaged: {read.damaged}"


def _taken_back(aws: SimulatedAws, ends: Ends, outcome: ChangeOutcome) -> Iterator[str]:
    """Yield what is wrong; an undo may find that nothing was made, or that the previous undo was complete."""
    found = account_of(aws)
    if _says(outcome, _NEVER_MADE):
        yield from (f"said never to have been made: {each}" for each in differences(ends.before, found))
    elif _says(outcome, _UNDONE):
        yield from differences(ends.undone, found)
    else:
        yield from _not_as(ends.undone, aws, outcome)


def _says(outcome: ChangeOutcome, why: str) -> bool:
    return isinstance(outcome, RefusedOutcome) and outcome == RefusedOutcome(why)


def _attempted(
    journal: Journal, plan: Plan, at: tuple[int, Kind] | None, attempt: Callable[[ChangeService], ChangeOutcome]
) -> ChangeOutcome | None:
    writer: ChangeWriter = writer_for(plan)
    if at is not None:
        writer = InterruptedWriter(writer, *at)
    try:
        return attempt(_desk(journal, writer))
    except Killed:
        return None


def _not_as(wanted: Account, aws: SimulatedAws, outcome: ChangeOutcome) -> Iterator[str]:
    if not isinstance(outcome, AppliedOutcome):
        yield f"it ended as {outcome!r:.600}"
    yield from differences(wanted, account_of(aws))


def _applied(outcome: ChangeOutcome) -> Change:
    if not isinstance(outcome, AppliedOutcome):
        raise AssertionError(f"{outcome!r:.600}")
    return outcome.change


def _desk(journal: Journal, writer: ChangeWriter) -> ChangeService:
    """Return a change service, as of another process."""
    return ChangeService(Journal(journal.file.parent), lambda _scope: writer)


@contextmanager
def _journal() -> Iterator[Journal]:
    with tempfile.TemporaryDirectory(prefix="repairs-") as folder:
        yield Journal(Path(folder))


def in_a_copy(tried: Callable[[], T]) -> T:
    """Return the result of a function in a copy of this process and its world."""
    heard, told = os.pipe()
    with warnings.catch_warnings():
        # Its threads wait for requests that nobody sends, and hold no lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        try:
            answer = pickle.dumps((True, tried()))
        except BaseException:  # noqa: BLE001 - told to who waits
            answer = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(told, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(told)
    with os.fdopen(heard, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    went_well, result = pickle.loads(answer)  # noqa: S301 - our own
    if not went_well:
        raise AssertionError(result)
    found: T = result
    return found


def tried_all(aws: SimulatedAws, offer: Offer) -> tuple[int, Mapping[str, list[str]]]:
    """Run every trial of a plan whose world is loaded; return their number, and the failures."""
    ends = ends_of(aws, offer.plan)
    lost: dict[str, list[str]] = {}
    number = 0
    for trial in trials_of(offer.plan):
        number += 1
        try:
            found = lost_in(aws, offer.plan, ends, trial)
        except AssertionError as error:
            found = [f"it could not be gone through: {error}"]
        if found:
            lost[f"{offer}: {trial}"] = found
    for at in named_by_aws(offer.plan):
        number += 1
        found = lost_beside(aws, offer.plan, at)
        if found:
            lost[f"{offer}: killed before call {at + 1}, which somebody else makes, then taken back"] = found
    return number, lost


def can_be_told(plan: Plan) -> bool:
    """Return whether AWS shows that a call was made: a reboot is not visible."""
    return all(call.operation != "RebootInstances" for call in plan.calls)
