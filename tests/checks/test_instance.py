"""Whether an instance runs and serves metadata, what a silent node's console says, and crowded sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ssmtui.checks.identity.instance_profile import profile_was_there_at_launch
from ssmtui.checks.instance import (
    agent_is_awake,
    agent_is_installed,
    clock_of_the_node_is_right,
    instance_has_had_time_to_start,
    instance_metadata_is_on,
    instance_passes_status_checks,
    instance_runs,
    node_has_watches_left,
    root_volume_has_space,
    sessions_are_ended,
    users_can_connect,
)
from ssmtui.checks.system import agent_could_make_its_user
from ssmtui.evidence.readers.node_observations import crowded_sessions
from ssmtui.model.fact import Absent, NotApplicable, Now, OfNode, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    PingStatus,
)
from ssmtui.model.node_facts import (
    ConsoleOutput,
    ConsoleOutputQuery,
    ImpairedInstances,
    Observation,
    ProfileAttachment,
    RunningInstance,
    RunningNode,
    SilentConsole,
    UnconnectedNode,
    UnmanagedInstance,
)
from ssmtui.model.sessions import ActiveSession, ActiveSessions, CrowdedSessions, StaleSessions
from tests.builders.fleet import ACCOUNT, NOON, a_node
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, judged, node_of, said

PROVED, POSSIBLE = Confidence.PROVED, Confidence.POSSIBLE
NO_LISTING = Unreadable("ec2:DescribeInstances", "not authorized")


def managed_by(service: str | None, node: Node) -> Node:
    assert isinstance(node.instance, Instance)
    return replace(node, instance=replace(node.instance, managed_by=service))


@pytest.mark.parametrize(
    ("service", "ping", "status", "confidence"),
    [
        (None, None, None, None),
        (None, PingStatus.ONLINE, None, None),
        ("eks.amazonaws.com", None, Status.INFO, PROVED),
        ("eks.amazonaws.com", PingStatus.CONNECTION_LOST, Status.INFO, PROVED),
        ("eks.amazonaws.com", PingStatus.ONLINE, Status.UNKNOWN, POSSIBLE),
        ("", None, Status.INFO, PROVED),
    ],
)
def test_users_cannot_connect_to_an_instance_of_a_service_unless_its_agent_reports(
    service: str | None, ping: PingStatus | None, status: Status | None, confidence: Confidence | None
) -> None:
    node = managed_by(service, a_node(ping=ping))
    found = judged(users_can_connect, node, node=node)
    expected = [] if status is None else [Said("instance-service-managed", status, confidence or PROVED, node.id, ())]
    assert said(found) == expected


def test_where_registrations_are_unreadable_nobody_is_told_that_a_session_is_impossible() -> None:
    unread = Unreadable("ssm:DescribeInstanceProperties", "not authorized")
    node = replace(managed_by("eks.amazonaws.com", a_node()), registration=unread)
    assert not node.is_restricted
    (finding,) = said(judged(users_can_connect, node, node=node))
    assert finding.status is Status.UNKNOWN


def test_a_stopped_instance_of_a_service_is_not_offered_to_be_started() -> None:
    node = managed_by("eks.amazonaws.com", a_node(state=InstanceState.STOPPED, ping=None))
    (finding,) = said(judged(instance_runs, node, node=node))
    assert finding.fixes == ()


def running(node: Node) -> RunningInstance:
    assert isinstance(node.instance, Instance)
    return RunningInstance(node, node.instance)


def in_state(state: InstanceState) -> Node:
    return a_node(state=state, ping=None)


def hybrid() -> Node:
    return replace(a_node(), instance=Absent("an EC2 instance", "ssm:DescribeInstanceProperties"))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(in_state(InstanceState.RUNNING), [], id="running"),
        pytest.param(in_state(InstanceState.PENDING), [], id="starting"),
        pytest.param(hybrid(), [], id="no instance"),
        pytest.param(in_state(InstanceState.STOPPED), [(Status.INFO, PROVED, ("start-instance",), ())], id="stopped"),
        pytest.param(in_state(InstanceState.STOPPING), [(Status.INFO, PROVED, ("start-instance",), ())], id="stopping"),
        pytest.param(
            replace(a_node(ping=PingStatus.CONNECTION_LOST), instance=NO_LISTING),
            [(Status.UNKNOWN, POSSIBLE, (), ("ec2:DescribeInstances",))],
            id="not to be seen",
        ),
        pytest.param(replace(a_node(), instance=NO_LISTING), [], id="not to be seen, and online"),
    ],
)
def test_an_instance_runs(
    node: Node, expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert said(judged(instance_runs, node, node=node)) == [
        Said("instance-not-running", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected
    ]


@pytest.mark.parametrize(
    ("enabled", "ping", "expected"),
    [
        pytest.param(True, None, [], id="on"),
        pytest.param(False, None, [Status.FAIL], id="off"),
        pytest.param(False, PingStatus.ONLINE, [Status.WARN], id="off, and online for now"),
    ],
)
def test_the_instance_metadata_service_is_on(enabled: object, ping: PingStatus | None, expected: list[Status]) -> None:
    node = a_node(ping=ping)
    assert isinstance(node.instance, Instance)
    metadata = MetadataOptions(endpoint_enabled=bool(enabled), tokens=MetadataTokens.REQUIRED)
    seen = RunningInstance(node, replace(node.instance, metadata=metadata))
    assert said(judged(instance_metadata_is_on, seen, Observation(ping, None))) == [
        Said("imds-disabled", status, PROVED, node.id, ("enable-instance-metadata",)) for status in expected
    ]


def asked(*, connected: bool = False) -> ConsoleOutputQuery:
    return ConsoleOutputQuery(connected=connected)


def test_a_full_root_volume_is_what_the_console_says() -> None:
    line = "amazon-ssm-agent[812]: write /var/lib/amazon: no space left on device"
    console = ConsoleOutput(f"[ 1.0] boot\n{line}\nlogin:", None)
    assert judged(root_volume_has_space, asked(), console, Now(NOON), node=a_node()) == (
        Finding(
            cause="root-volume-full",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=Subject(SubjectKind.NODE, a_node().id),
            summary="The console of web-1 shows that the root volume is full.",
            evidence=(Evidence(f"the console shows: {line}", "ec2:GetConsoleOutput"),),
            fixes=("steps-free-disk",),
        ),
    )


def test_a_console_that_says_nothing_of_it_is_no_fault() -> None:
    assert judged(root_volume_has_space, asked(), ConsoleOutput("login:", None), Now(NOON), node=a_node()) == ()
    nothing = Absent("console output", "ec2:GetConsoleOutput")
    assert judged(root_volume_has_space, asked(), nothing, Now(NOON), node=a_node()) == ()


def test_a_volume_that_was_full_before_the_last_start_may_have_been_freed() -> None:
    boot, full = "[ 0.0] Linux version 6.1.102", "rsyslogd: write error: No space left on device"

    def judge(*lines: str) -> bool:
        console = ConsoleOutput("\n".join(lines), None)
        return bool(judged(root_volume_has_space, asked(), console, Now(NOON), node=a_node()))

    assert judge(boot, full)
    assert not judge(boot, full, boot, "login:")
    assert judge(boot, full, boot, full)


@pytest.mark.parametrize(
    ("connected", "captured", "status"),
    [
        pytest.param(True, None, Status.FAIL, id="connected, and of no known time"),
        pytest.param(True, NOON + timedelta(hours=1), Status.FAIL, id="connected, and an hour old"),
        pytest.param(True, NOON - timedelta(days=99), Status.FAIL, id="connected, and of before the launch"),
        pytest.param(True, NOON + timedelta(minutes=1), Status.WARN, id="connected, and older than a day"),
        pytest.param(False, NOON + timedelta(minutes=1), Status.FAIL, id="away, and older than a day"),
    ],
)
def test_a_node_that_is_connected_may_have_been_freed_since_its_console_was_written(
    connected: object, captured: datetime | None, status: Status
) -> None:
    console = ConsoleOutput("rsyslogd: write error: No space left on device", captured)
    now = Now(NOON + timedelta(days=1, minutes=30))
    told = judged(root_volume_has_space, asked(connected=bool(connected)), console, now, node=a_node())
    assert [(each.cause, each.status) for each in told] == [("root-volume-full", status)]


@pytest.mark.parametrize(("connected", "status"), [(True, Status.INFO), (False, Status.UNKNOWN)])
def test_a_console_that_cannot_be_read_is_a_note_of_a_connected_node_only(connected: object, status: Status) -> None:
    refused = Unreadable("ec2:GetConsoleOutput", "not authorized")
    node = asked(connected=bool(connected))
    assert said(judged(root_volume_has_space, node, refused, Now(NOON), node=a_node())) == [
        Said("root-volume-full", status, POSSIBLE, a_node().id, (), ("ec2:GetConsoleOutput",))
    ]


NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
INSTANCE = NODE.instance
AWAY = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
RUNNING = RunningInstance(NODE, INSTANCE)
LIKELY = Confidence.LIKELY
NO_CONSOLE = Absent("console output of the instance", "ec2:GetConsoleOutput")
STARTED = "[4.8] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.4624.0 is running"
SLEEPS = "[35.1] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - RequestError: send request failed"
SKEWED = "[12.4] amazon-ssm-agent[1630]: InvalidSignatureException: Signature expired: 20261001T080000Z is now earlier"
EARLY = "[12.4] amazon-ssm-agent[1630]: InvalidSignatureException: Signature not yet current: 20261001T080000Z"


@pytest.mark.parametrize(("seconds", "starting"), [(0, True), (299, True), (300, False), (86400, False)])
def test_an_instance_has_five_minutes_to_start(seconds: int, starting: object) -> None:
    found = judged(instance_has_had_time_to_start, AWAY, RUNNING, Now(NOON + timedelta(seconds=seconds)))
    assert said(found) == ([Said("instance-starting", Status.WARN, LIKELY, NODE.id)] if starting else [])
    assert [each.until for each in found] == ([NOON + timedelta(minutes=5)] if starting else [])


@pytest.mark.parametrize(
    ("attached_after", "minutes_later", "late"),
    [
        pytest.param(timedelta(0), 10, False, id="at launch"),
        pytest.param(timedelta(minutes=2), 10, False, id="just after launch"),
        pytest.param(timedelta(hours=1), 10, True, id="an hour later, and ten minutes ago"),
        pytest.param(timedelta(hours=1), 30, False, id="an hour later, and half an hour ago"),
    ],
)
def test_a_profile_that_came_late_is_waited_for_half_an_hour(
    attached_after: timedelta, minutes_later: int, late: object
) -> None:
    attached = NOON + attached_after
    now = Now(attached + timedelta(minutes=minutes_later))
    found = judged(profile_was_there_at_launch, RUNNING, ProfileAttachment(attached), now)
    expected = Said("profile-attached-late", Status.WARN, LIKELY, NODE.id, ("reboot-instance",))
    assert said(found) == ([expected] if late else [])
    assert [each.until for each in found] == ([attached + timedelta(minutes=30)] if late else [])


def test_when_a_profile_came_is_a_note_where_the_trail_is_not_to_be_read() -> None:
    unread = Unreadable("cloudtrail:LookupEvents", "not authorized")
    found = judged(profile_was_there_at_launch, RUNNING, unread, Now(NOON))
    assert said(found) == [
        Said("profile-attached-late", Status.INFO, Confidence.POSSIBLE, NODE.id, (), ("cloudtrail:LookupEvents",))
    ]


def test_an_instance_that_fails_its_status_checks_is_told_with_the_checks() -> None:
    impaired = ImpairedInstances({NODE.id: ("instance", "system")})
    found = judged(instance_passes_status_checks, AWAY, RUNNING, impaired, NO_CONSOLE)
    assert said(found) == [Said("instance-impaired", Status.FAIL, LIKELY, NODE.id, ("reboot-instance",))]
    assert [each.fact for each in found[0].evidence] == [
        "the instance status is impaired",
        "the system status is impaired",
    ]
    another = ImpairedInstances({"i-another": ("system",)})
    assert judged(instance_passes_status_checks, AWAY, RUNNING, another, NO_CONSOLE) == ()


BOOTS = "[    0.000000] Linux version 6.1.0-aws"
PANICS = "[    1.902] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"


@pytest.mark.parametrize(
    "told",
    [
        PANICS,
        'You are in emergency mode. After logging in, type "journalctl -xb" to view system logs',
        "/dev/xvda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.",
        "Out of memory: Killed process 812 (java)",
    ],
)
def test_what_the_console_says_of_a_start_that_failed_stands_beside_the_status_checks(told: str) -> None:
    assert facts_of(BOOTS, told, "login:") == ["the instance status is impaired", f"the console shows: {told}"]
    assert facts_of(BOOTS, told, BOOTS) == ["the instance status is impaired"]
    assert facts_of(BOOTS, "cloud-init v. 22.2 finished") == ["the instance status is impaired"]


def facts_of(*lines: str) -> list[str]:
    impaired = ImpairedInstances({NODE.id: ("instance",)})
    console = SilentConsole(ConsoleOutput("\n".join(lines), None))
    [found] = judged(instance_passes_status_checks, AWAY, RUNNING, impaired, console)
    return [each.fact for each in found.evidence]


@pytest.mark.parametrize(
    ("lines", "sleeps", "skewed"),
    [
        pytest.param([STARTED], False, False, id="started"),
        pytest.param([STARTED, SLEEPS], True, False, id="hibernates"),
        pytest.param([STARTED, SLEEPS, STARTED], False, False, id="hibernated, and was started again"),
        pytest.param([STARTED, SKEWED], False, True, id="a clock behind"),
        pytest.param([STARTED, EARLY], False, True, id="a clock ahead"),
        pytest.param([SKEWED, STARTED], False, False, id="a clock that was wrong before the start"),
        pytest.param([STARTED, SKEWED, SLEEPS], True, True, id="sleeps for its clock"),
        pytest.param(["[0.0] Linux version 6.1"], False, False, id="nothing of the agent"),
    ],
)
def test_the_console_tells_while_the_agent_has_not_started_again(
    lines: list[str], sleeps: object, skewed: object
) -> None:
    console = ConsoleOutput("\n".join(lines), None)
    asleep = Said("agent-hibernating", Status.FAIL, LIKELY, NODE.id, ("steps-install-agent",))
    wrong = Said("node-clock-skewed", Status.FAIL, LIKELY, NODE.id, ("reboot-instance",))
    assert said(judged(agent_is_awake, AWAY, RUNNING, console)) == ([asleep] if sleeps else [])
    assert said(judged(clock_of_the_node_is_right, AWAY, RUNNING, console)) == ([wrong] if skewed else [])


def test_a_console_without_output_tells_nothing() -> None:
    silent = Absent("console output of the instance", "ec2:GetConsoleOutput")
    assert judged(agent_is_awake, AWAY, RUNNING, silent) == ()
    assert judged(clock_of_the_node_is_right, AWAY, RUNNING, silent) == ()


def test_evidence_of_a_long_console_line_is_cut() -> None:
    line = f"{SLEEPS} {'x' * 1000}"
    (found,) = judged(agent_is_awake, AWAY, replace(RUNNING), ConsoleOutput(line, None))
    assert len(found.evidence[0].fact) < 250


assert isinstance(NODE.instance, Instance)
ASKED = ConsoleOutputQuery(connected=False)
KERNEL = "[0.0] Linux version 6.1.102"
READY = "ip-10-0-0-9 login:"
NOTHING = Absent("console output of the instance", "ec2:GetConsoleOutput")
NO_STALE = NotApplicable("no session has been open for more than a day")


def console(*lines: str) -> ConsoleOutput:
    return ConsoleOutput("\n".join(lines), None)


@pytest.mark.parametrize(
    ("output", "platform", "sure"),
    [
        pytest.param(console(KERNEL, READY), "Linux/UNIX", LIKELY, id="a whole start without the agent"),
        pytest.param(console(KERNEL, STARTED, READY), "Linux/UNIX", None, id="the agent has started"),
        pytest.param(console(KERNEL), "Linux/UNIX", None, id="a start that has not ended"),
        pytest.param(console(READY), "Linux/UNIX", None, id="an output that has lost its beginning"),
        pytest.param(NOTHING, "Linux/UNIX", None, id="no output"),
        pytest.param(NOTHING, "Red Hat Enterprise Linux", POSSIBLE, id="a family without the agent"),
        pytest.param(NOTHING, "Red Hat BYOL Linux", POSSIBLE, id="such a family, by a subscription of one's own"),
        pytest.param(console(STARTED), "Red Hat Enterprise Linux", None, id="such a family, and the agent has started"),
        pytest.param(console("Unable to find ssm agent on this instance"), "Linux/UNIX", LIKELY, id="diagnosed"),
    ],
)
def test_the_agent_is_absent_as_far_as_console_and_platform_tell(
    output: ConsoleOutput | Absent, platform: str, sure: Confidence | None
) -> None:
    unmanaged = UnmanagedInstance(NODE, replace(INSTANCE, platform_details=platform))
    expected = [Said("agent-absent", Status.FAIL, sure, NODE.id, ("steps-install-agent",))] if sure else []
    assert said(judged(agent_is_installed, AWAY, unmanaged, output)) == expected


def watches(output: ConsoleOutput | None, stale: StaleSessions | NotApplicable | Unreadable) -> Findings:
    moot = NotApplicable("the node is connected and not selected")
    asked = ASKED if output is not None else moot
    return judged(node_has_watches_left, RunningNode(NODE), asked, output or moot, stale, Now(NOON))


def test_inotify_instances_are_used_up_by_the_consoles_word_and_perhaps_by_sessions_that_nobody_uses() -> None:
    line = "amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files"
    stale = StaleSessions((ActiveSession("alex-0123", NODE.id, "alex", NOON),))
    unread = Unreadable("ssm:DescribeSessions", "no")
    raise_, both = ("raise-inotify-limit",), ("terminate-stale-session", "raise-inotify-limit")

    def told(status: Status, sure: Confidence, fixes: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> list[Said]:
        return [Said("run-out-of-watches", status, sure, NODE.id, fixes, needs)]

    assert said(watches(console(STARTED, line), NO_STALE)) == told(Status.FAIL, LIKELY, raise_)
    assert said(watches(console(STARTED, line), unread)) == told(Status.FAIL, LIKELY, raise_)
    assert said(watches(console(STARTED, line), stale)) == told(Status.FAIL, LIKELY, both)
    assert said(watches(console(line, STARTED), stale)) == told(Status.WARN, POSSIBLE, both)
    assert said(watches(None, stale)) == told(Status.WARN, POSSIBLE, both)
    assert said(watches(None, unread)) == told(Status.UNKNOWN, POSSIBLE, (), ("ssm:DescribeSessions",))
    assert watches(console(STARTED), NO_STALE) == ()


def test_a_user_that_could_not_be_made_is_told_by_the_console_alone() -> None:
    failed = console(STARTED, "Failed to create ssm-user: exit status 9")
    told = judged(agent_could_make_its_user, ASKED, failed, node=NODE)
    assert said(told) == [Said("ssm-user-refused", Status.WARN, LIKELY, NODE.id, ("restart-agent",))]
    assert judged(agent_could_make_its_user, ASKED, console(STARTED), node=NODE) == ()
    refused = Unreadable("ec2:GetConsoleOutput", "no")
    assert said(judged(agent_could_make_its_user, replace(ASKED, connected=True), refused, node=NODE)) == [
        Said("ssm-user-refused", Status.INFO, POSSIBLE, NODE.id, (), ("ec2:GetConsoleOutput",))
    ]


def test_a_connected_node_may_have_got_its_inotify_instances_back_since_its_console_was_written() -> None:
    asked = replace(ASKED, connected=True)
    line = console(STARTED, "amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files")
    old = replace(line, captured=NOON)
    told = [
        each.status
        for output in (line, old)
        for each in judged(
            node_has_watches_left, RunningNode(NODE), asked, output, NO_STALE, Now(NOON + timedelta(days=2))
        )
    ]
    assert told == [Status.FAIL, Status.WARN]


PIPELINE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Pipeline/botocore-session-1761240839"
JANE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/jane"
CROWDED_NODE = managed()
CROWDED_ID = node_of(CROWDED_NODE).id


def crowded_on(active: ActiveSessions) -> CrowdedSessions | NotApplicable:
    crowded = crowded_sessions(CROWDED_NODE, active)
    if isinstance(crowded, OfNode):
        crowded = crowded.answer(node_of(CROWDED_NODE))
    assert isinstance(crowded, CrowdedSessions | NotApplicable)
    return crowded


def sessions(owner: str, count: int, target: str = CROWDED_ID) -> tuple[ActiveSession, ...]:
    return tuple(
        ActiveSession(f"{owner[-4:]}-{number:02}", target, owner, NOON + timedelta(minutes=number))
        for number in range(count)
    )


def test_the_owner_with_the_most_sessions_is_told_where_they_are_a_crowd() -> None:
    active = ActiveSessions((*sessions(JANE, 3), *sessions(PIPELINE, 12)))
    crowded = crowded_on(active)
    assert isinstance(crowded, CrowdedSessions)
    assert (crowded.owner_name, len(crowded.sessions)) == ("Pipeline/botocore-session-1761240839", 12)
    (finding,) = judged(sessions_are_ended, CROWDED_NODE, crowded)
    assert "Pipeline/botocore-session-1761240839 has 12 open sessions" in finding.summary
    assert said((finding,)) == [
        Said("sessions-left-open", Status.WARN, Confidence.POSSIBLE, CROWDED_ID, ("steps-end-sessions",))
    ]


def test_many_owners_with_a_few_sessions_each_are_no_crowd() -> None:
    some = tuple(each for number in range(4) for each in sessions(f"{JANE}{number}", 9))
    assert isinstance(crowded_on(ActiveSessions(some)), NotApplicable)


def test_sessions_on_other_nodes_do_not_count() -> None:
    elsewhere = sessions(PIPELINE, 9) + sessions(PIPELINE, 9, "i-0000000000000002b")
    assert isinstance(crowded_on(ActiveSessions(elsewhere)), NotApplicable)


def test_a_node_without_a_crowd_is_without_a_fault() -> None:
    assert judged(sessions_are_ended, CROWDED_NODE, NotApplicable("no user has 10 sessions on the node")) == ()
