"""Every fix on the simulated AWS: red, the forecast, applied, as forecast, taken back, as before, red again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import pytest

from ssmtui.changes.apply import CONDUCT, apply
from ssmtui.changes.change import ChangeState
from ssmtui.changes.conduct import Settled
from ssmtui.changes.journal import Journal
from ssmtui.changes.operations import WRITES
from ssmtui.changes.outcome import Applied, Refused
from ssmtui.changes.undo import last_undoable, settle_open, undo
from ssmtui.changes.writer import Access, Writer
from ssmtui.changes.writing import value_at
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.live import Asked, LiveDiagnosis
from ssmtui.fixes.fix import all_fixes
from ssmtui.model.plan import JSON, Call, Forecast, Guard, Plan
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario
from tests.changes import faulty_worlds as worlds

Verdicts = dict[str, tuple[str, str | None]]


@dataclass(frozen=True)
class Case:
    """A fix, the world that it is for, and the finding that it is made for; `after_undo` is the cause then."""

    fix: str
    world: str | Callable[[], Scenario]
    cause: str
    after_undo: str = ""

    def __str__(self) -> str:
        world = self.world if isinstance(self.world, str) else self.world.__name__
        return f"{self.fix}-{world}"


CASES = (
    Case("grant-node-key-access", worlds.role_without_key, "kms-node-denied"),
    Case("grant-node-key-access", worlds.hybrid_role_without_key, "kms-node-denied"),
    Case("grant-node-key-access", worlds.host_management_role_without_key, "kms-node-denied"),
    Case("grant-node-bucket-lookup", "bucket-encryption-unreadable", "s3-encryption-unreadable"),
    Case("grant-node-bucket-write", "s3-logs-lost", "s3-logs-lost"),
    Case("grant-node-log-lookup", "log-group-unreadable", "log-group-unreadable"),
    Case("grant-node-log-write", "cloudwatch-logs-lost", "cloudwatch-logs-lost"),
    Case("attach-core-policy", worlds.role_without_core, "role-core-denied"),
    Case("attach-core-policy", worlds.role_without_channels, "role-channels-denied"),
    Case("enable-key", "key-disabled", "kms-key-disabled"),
    # The date of a deletion cannot be had back, so that the key is disabled instead.
    Case("cancel-key-deletion", "key-pending-deletion", "kms-key-pending-deletion", after_undo="kms-key-disabled"),
    Case("clear-session-key", "key-missing", "kms-key-missing"),
    Case("create-log-group", "log-group-missing", "log-group-missing"),
    Case("create-log-group", worlds.log_group_missing_and_any_will_do, "log-group-missing"),
    Case("enable-instance-metadata", worlds.metadata_off, "imds-disabled"),
    Case("start-instance", worlds.stopped, "instance-not-running"),
    Case("open-endpoint-ingress", worlds.endpoints_closed, "endpoint-security-group-closed"),
    Case("open-node-egress", worlds.egress_closed, "egress-blocked"),
    Case("enable-vpc-dns", worlds.dns_off, "vpc-dns-off"),
)

TOGGLES = {"toggle-s3-encryption", "toggle-cloudwatch-encryption"}


@pytest.fixture
def there(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return simulated


@pytest.mark.parametrize("case", CASES, ids=str)
def test_red_forecast_apply_as_forecast_undo_as_before(case: Case, there: SimulatedAws, journal: Journal) -> None:
    there.load(case.world if isinstance(case.world, str) else case.world())
    with diagnosed(there) as (live, state):
        before = verdicts(state)
        plan = planned(live, state, case)
        forecast = live.forecast(plan).result()
        writer = writer_for(plan)
        was = readings(plan.guards, writer)
        assert read_back(plan.calls[:1], writer) <= {Settled.NOT_MADE}
        assert settled_after_a_kill(plan, writer, journal) is ChangeState.FAILED
        there.journal.clear()

        assert isinstance(apply(plan, writer, journal), Applied)
        assert written(there) == [call.operation for call in plan.calls]
        assert readings(plan.guards, writer) != was
        assert read_back(plan.calls, writer) <= {None}
        assert settled_after_a_kill(plan, writer, journal) is ChangeState.APPLIED
        live.recheck(plan.scope.name, plan.stale)
        assert_as_forecast(forecast, verdicts_by_id(follow(live, state)), at_once=True)
    after = diagnose(there)
    assert_as_forecast(forecast, verdicts_by_id(after), at_once=False)
    untouched = {node.name for node in after.nodes.values()} - {names(after)[id_] for id_ in told_of(forecast)}
    assert {name: verdicts(after)[name] for name in untouched} == {name: before[name] for name in untouched}

    there.journal.clear()
    assert isinstance(apply(plan, writer, journal), Refused)  # it is not as it was when this was previewed
    assert written(there) == []

    change = last_undoable(journal, plan.scope)
    assert change is not None
    assert isinstance(undo(change, writer, journal), Applied)
    # AWS refuses a document's repeated content, and the writer tries once more.
    assert set(written(there)) == {call.operation for call in plan.way_back.calls}
    assert read_back(plan.way_back.calls, writer) <= {None}
    if case.after_undo:
        assert {cause for _, cause in verdicts(diagnose(there)).values()} == {case.after_undo}
    else:
        assert readings(plan.guards, writer) == was
        assert verdicts(diagnose(there)) == before


def test_every_fix_is_tried() -> None:
    assert {case.fix for case in CASES} == all_fixes().keys() - TOGGLES


def test_every_write_on_the_list_is_conducted_and_nothing_else() -> None:
    assert CONDUCT.keys() == WRITES


def assert_as_forecast(forecast: Forecast, found: Verdicts, *, at_once: bool) -> None:
    """`at_once` says that no time has passed: an agent that was away may be away still."""
    assert told_of(forecast)
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
    held = next(each for each in state.findings.values() if each.finding.cause == case.cause)
    assert case.fix in held.finding.fixes
    plan = live.plan(held.scope.name, case.fix, held.id).result()
    assert isinstance(plan, Plan), plan
    assert plan.fix == case.fix
    return plan


def writer_for(plan: Plan) -> Writer:
    return Writer(Access.to(plan.scope, None), sleep=lambda _: None, answer_seconds=5)


def readings(guards: tuple[Guard, ...], writer: Writer) -> list[str | None]:
    """What the guards read, but for versions, which only go up, and the white space that AWS asks for."""
    found: list[str | None] = []
    for guard in guards:
        if "Version" not in guard.path:
            value = value_at(writer.read(guard.service, guard.operation, guard.parameters), guard.path)
            found.append(value.rstrip() if value is not None else None)
    return found


def settled_after_a_kill(plan: Plan, writer: Writer, journal: Journal) -> ChangeState:
    """What is found out of a change whose process was killed after it had been written down."""
    other = Journal(journal.file.parent / f"killed-{len(journal.changes())}")
    other.plan(plan)
    assert settle_open(plan.scope, writer, other) is None
    (change,) = other.changes()
    return change.state


def read_back(calls: tuple[Call, ...], writer: Writer) -> set[Settled | None]:
    """What is told of these calls where their answers are lost; None is: made. Documents have tests of their own."""
    told: set[Settled | None] = set()
    for call in calls:
        if call.service != "ssm":
            parameters = {name: cast("JSON", value) for name, value in call.parameters.items()}
            settled = CONDUCT[call.service, call.operation].settle(writer, parameters)
            told.add(settled if isinstance(settled, Settled) else None)
    return told


@contextmanager
def diagnosed(aws: SimulatedAws) -> Iterator[tuple[LiveDiagnosis, FleetState]]:
    live = LiveDiagnosis.start(Asked(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        yield live, follow(live)
    finally:
        live.close()


def diagnose(aws: SimulatedAws) -> FleetState:
    with diagnosed(aws) as (_, state):
        return state


def names(state: FleetState) -> dict[str, str]:
    return {node.id: node.name for node in state.nodes.values()}


def verdicts(state: FleetState) -> Verdicts:
    return {names(state)[id_]: told for id_, told in verdicts_by_id(state).items()}


def verdicts_by_id(state: FleetState) -> Verdicts:
    return {key.id: (state.verdict(key).status.value, state.verdict(key).root_cause) for key in state.nodes}
