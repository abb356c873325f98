"""Every fix on the simulated AWS: red, the forecast, applied, as forecast, taken back, as before, red again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.choice import Choices
from ssmtui.model.plan import JSON, AnswerReference, Call, Forecast, Guard, GuardReference, Plan
from ssmtui.remediation.apply.apply_plan import apply, read_guards
from ssmtui.remediation.apply.change import AppliedOutcome, ChangeOutcome, RefusedOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import last_undoable, undo
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.export.format import ChangeRequest, NotExpressible, all_formats, export_plan, is_visible
from ssmtui.remediation.export.formats.aws_cli import bash_script, undo_script
from ssmtui.remediation.operations.catalog import READS, WRITE_OPERATIONS, WRITES
from ssmtui.remediation.operations.write_operation import Settlement, value_at
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.simulator.in_thread import SimulatedAws
from tests.remediation.apply.boundaries import WatchedWriter, assert_the_journal_tells_the_truth
from tests.remediation.apply.fix_cases import CASES, Case
from tests.remediation.apply.somebody_else import Edit, SomebodyElse
from tests.remediation.apply.standing_still import StandingStill
from tests.remediation.apply.whole_plan import assert_it_tells_all
from tests.remediation.export.other_tools import complaints
from tests.remediation.export.stock_cli import StockCli
from tests.simulated_aws import point_at

Verdicts = dict[str, tuple[str, str | None]]


@pytest.fixture
def there(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    point_at(simulated, monkeypatch)
    return simulated


@dataclass
class Used:
    """What the changes of these cases have asked of AWS."""

    cases: set[str] = field(default_factory=set)
    operations: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture(scope="module")
def used() -> Used:
    """What the changes of this module have asked of AWS so far."""
    return Used()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_red_forecast_apply_as_forecast_undo_as_before(
    case: Case, there: SimulatedAws, journal: Journal, used: Used
) -> None:
    used.cases.add(str(case))
    there.load(case.scenario)
    with diagnosed(there) as (live, state):
        before = verdicts(state)
        plan = planned(live, state, case)
        forecast = live.forecast(plan).result()
        assert bool(told_of(forecast)) is not case.quiet
        assert_it_tells_all(plan, forecast, state, case)
        writer = writer_for(plan)
        was = readings(plan.guards, writer)
        assert read_back(plan.calls[:1], writer) <= {Settlement.UNKNOWN if case.traceless else Settlement.NOT_MADE}
        assert_an_edit_before_it_is_refused(case, plan, there, lambda: apply(plan, writer, journal))
        there.journal.clear()

        watched = WatchedWriter(writer, journal, plan.scope, used.operations)
        assert isinstance(apply(plan, watched, journal), AppliedOutcome)
        told = not case.traceless
        assert_the_journal_tells_the_truth(watched.deaths, calls=len(plan.calls), before=told, after=told)
        assert written(there) == [call.operation for call in plan.calls]
        if not case.traceless:
            assert readings(plan.guards, writer) != was
            assert read_back(plan.calls, writer) <= {None}
        live.recheck(plan.scope.name, plan.stale)
        assert_as_forecast(forecast, verdicts_by_id(follow(live, state)), at_once=True)
    after = diagnose(there)
    assert not case.quiet or (case.cause in causes(after)) is case.eases
    assert_as_forecast(forecast, verdicts_by_id(after), at_once=False)
    untouched = {node.name for node in after.nodes.values()} - {names(after)[id_] for id_ in told_of(forecast)}
    assert {name: verdicts(after)[name] for name in untouched} == {name: before[name] for name in untouched}

    there.journal.clear()
    if not case.traceless:
        assert isinstance(apply(plan, writer, journal), RefusedOutcome)  # it is not as it was when this was previewed
    assert written(there) == []

    if case.stays:
        assert_it_stays(plan, writer, journal)
        return
    change = last_undoable(journal, plan.scope)
    assert change is not None
    assert_an_edit_since_is_refused(plan, there, lambda: undo(change, writer, journal))
    there.journal.clear()
    watched = WatchedWriter(writer, journal, plan.scope, used.operations)
    assert isinstance(undo(change, watched, journal), AppliedOutcome)
    assert_the_journal_tells_the_truth(watched.deaths, calls=len(plan.way_back.calls), before=True, after=True)
    # AWS refuses a document's repeated content, and the writer tries once more.
    assert set(written(there)) == {call.operation for call in plan.way_back.calls}
    assert read_back(plan.way_back.calls, writer) <= {None}
    if case.after_undo:
        assert {cause for _, cause in verdicts(diagnose(there)).values()} == {case.after_undo}
    else:
        assert readings(plan.guards, writer) == was
        assert verdicts(diagnose(there)) == before


def test_the_policy_that_is_printed_for_fixes_is_all_used(used: Used) -> None:
    """Each of the changes above was made and taken back by somebody who may do exactly that, and nothing else."""
    if used.cases != {str(case) for case in CASES}:
        pytest.skip("not all of the changes above were made in this run")
    assert used.operations == WRITES | READS


@pytest.mark.parametrize("case", {case.fix: case for case in CASES}.values(), ids=str)
def test_the_printed_commands_do_what_the_key_does(case: Case, there: SimulatedAws, cli: StockCli) -> None:
    there.load(case.scenario)
    with diagnosed(there) as (live, state):
        assert_same_by_hand(planned(live, state, case), there, cli)


def test_every_fix_is_tried() -> None:
    assert {case.fix for case in CASES} == all_fixes().keys()


def assert_it_stays(plan: Plan, writer: Writer, journal: Journal) -> None:
    """Nothing takes it back, and asking for that is answered with the plan's own sentence."""
    (made,) = journal.changes()
    refused = undo(made, writer, journal)
    assert isinstance(refused, RefusedOutcome)
    assert plan.undo in refused.why
    assert not plan.way_back.calls
    assert last_undoable(journal, plan.scope) is None


def assert_same_by_hand(plan: Plan, aws: SimulatedAws, cli: StockCli) -> None:
    """The printed commands, run by bash with the stock AWS CLI, do what the key does, and take it back."""
    for format_ in all_formats():
        text = export_plan(ChangeRequest(plan), format_)
        assert isinstance(text, NotExpressible) or (is_visible(text) and not complaints(format_, text))
    writer = writer_for(plan)
    was = readings(plan.guards, writer)
    aws.journal.clear()
    made = cli.run(bash_script(ChangeRequest(plan)), aws)
    assert (made.returncode, made.stderr) == (0, "")
    assert written(aws) == [call.operation for call in plan.calls]
    assert read_back(plan.calls, writer) <= {None, Settlement.UNKNOWN}
    assert_a_second_run_finds_it_so(bash_script(ChangeRequest(plan)), plan.way_back.guards, aws, cli)
    assert all(reading.holds for reading in read_guards(plan.way_back.guards, writer))
    if plan.way_back.calls:
        taken_back = cli.run(undo_script(plan), aws)
        assert (taken_back.returncode, taken_back.stderr) == (0, "")
        assert readings(plan.guards, writer) == was or plan.fix == "cancel-key-deletion"
        if plan.fix != "cancel-key-deletion":
            assert_a_second_run_finds_it_so(undo_script(plan), plan.guards, aws, cli)


def assert_a_second_run_finds_it_so(script: str, after: tuple[Guard, ...], aws: SimulatedAws, cli: StockCli) -> None:
    """A script that is run again changes nothing, ends well and blames nobody; it compares all that it must."""
    assert "Check first that" not in script
    if not after:  # a reboot is no state that could be asked for
        return
    aws.journal.clear()
    again = cli.run(script, aws)
    assert (again.returncode, again.stdout, again.stderr) == (0, "Already applied: nothing was changed.\n", "")
    assert written(aws) == []


def assert_as_forecast(forecast: Forecast, found: Verdicts, *, at_once: bool) -> None:
    """`at_once` says that no time has passed: an agent that was away may be away still."""
    for id_ in forecast.turn_green:
        assert found[id_] == ("ok", None)
    for id_ in forecast.turn_warn:
        assert found[id_] == ("warn", None)
    for id_ in (*forecast.stay_red, *forecast.turn_worse):
        assert found[id_][0] == "fail"
    for id_ in forecast.await_agent:
        status, cause = found[id_]
        away = at_once and cause in {"not-registered", "connection-lost", "control-channel-down"}
        assert away or status in {"ok", "warn"}


def told_of(forecast: Forecast) -> tuple[str, ...]:
    return (
        *forecast.turn_green,
        *forecast.turn_warn,
        *forecast.stay_red,
        *forecast.turn_worse,
        *forecast.await_agent,
    )


def written(aws: SimulatedAws) -> list[str]:
    return [entry.operation for entry in aws.journal.writes]


def planned(live: LiveDiagnosis, state: FleetState, case: Case) -> Plan:
    # Of several the first by its id: in which order findings become known is chance.
    held = min((each for each in state.findings.values() if each.finding.cause == case.cause), key=lambda each: each.id)
    assert case.fix in held.finding.fixes
    plan = live.plan(held.scope.name, case.fix, held.id, Choices(case.chosen)).result()
    assert isinstance(plan, Plan), plan
    assert plan.fix == case.fix
    return plan


def writer_for(plan: Plan) -> Writer:
    return Writer(ClientAccess.to(plan.scope, None), sleep=lambda _: None, answer_seconds=5)


def readings(guards: tuple[Guard, ...], writer: Writer) -> list[str | None]:
    """What the guards read, but for versions, which only go up, and the white space that AWS asks for."""
    found: list[str | None] = []
    for guard in guards:
        if "Version" not in guard.path:
            value = value_at(writer.read(guard.service, guard.operation, guard.parameters), guard.path)
            found.append(value.rstrip() if value is not None else None)
    return found


def assert_an_edit_before_it_is_refused(
    case: Case, plan: Plan, aws: SimulatedAws, attempt: Callable[[], ChangeOutcome]
) -> None:
    """Whatever somebody else makes of the thing between the preview and the change is not lost."""
    edit = SomebodyElse(aws, plan, made=False).edit()
    # What cannot be had back happens once: no state of anything is there that somebody else could change.
    assert (edit is None) is case.stays
    if edit is not None:
        assert_refused_after_an_edit(plan, plan.guards, edit, aws, attempt)


def assert_an_edit_since_is_refused(plan: Plan, aws: SimulatedAws, attempt: Callable[[], ChangeOutcome]) -> None:
    """Whatever somebody else makes of the thing between the change and its undo is not lost."""
    edit = SomebodyElse(aws, plan, made=True).edit()
    assert edit is not None
    taking_back = replace(plan, before=plan.after, after=plan.before)
    assert_refused_after_an_edit(taking_back, plan.way_back.guards, edit, aws, attempt)


def assert_refused_after_an_edit(
    plan: Plan, guards: tuple[Guard, ...], edit: Edit, aws: SimulatedAws, attempt: Callable[[], ChangeOutcome]
) -> None:
    """An edit by somebody else is refused with the three texts, and not lost; when it is gone, all is as it was."""
    writer = writer_for(plan)
    was = readings(guards, writer)
    edit.make()
    theirs = readings(guards, writer)
    aws.journal.clear()
    refused = attempt()
    assert isinstance(refused, RefusedOutcome)
    assert refused.edit_conflict is not None
    assert (refused.edit_conflict.expected, refused.edit_conflict.wanted) == (plan.before, plan.after)
    assert refused.edit_conflict.found.rstrip() in {(each or "").rstrip() for each in theirs}
    assert written(aws) == []
    assert readings(guards, writer) == theirs
    edit.take_away()
    assert readings(guards, writer) == was


def read_back(calls: tuple[Call, ...], writer: Writer) -> set[Settlement | None]:
    """What is told of these calls where their answers are lost; None is: made. Documents have tests of their own."""
    told: set[Settlement | None] = set()
    as_it_is = StandingStill(writer)
    for call in calls:
        is_known = not any(isinstance(value, AnswerReference | GuardReference) for value in call.parameters.values())
        if "Document" not in call.operation and is_known:
            parameters = {name: cast("JSON", value) for name, value in call.parameters.items()}
            settled = WRITE_OPERATIONS[call.service, call.operation].settle(as_it_is, parameters)
            told.add(settled if isinstance(settled, Settlement) else None)
    return told


@contextmanager
def diagnosed(aws: SimulatedAws) -> Iterator[tuple[LiveDiagnosis, FleetState]]:
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        yield live, follow(live)
    finally:
        live.close()


def diagnose(aws: SimulatedAws) -> FleetState:
    with diagnosed(aws) as (_, state):
        return state


def causes(state: FleetState) -> set[str]:
    return {held.finding.cause for held in state.findings.values()}


def names(state: FleetState) -> dict[str, str]:
    return {node.id: node.name for node in state.nodes.values()}


def verdicts(state: FleetState) -> Verdicts:
    return {names(state)[id_]: told for id_, told in verdicts_by_id(state).items()}


def verdicts_by_id(state: FleetState) -> Verdicts:
    return {key.id: (state.verdict(key).status.value, state.verdict(key).root_cause) for key in state.nodes}
