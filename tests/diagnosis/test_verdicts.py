from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.diagnosis.check_runner import CheckFindings, CheckNotApplicable, CheckResult
from ssmtui.diagnosis.probes import ProbeFindings
from ssmtui.diagnosis.verdicts import (
    ClassOutcomes,
    Connectedness,
    Presence,
    counted_findings,
    outcome_of,
    presence_of,
    verdict_of,
)
from ssmtui.model.finding import Confidence, Evidence, Finding, Link, LinkState, Status, Verdict, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Instance, InstanceState, Node, PingStatus
from ssmtui.model.node_facts import Observation
from ssmtui.model.probe import ProbeKind, Probes
from tests.builders.fleet import NOON, REGION, a_check, a_finding, a_node
from tests.builders.probes import opened, stopped

CHECKS = (
    a_check("plugin", Link.WORKSTATION),
    a_check("identity", Link.IDENTITY),
    a_check("route", Link.NETWORK),
    a_check("registration", Link.AGENT, "not-registered", last_resort=True),
    a_check("key", Link.PREFERENCES),
    a_check("group", Link.PREFERENCES, after=("key",)),
)
CONNECTED = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
UNCONNECTED = Observation(None, ConnectionStatus.NOT_CONNECTED)
UNASKED = Presence(at_rest=False, connected=Connectedness.NOT_READ, why_not_read="nobody asked")


def judged(**findings: Finding) -> dict[str, CheckResult]:
    return {check.name: CheckFindings((findings[check.name],) if check.name in findings else ()) for check in CHECKS}


def verdict(
    judgements: dict[str, CheckResult],
    *,
    node: Node | None = None,
    observation: Observation | None = CONNECTED,
    pending: frozenset[str] = frozenset(),
) -> Verdict:
    return verdict_of(presence_of(node or a_node(), observation), REGION, CHECKS, judgements, pending)


def test_connected_node_without_a_fault_is_ok_and_likely() -> None:
    told = verdict(judged())
    assert (told.status, told.confidence, told.root_cause) == (VerdictStatus.OK, Confidence.LIKELY, None)
    assert told.settled


@pytest.mark.parametrize("observation", [UNCONNECTED, Observation(PingStatus.ONLINE, None), None])
def test_node_that_is_not_seen_connected_is_never_ok(observation: Observation | None) -> None:
    assert verdict(judged(), observation=observation).status is VerdictStatus.UNKNOWN


def test_first_failing_finding_along_the_path_is_the_root_cause() -> None:
    told = verdict(
        judged(group=a_finding("log-group-unencrypted"), key=a_finding("kms-node-denied", confidence=Confidence.LIKELY))
    )
    assert (told.status, told.root_cause, told.confidence) == (VerdictStatus.FAIL, "kms-node-denied", Confidence.LIKELY)
    assert len(told.finding_ids) == 2


def test_earlier_link_wins_over_a_later_one() -> None:
    told = verdict(judged(key=a_finding("kms-node-denied"), identity=a_finding("role-core-denied")))
    assert told.root_cause == "role-core-denied"


def test_last_resort_counts_where_nothing_else_explains_the_node() -> None:
    told = verdict(judged(registration=a_finding("not-registered")), observation=UNCONNECTED)
    assert told.root_cause == "not-registered"


def test_last_resort_gives_way_to_what_explains_the_node() -> None:
    judgements = judged(registration=a_finding("not-registered"), route=a_finding("no-route-to-endpoint"))
    assert verdict(judgements, observation=UNCONNECTED).root_cause == "no-route-to-endpoint"
    assert [finding.cause for _, finding in counted_findings(CHECKS, judgements)] == ["no-route-to-endpoint"]


def test_a_delay_that_is_still_running_explains_a_node_that_is_not_there_yet() -> None:
    delay = replace(a_finding("endpoint-missing", Status.WARN, confidence=Confidence.LIKELY), until=NOON)
    told = verdict(judged(route=delay, registration=a_finding("not-registered")), observation=UNCONNECTED)
    assert (told.status, told.root_cause, told.confidence) == (VerdictStatus.WARN, None, Confidence.LIKELY)


def test_a_delay_excuses_nothing_but_the_last_resorts() -> None:
    delay = replace(a_finding("endpoint-missing", Status.WARN), until=NOON)
    told = verdict(judged(route=delay, identity=a_finding("role-core-denied")), observation=UNCONNECTED)
    assert (told.status, told.root_cause) == (VerdictStatus.FAIL, "role-core-denied")
    unsure = verdict(judged(route=delay, key=a_finding("kms-node-denied", Status.UNKNOWN)), observation=UNCONNECTED)
    assert unsure.status is VerdictStatus.UNKNOWN


def test_a_warning_without_an_end_does_not_excuse_a_node_that_is_away() -> None:
    judgements = judged(route=a_finding("endpoint-missing", Status.WARN), registration=a_finding("not-registered"))
    assert verdict(judgements, observation=UNCONNECTED).root_cause == "not-registered"


def test_a_broken_preference_does_not_explain_an_unregistered_node() -> None:
    told = verdict(
        judged(registration=a_finding("not-registered"), key=a_finding("kms-node-denied")), observation=UNCONNECTED
    )
    assert told.root_cause == "not-registered"
    assert len(told.finding_ids) == 2


def test_workstation_finding_is_never_a_verdict() -> None:
    told = verdict(judged(plugin=a_finding("plugin-outdated", Status.WARN)))
    assert (told.status, told.root_cause) == (VerdictStatus.OK, None)
    assert told.link(Link.WORKSTATION) is LinkState.WARN


def test_unknown_beats_warn_and_has_no_root_cause() -> None:
    told = verdict(judged(key=a_finding(status=Status.UNKNOWN), group=a_finding("s3-logs-lost", Status.WARN)))
    assert (told.status, told.root_cause) == (VerdictStatus.UNKNOWN, None)


def test_warn_is_as_sure_as_its_surest_finding() -> None:
    told = verdict(
        judged(
            key=a_finding("cloudwatch-logs-lost", Status.WARN, confidence=Confidence.POSSIBLE),
            group=a_finding("s3-logs-lost", Status.WARN, confidence=Confidence.PROVED),
        )
    )
    assert (told.status, told.confidence) == (VerdictStatus.WARN, Confidence.PROVED)


def test_info_does_not_count() -> None:
    assert verdict(judged(key=a_finding("dhmc-off", Status.INFO))).status is VerdictStatus.OK


def test_stopped_instance_is_stopped_whatever_else_is_wrong() -> None:
    told = verdict(judged(key=a_finding()), node=a_node(state=InstanceState.STOPPED, ping=None))
    assert (told.status, told.root_cause) == (VerdictStatus.STOPPED, None)


def test_an_instance_of_a_service_is_restricted_until_its_agent_reports() -> None:
    def of(node: Node) -> VerdictStatus:
        assert isinstance(node.instance, Instance)
        own = replace(node, instance=replace(node.instance, managed_by="eks.amazonaws.com"))
        return verdict(judged(key=a_finding()), node=own).status

    assert of(a_node(ping=None)) is VerdictStatus.RESTRICTED
    assert of(a_node(state=InstanceState.STOPPED, ping=None)) is VerdictStatus.RESTRICTED
    assert of(a_node()) is VerdictStatus.FAIL


def test_links_show_what_is_known_and_what_is_still_awaited() -> None:
    told = verdict(
        {"identity": CheckFindings(()), "route": CheckNotApplicable("online"), "key": CheckFindings((a_finding(),))},
        pending=frozenset({"plugin", "registration", "group"}),
    )
    assert {link: told.link(link) for link in Link} == {
        Link.WORKSTATION: LinkState.PENDING,
        Link.CALLER: LinkState.NOT_CHECKED,
        Link.INSTANCE: LinkState.OK,
        Link.IDENTITY: LinkState.OK,
        Link.NETWORK: LinkState.OK,
        Link.AGENT: LinkState.PENDING,
        Link.PREFERENCES: LinkState.FAIL,
        Link.SYSTEM: LinkState.NOT_CHECKED,
    }
    assert not told.settled


NOTHING: dict[str, CheckResult] = {check.name: CheckNotApplicable("") for check in CHECKS}
STATES = {
    LinkState.OK: "●",
    LinkState.WARN: "▲",
    LinkState.FAIL: "✖",
    LinkState.UNKNOWN: "?",
    LinkState.NOT_CHECKED: "–",
}


@pytest.mark.parametrize(
    ("judgements", "observation", "probes", "path"),
    [
        pytest.param(NOTHING, UNCONNECTED, None, "–––––?––", id="nothing applies, and nothing was seen"),
        pytest.param(NOTHING, CONNECTED, None, "––●–●●––", id="connected: it runs, and its agent reaches AWS"),
        pytest.param(
            NOTHING,
            Observation(PingStatus.ONLINE, None),
            None,
            "–––––?––",
            id="online, and its connection was not read",
        ),
        pytest.param(judged(), UNCONNECTED, None, "●––●●?●–", id="every check passed"),
        pytest.param(
            judged(key=a_finding("dhmc-off", Status.INFO), group=a_finding("preferences-absent", Status.INFO)),
            UNCONNECTED,
            None,
            "●––●●?––",
            id="a note does not say that a link is ok",
        ),
        pytest.param(
            judged(registration=a_finding("not-registered"), route=a_finding("no-route-to-endpoint")),
            UNCONNECTED,
            None,
            "●––●✖–●–",
            id="the route explains that the node is not registered, so the agent is not ok",
        ),
        pytest.param(
            judged(registration=a_finding("not-registered"), key=a_finding(status=Status.UNKNOWN)),
            UNCONNECTED,
            None,
            "●––●●✖?–",
            id="nothing explains that the node is not registered",
        ),
        pytest.param(
            judged(plugin=a_finding("plugin-outdated", Status.WARN), key=a_finding("s3-logs-lost", Status.WARN)),
            CONNECTED,
            Probes(shell=opened()),
            "▲●●●●●▲●",
            id="a shell that opened used every link",
        ),
        pytest.param(NOTHING, UNCONNECTED, Probes(port=opened(ProbeKind.PORT)), "––●–●●––", id="a port opened"),
        pytest.param(NOTHING, UNCONNECTED, Probes(shell=stopped(None)), "–––––?––", id="no session opened"),
    ],
)
def test_a_link_is_ok_only_if_something_says_so(
    judgements: dict[str, CheckResult], observation: Observation, probes: Probes | None, path: str
) -> None:
    by_probe = ProbeFindings(probes, (), caller_judged=True) if probes is not None else None
    told = verdict_of(presence_of(a_node(), observation), REGION, CHECKS, judgements, frozenset(), by_probe)
    assert "".join(STATES[state] for state in told.links) == path


def test_a_check_that_confirms_nothing_leaves_its_link_unchecked() -> None:
    checks = (replace(CHECKS[0], confirms=False), CHECKS[1])
    told = verdict_of(presence_of(a_node(), None), REGION, checks, judged(), frozenset())
    assert (told.link(Link.WORKSTATION), told.passed_on(Link.WORKSTATION)) == (LinkState.NOT_CHECKED, ())
    assert (told.link(Link.IDENTITY), told.passed_on(Link.IDENTITY)) == (LinkState.OK, ("identity?",))


def test_a_shell_of_one_caller_says_nothing_about_another() -> None:
    by_probe = ProbeFindings(Probes(shell=opened()), (), caller_judged=False)
    told = verdict_of(presence_of(a_node(), CONNECTED), REGION, CHECKS, NOTHING, frozenset(), by_probe)
    assert {link for link in Link if told.link(link) is LinkState.NOT_CHECKED} == {Link.CALLER}


@given(
    st.dictionaries(st.sampled_from([check.name for check in CHECKS]), st.sampled_from(Status)),
    st.frozensets(st.sampled_from([check.name for check in CHECKS])),
    st.sampled_from([CONNECTED, UNCONNECTED, None]),
)
def test_ok_is_only_said_of_a_connected_node_with_nothing_outstanding_and_nothing_unknown(
    statuses: dict[str, Status], pending: frozenset[str], observation: Observation | None
) -> None:
    judgements = judged(**{name: a_finding(f"cause-{name}", status) for name, status in statuses.items()})
    for name in pending:
        del judgements[name]
    told = verdict(judgements, pending=pending, observation=observation)
    counted = {status for name, status in statuses.items() if name != "plugin"}
    if told.status is VerdictStatus.OK:
        assert observation is CONNECTED
        assert not pending
        assert counted <= {Status.INFO}


def test_what_was_asked_of_a_link_and_passed_is_told_once_all_is_known() -> None:
    judgements = {**judged(key=a_finding("kms-node-denied")), "route": CheckNotApplicable("no subnet")}
    told = verdict(judgements)
    passed = {link.name: told.passed_on(link) for link in Link if told.passed_on(link)}
    titles = {check.name: check.title for check in CHECKS}
    assert passed == {
        "WORKSTATION": (titles["plugin"],),
        "IDENTITY": (titles["identity"],),
        "AGENT": (titles["registration"],),
        "PREFERENCES": (titles["group"],),
    }
    assert verdict(judgements, pending=frozenset({"route"})).passed == ()


@pytest.mark.parametrize(
    ("findings", "status"),
    [({}, VerdictStatus.OK), ({"key": a_finding("kms-node-denied", Status.WARN)}, VerdictStatus.WARN)],
)
def test_a_node_like_others_that_are_connected_is_as_well_as_they_possibly(
    findings: dict[str, Finding], status: VerdictStatus
) -> None:
    alike = Presence(at_rest=False, connected=Connectedness.LIKE_PEERS)
    told = verdict_of(alike, REGION, CHECKS, judged(**findings), frozenset())
    assert (told.status, told.confidence, told.root_cause) == (status, Confidence.POSSIBLE, None)


@pytest.mark.parametrize(
    ("connected", "awaited", "unheard"),
    [
        (Connectedness.LIKE_PEERS, True, True),
        (Connectedness.NOT_READ, True, True),
        (Connectedness.SEEN, True, False),
        (Connectedness.NOT_SEEN, True, False),
        (Connectedness.LIKE_PEERS, False, False),
    ],
)
def test_what_fails_to_connect_is_not_told_before_its_answer_is_there(
    connected: Connectedness, *, awaited: bool, unheard: bool
) -> None:
    presence = Presence(at_rest=False, connected=connected, awaited=awaited)
    assert presence.depends_on_answer is unheard
    told = verdict_of(presence, REGION, CHECKS, judged(route=a_finding("no-route-to-endpoint")), frozenset())
    assert (told.status is VerdictStatus.FAIL) is not unheard
    denied = verdict_of(presence, REGION, CHECKS, judged(key=a_finding("kms-node-denied")), frozenset())
    assert denied.status is VerdictStatus.FAIL


@pytest.mark.parametrize("connected", [Connectedness.NOT_READ, Connectedness.NOT_SEEN])
def test_a_node_that_is_unknown_because_of_its_connection_has_an_unknown_finding(connected: Connectedness) -> None:
    presence = replace(UNASKED, connected=connected)
    told = outcome_of(presence, REGION, CHECKS, judged())
    assert told.verdict.status is VerdictStatus.UNKNOWN
    assert told.verdict.finding_ids == tuple(told.findings) == (f"control-channel-down@{REGION}",)
    (link, finding) = told.findings[told.verdict.finding_ids[0]]
    assert (link, finding.status, finding.evidence) == (
        Link.AGENT,
        Status.UNKNOWN,
        (Evidence("nobody asked", "ssm:GetConnectionStatus"),),
    )
    assert ClassOutcomes(presence, REGION, CHECKS, judged(), ()).with_own_results(()) == told


@pytest.mark.parametrize(
    ("presence", "found"),
    [
        pytest.param(UNASKED, {"key": Status.FAIL}, id="it fails anyway"),
        pytest.param(UNASKED, {"key": Status.UNKNOWN}, id="it is unknown anyway"),
        pytest.param(replace(UNASKED, connected=Connectedness.LIKE_PEERS), {}, id="a node like it is connected"),
        pytest.param(replace(UNASKED, awaited=True), {}, id="the answer is awaited"),
        pytest.param(replace(UNASKED, at_rest=True), {}, id="the instance is stopped"),
    ],
)
def test_an_unread_connection_is_a_finding_only_where_it_decides(presence: Presence, found: dict[str, Status]) -> None:
    judgements = judged(**{name: a_finding("kms-node-denied", status) for name, status in found.items()})
    told = outcome_of(presence, REGION, CHECKS, judgements).verdict
    assert [id_.partition("@")[0] for id_ in told.finding_ids] == ["kms-node-denied"] * len(found)
