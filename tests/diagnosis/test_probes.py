"""A node that was probed: what the probe met outranks theory, until something of its path may be otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.system import a_probe_of_it_is_explained
from ssmtui.diagnosis.check_runner import CheckFindings, CheckResult
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.probes import ProbeFindings, probe_findings
from ssmtui.diagnosis.verdicts import presence_of, verdict_of
from ssmtui.model.finding import PROBE, Confidence, Link, Status, Verdict, VerdictStatus
from ssmtui.model.node import ConnectionStatus, NodeKey, PingStatus
from ssmtui.model.node_facts import Observation
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.probe import NOT_PROBED, ProbeEnd, ProbeKind, ProbeOutcome, Probes, ProbeStage
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import REGION, a_check, a_finding, a_node
from tests.builders.probes import opened, stopped
from tests.checks.outcome import judged
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws

WORLD = "healthy-small"


@pytest.fixture
def live(at_simulator: SimulatedAws) -> Iterator[LiveDiagnosis]:
    at_simulator.load(WORLD)
    diagnosis = LiveDiagnosis.start(
        DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url)
    )
    yield diagnosis
    diagnosis.close()


def after(live: LiveDiagnosis, state: FleetState, *outcomes: ProbeOutcome) -> FleetState:
    for each in outcomes:
        live.probed(state.scope_of[each.node].name, each)
    return follow(live, state)


def of(state: FleetState) -> tuple[ScopeName, NodeKey, NodeKey]:
    """The scope, and two nodes that are ok by theory."""
    [scope] = state.scopes
    ok = (key for key in state.nodes if state.verdict(key).status is VerdictStatus.OK)
    one, two, *_ = sorted(ok, key=lambda key: key.id)
    return scope, one, two


def short(verdict: Verdict) -> tuple[VerdictStatus, Confidence, str | None]:
    return verdict.status, verdict.confidence, verdict.root_cause


LIKELY = (VerdictStatus.OK, Confidence.LIKELY, None)
PROVED = (VerdictStatus.OK, Confidence.PROVED, None)


def test_a_shell_that_opened_proves_its_node_and_no_other(live: LiveDiagnosis) -> None:
    state = follow(live)
    _, one, two = of(state)
    after(live, state, opened(node=one))
    assert (short(state.verdict(one)), short(state.verdict(two))) == (PROVED, LIKELY)
    assert state.probed(one) == Probes(shell=opened(node=one))
    after(live, state, opened(ProbeKind.PORT, node=two))
    assert short(state.verdict(two)) == LIKELY


def test_a_session_that_stopped_is_a_finding_with_its_link_subject_and_fixes(live: LiveDiagnosis) -> None:
    state = follow(live)
    _, one, two = of(state)
    after(live, state, stopped("run-as-user-absent", node=one, stage=ProbeStage.OUTPUT))
    assert short(state.verdict(one)) == (VerdictStatus.FAIL, Confidence.PROVED, "run-as-user-absent")
    assert short(state.verdict(two)) == LIKELY
    [held] = [each for each in state.findings.values() if each.finding.cause == "run-as-user-absent"]
    assert (held.link, held.nodes) == (Link.PREFERENCES, frozenset({one}))
    assert held.finding.evidence[0].source == PROBE
    assert held.finding.fixes == tuple(each.slug for each in catalogue()["run-as-user-absent"].fixes)


def test_an_end_that_nothing_explains_leaves_no_green(live: LiveDiagnosis) -> None:
    state = follow(live)
    _, one, two = of(state)
    after(live, state, stopped(None, node=one, text="?"), stopped(None, node=two, end=ProbeEnd.INTERRUPTED))
    assert state.verdict(one).status is VerdictStatus.UNKNOWN
    assert (short(state.verdict(two)), state.probed(two)) == (LIKELY, NOT_PROBED)


@pytest.mark.parametrize("way", ["refresh", "recheck", "recheck of a kind", "look again", "expect"])
def test_a_probe_is_forgotten_where_its_path_was_changed_or_is_read_anew(live: LiveDiagnosis, way: str) -> None:
    state = follow(live)
    scope, one, two = of(state)
    after(live, state, opened(node=one), stopped("kms-node-denied", node=two))
    now = datetime.now(UTC)
    match way:
        case "refresh":
            live.refresh()
        case "recheck":
            live.recheck(scope, ())
        case "recheck of a kind":
            live.recheck(scope, (PreferencesDocument,))
        case "look again":
            live.refresh_nodes(scope, (one, two), ())
        case _:
            live.expect(scope, (one, two), ChangeDelay("restart-agent", "Restart", now, now + timedelta(minutes=5)))
            live.refresh_nodes(scope, (), ())
    follow(live, state)
    assert (state.probed(one), state.probed(two)) == (NOT_PROBED, NOT_PROBED)
    assert (short(state.verdict(one)), short(state.verdict(two))) == (LIKELY, LIKELY)


def test_looking_at_another_node_again_or_closer_forgets_nothing(live: LiveDiagnosis) -> None:
    state = follow(live)
    scope, one, two = of(state)
    after(live, state, opened(node=one))
    live.refresh_nodes(scope, (two,), ())
    live.inspect_nodes((one,))
    follow(live, state)
    assert short(state.verdict(one)) == PROVED


# What holds of every node, whatever its checks and probes say.

NODE = a_node()
_CAUSES = ("caller-start-denied", "role-core-denied", "endpoint-missing", "control-channel-down")
_LATER = ("kms-node-denied", "log-group-missing", "cloudwatch-logs-lost", "run-as-user-unset", "domain-controller")
CHECKS = (
    *(a_check(cause, catalogue()[cause].link, last_resort=cause == "control-channel-down") for cause in _CAUSES),
    *(a_check(cause, catalogue()[cause].link) for cause in _LATER),
    a_check("session-unexplained", Link.SYSTEM),
)
statuses = st.sampled_from([None, *Status])
ENDS = [ProbeEnd.REFUSED, ProbeEnd.STOPPED, ProbeEnd.LOST, ProbeEnd.SILENT]
causes = st.sampled_from([None, *_CAUSES, *_LATER, "throttled", "handshake-timed-out", "shell-start-failed"])
outcomes = st.one_of(
    st.sampled_from(ProbeKind).map(opened),
    st.builds(
        stopped,
        causes,
        stage=st.sampled_from(ProbeStage),
        end=st.sampled_from(ENDS),
        kind=st.sampled_from(ProbeKind),
        ambiguous=st.booleans(),
    ),
)


def judgements(told: Sequence[Status | None], probes: Probes) -> dict[str, CheckResult]:
    found = {
        check.name: CheckFindings((a_finding(check.name, status),) if status else ())
        for check, status in zip(CHECKS, told, strict=False)
    }
    return {**found, "session-unexplained": CheckFindings(judged(a_probe_of_it_is_explained, probes, node=NODE))}


def verdicts(told: Sequence[Status | None], probes: Probes) -> tuple[Verdict, Verdict]:
    """By theory alone, and by the probes as well."""
    resolver = store(FakeAws()).resolver(NODE)
    resolver.know(Probes, probes)
    by_probe: ProbeFindings | None = asyncio.run(probe_findings(resolver, CHECKS))
    seen = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
    theory = verdict_of(presence_of(NODE, seen), REGION, CHECKS, judgements(told, NOT_PROBED), frozenset())
    return theory, verdict_of(presence_of(NODE, seen), REGION, CHECKS, judgements(told, probes), frozenset(), by_probe)


@given(st.lists(statuses, min_size=9, max_size=9), outcomes)
def test_no_probe_that_came_to_the_node_and_did_not_open_leaves_a_node_green(
    told: Sequence[Status | None], outcome: ProbeOutcome
) -> None:
    _, verdict = verdicts(told, Probes().with_outcome(outcome))
    if not outcome.opened and outcome.reached_the_node:
        assert verdict.status in {VerdictStatus.FAIL, VerdictStatus.UNKNOWN}


@given(st.lists(statuses, min_size=9, max_size=9), st.sampled_from(ProbeKind))
def test_what_opened_turns_no_warning_green_and_settles_only_what_it_went_through(
    told: Sequence[Status | None], kind: ProbeKind
) -> None:
    theory, verdict = verdicts(told, Probes().with_outcome(opened(kind)))
    by_cause = dict(zip((*_CAUSES, *_LATER), told, strict=True))
    if kind is ProbeKind.SHELL:
        assert verdict.status is not VerdictStatus.FAIL
    else:
        assert verdict.confidence is not Confidence.PROVED or verdict.status is not VerdictStatus.OK
    if Status.WARN in told or by_cause["cloudwatch-logs-lost"] is Status.UNKNOWN:
        assert verdict.status is not VerdictStatus.OK
    if theory.status is VerdictStatus.OK:
        assert verdict.status is VerdictStatus.OK
