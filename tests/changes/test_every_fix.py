"""Every fix on the simulated AWS: red, the forecast, applied, as forecast, taken back, as before, red again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import pytest

from ssmtui.changes.apply import CONDUCT, apply, read_guards
from ssmtui.changes.change import Change
from ssmtui.changes.conduct import Settled
from ssmtui.changes.journal import Journal
from ssmtui.changes.operations import WRITES
from ssmtui.changes.outcome import Applied, Refused
from ssmtui.changes.undo import last_undoable, undo
from ssmtui.changes.writer import Access, Writer
from ssmtui.changes.writing import value_at
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.live import Asked, LiveDiagnosis
from ssmtui.fixes.fix import all_fixes
from ssmtui.handover.aws_cli import bash_script, way_back_script
from ssmtui.handover.formats import NotExpressible, hand_over
from ssmtui.handover.request import HandOver, Request
from ssmtui.handover.steps import is_seen
from ssmtui.model.choice import Choices
from ssmtui.model.plan import JSON, Call, Forecast, FromAnswer, FromGuard, Guard, Plan
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario
from tests.changes import faulty_worlds as worlds
from tests.changes import preference_worlds as prefs
from tests.changes.boundaries import WatchedWriter, assert_the_journal_tells_the_truth
from tests.changes.somebody_else import edit_of
from tests.handover.stock_cli import StockCli

Verdicts = dict[str, tuple[str, str | None]]


@dataclass(frozen=True)
class Case:
    """A fix, the world that it is for, and the finding that it is made for; `after_undo` is the cause then.

    `stays` says that nothing takes it back, and `traceless` that AWS does not even tell whether it was made. `chosen`
    is what the fix is told, and `quiet` says that no node's verdict hangs on the finding; `eases` that it does not
    even go, only weighs less.
    """

    fix: str
    world: str | Callable[[], Scenario]
    cause: str
    after_undo: str = ""
    stays: bool = False
    traceless: bool = False
    chosen: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    eases: bool = False

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
    Case("attach-instance-profile", "host-management-off", "instance-profile-missing", chosen=(("profile", "web"),)),
    Case("replace-instance-profile", worlds.profile_empty, "instance-profile-empty", chosen=(("profile", "web"),)),
    Case("add-role-to-profile", worlds.profile_empty, "instance-profile-empty", chosen=(("role", "web"),)),
    Case("enable-host-management", worlds.host_management_turned_off, "dhmc-off"),
    Case("enable-host-management", "host-management-role-missing", "dhmc-role-broken"),
    Case("create-endpoint", worlds.no_way_out, "no-route-to-endpoint", chosen=(("group", "lab-nodes"),)),
    Case("enable-private-dns", worlds.private_dns_off, "endpoint-private-dns-off"),
    Case("repair-role-trust", worlds.role_trusted_by_another_service, "role-trust-wrong"),
    Case("repair-role-trust", "host-management-role-trust-wrong", "dhmc-role-broken"),
    Case("grant-host-management-role", "host-management-role-denied", "dhmc-role-broken"),
    Case("require-imdsv2", "host-management-imdsv1", "dhmc-needs-imdsv2"),
    Case("enable-advanced-tier", "hybrid-tier-standard", "hybrid-tier-standard"),
    Case("reboot-instance", "instance-impaired", "instance-impaired", stays=True, traceless=True),
    Case("reboot-instance", "profile-attached-late", "profile-attached-late", stays=True, traceless=True),
    Case("restart-agent", "control-channel-down", "control-channel-down", stays=True),
    Case("update-agent", worlds.agent_too_old, "agent-too-old", stays=True),
    Case("raise-inotify-limit", "sessions-left-open", "run-out-of-watches", stays=True, quiet=True, eases=True),
    Case("terminate-stale-session", "sessions-left-open", "run-out-of-watches", stays=True),
    Case("create-preferences", "preferences-absent", "preferences-absent", quiet=True),
    Case("align-preferences-versions", "preferences-drift", "preferences-drift"),
    Case("edit-preferences", "timeout-out-of-range", "timeout-out-of-range", chosen=(("idleSessionTimeout", "30"),)),
    Case(
        "edit-preferences",
        prefs.bucket_gone_and_another_is_there,
        "s3-bucket-missing",
        chosen=(("s3BucketName", "new-session-audit"), ("idleSessionTimeout", ""), ("shellProfile.linux", "cd /srv")),
    ),
    Case("repair-preferences", prefs.switch_left_empty, "preferences-malformed"),
    Case("repair-preferences", prefs.names_written_as_addresses, "preferences-malformed"),
    Case(
        "choose-session-key",
        prefs.key_disabled_and_a_spare,
        "kms-key-disabled",
        chosen=(("key", prefs.SPARE_KEY),),
    ),
    Case(
        "choose-session-key",
        prefs.key_elsewhere_and_a_spare,
        "kms-key-wrong-region",
        chosen=(("key", prefs.SPARE_KEY),),
    ),
    Case("tag-key-for-access-requests", "access-requests", "kms-key-jit-tag-missing"),
    Case("encrypt-log-group", "log-group-unencrypted", "log-group-unencrypted", chosen=(("key", prefs.LOGS_KEY),)),
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
        assert bool(told_of(forecast)) is not case.quiet
        writer = writer_for(plan)
        was = readings(plan.guards, writer)
        untold = {Settled.UNKNOWN} if case.traceless else {Settled.NOT_MADE}
        assert read_back(plan.calls[:1], writer) <= untold
        assert_refused_after_an_edit(plan, writer, journal, there)
        there.journal.clear()

        watched = WatchedWriter(writer, journal, plan.scope)
        assert isinstance(apply(plan, watched, journal), Applied)
        told = not case.traceless
        assert_the_journal_tells_the_truth(watched.deaths, needed=needed(plan.calls), before=told, after=told)
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
        assert isinstance(apply(plan, writer, journal), Refused)  # it is not as it was when this was previewed
    assert written(there) == []

    if case.stays:
        assert_it_stays(plan, writer, journal)
        return
    change = last_undoable(journal, plan.scope)
    assert change is not None
    assert_undo_refused_after_an_edit(change, writer, journal, there)
    there.journal.clear()
    watched = WatchedWriter(writer, journal, plan.scope)
    assert isinstance(undo(change, watched, journal), Applied)
    back = needed(plan.way_back.calls)
    assert_the_journal_tells_the_truth(watched.deaths, needed=back, before=True, after=not case.after_undo)
    # AWS refuses a document's repeated content, and the writer tries once more.
    assert set(written(there)) == {call.operation for call in plan.way_back.calls}
    assert read_back(plan.way_back.calls, writer) <= {None}
    if case.after_undo:
        assert {cause for _, cause in verdicts(diagnose(there)).values()} == {case.after_undo}
    else:
        assert readings(plan.guards, writer) == was
        assert verdicts(diagnose(there)) == before


@pytest.mark.parametrize("case", {case.fix: case for case in CASES}.values(), ids=str)
def test_the_printed_commands_do_what_the_key_does(case: Case, there: SimulatedAws, cli: StockCli) -> None:
    there.load(case.world if isinstance(case.world, str) else case.world())
    with diagnosed(there) as (live, state):
        assert_same_by_hand(planned(live, state, case), there, cli)


def test_every_fix_is_tried() -> None:
    assert {case.fix for case in CASES} == all_fixes().keys() - TOGGLES


def test_every_write_on_the_list_is_conducted_and_nothing_else() -> None:
    assert CONDUCT.keys() == WRITES


def assert_it_stays(plan: Plan, writer: Writer, journal: Journal) -> None:
    """Nothing takes it back, and asking for that is answered with the plan's own sentence."""
    (made,) = journal.changes()
    refused = undo(made, writer, journal)
    assert isinstance(refused, Refused)
    assert plan.undo in refused.why
    assert not plan.way_back.calls
    assert last_undoable(journal, plan.scope) is None


def assert_same_by_hand(plan: Plan, aws: SimulatedAws, cli: StockCli) -> None:
    """The printed commands, run by bash with the stock AWS CLI, do what the key does, and take it back."""
    for format_ in HandOver:
        text = hand_over(Request(plan), format_)
        assert isinstance(text, NotExpressible) or is_seen(text)
    writer = writer_for(plan)
    was = readings(plan.guards, writer)
    aws.journal.clear()
    made = cli.run(bash_script(plan), aws)
    assert (made.returncode, made.stderr) == (0, "")
    assert written(aws) == [call.operation for call in plan.calls]
    assert read_back(plan.calls, writer) <= {None, Settled.UNKNOWN}
    assert all(reading.holds for reading in read_guards(plan.way_back.guards, writer))
    if plan.way_back.calls:
        taken_back = cli.run(way_back_script(plan), aws)
        assert (taken_back.returncode, taken_back.stderr) == (0, "")
        assert readings(plan.guards, writer) == was or plan.fix == "cancel-key-deletion"


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
    held = next(each for each in state.findings.values() if each.finding.cause == case.cause)
    assert case.fix in held.finding.fixes
    plan = live.plan(held.scope.name, case.fix, held.id, Choices(case.chosen)).result()
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


def needed(calls: tuple[Call, ...]) -> int:
    """How many calls it takes until the change stands."""
    return len([call for call in calls if not call.without])


def assert_refused_after_an_edit(plan: Plan, writer: Writer, journal: Journal, aws: SimulatedAws) -> None:
    """An edit since the preview is refused with the three texts, and not lost. A document's version tells too."""
    edit = edit_of(plan, plan.before)
    if edit is None or edit.service == "ssm":
        return
    edit.make(writer)
    theirs = readings(plan.guards, writer)
    aws.journal.clear()
    refused = apply(plan, writer, journal)
    assert isinstance(refused, Refused)
    assert refused.disagreement is not None
    assert (refused.disagreement.expected, refused.disagreement.wanted) == (plan.before, plan.after)
    assert refused.disagreement.found in theirs
    assert written(aws) == []
    edit.take_away(writer)


def assert_undo_refused_after_an_edit(change: Change, writer: Writer, journal: Journal, aws: SimulatedAws) -> None:
    """An edit since the change is refused with the three texts, and not lost."""
    edit = edit_of(change, change.after)
    if edit is None:
        return
    edit.make(writer)
    theirs = readings(change.way_back.guards, writer)
    aws.journal.clear()
    refused = undo(change, writer, journal)
    assert isinstance(refused, Refused)
    assert refused.disagreement is not None
    assert (refused.disagreement.expected, refused.disagreement.wanted) == (change.after, change.before)
    assert refused.disagreement.found.rstrip() in theirs
    assert written(aws) == []
    edit.take_away(writer)


def read_back(calls: tuple[Call, ...], writer: Writer) -> set[Settled | None]:
    """What is told of these calls where their answers are lost; None is: made. Documents have tests of their own."""
    told: set[Settled | None] = set()
    for call in calls:
        is_known = not any(isinstance(value, FromAnswer | FromGuard) for value in call.parameters.values())
        if "Document" not in call.operation and is_known:
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


def causes(state: FleetState) -> set[str]:
    return {held.finding.cause for held in state.findings.values()}


def names(state: FleetState) -> dict[str, str]:
    return {node.id: node.name for node in state.nodes.values()}


def verdicts(state: FleetState) -> Verdicts:
    return {names(state)[id_]: told for id_, told in verdicts_by_id(state).items()}


def verdicts_by_id(state: FleetState) -> Verdicts:
    return {key.id: (state.verdict(key).status.value, state.verdict(key).root_cause) for key in state.nodes}
