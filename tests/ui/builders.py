"""Builders of what a diagnosis tells: scopes, nodes, verdicts and findings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ssmtui.diagnosis.events import ConnectionRead, Event, FindingChanged, NodeListed, VerdictChanged
from ssmtui.model.fact import Absent
from ssmtui.model.finding import (
    Confidence,
    Evidence,
    Finding,
    FleetFinding,
    Link,
    LinkState,
    Status,
    Subject,
    SubjectKind,
    Verdict,
    VerdictStatus,
)
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    NodeKey,
    NodeKind,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.scope import Scope, ScopeName

ACCOUNT = "123456789012"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def scope(region: str = "eu-west-3", account: str = ACCOUNT, profile: str | None = None) -> Scope:
    return Scope(
        name=ScopeName(profile, region),
        account=account,
        region=region,
        partition="aws",
        dns_suffix="amazonaws.com",
        caller=f"arn:aws:sts::{account}:assumed-role/platform-engineer/ada",
        principal=f"arn:aws:iam::{account}:role/platform-engineer",
    )


PARIS = scope()
FRANKFURT = scope("eu-central-1")


def node(
    name: str,
    number: int,
    where: Scope = PARIS,
    *,
    state: InstanceState = InstanceState.RUNNING,
    platform: str = "Amazon Linux",
    agent: str = "3.3.2299.0",
    ping: PingStatus | None = PingStatus.ONLINE,
    hybrid: bool = False,
    tags: tuple[tuple[str, str], ...] = (),
) -> Node:
    prefix = "mi-" if hybrid else "i-"
    id_ = f"{prefix}0{number * 2654435761 % 16**16:016x}"
    windows = "Windows" in platform
    registration = Registration(
        node_id=id_,
        ping=ping or PingStatus.INACTIVE,
        last_ping=NOON,
        agent_version=agent,
        platform_family=PlatformFamily.WINDOWS if windows else PlatformFamily.LINUX,
        platform=platform,
        computer_name=f"ip-10-0-1-{number}.internal",
        ip_address=f"10.0.1.{number}",
        iam_role=None,
        registered=NOON,
    )
    instance = Instance(
        id=id_,
        state=state,
        launched=NOON,
        image_id="ami-0abcdef1234567890",
        platform_details="Windows" if windows else "Linux/UNIX",
        subnet_id="subnet-0a1b2c3d4e5f60718",
        vpc_id="vpc-0a1b2c3d4e5f60718",
        security_group_ids=("sg-0a1b2c3d4e5f60718",),
        private_ip=f"10.0.1.{number}",
        public_ip=None,
        ipv6_addresses=(),
        profile_arn=f"arn:aws:iam::{where.account}:instance-profile/web",
        metadata=MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED),
    )
    return Node(
        key=NodeKey(where.account, where.region, id_),
        kind=NodeKind.HYBRID if hybrid else NodeKind.EC2,
        name=name,
        tags=(("Name", name), *tags),
        instance=Absent(id_, "ec2:DescribeInstances") if hybrid else instance,
        registration=registration if ping else Absent(id_, "ssm:DescribeInstanceProperties"),
    )


def links(**states: LinkState) -> tuple[LinkState, ...]:
    """The states of a path, ok where none is named (`system` is the operating system)."""
    return tuple(states.get(link.name.lower(), LinkState.OK) for link in Link)


HEALTHY = Verdict(VerdictStatus.OK, Confidence.LIKELY, None, (), links(), settled=True)
STOPPED = Verdict(
    VerdictStatus.STOPPED,
    Confidence.PROVED,
    None,
    (),
    links(instance=LinkState.WARN, **{link.name.lower(): LinkState.NOT_CHECKED for link in list(Link)[3:]}),
    settled=True,
)


def verdict(status: VerdictStatus, *findings: FleetFinding, settled: bool = True) -> Verdict:
    """The verdict that findings make; the first failing one is the root cause."""
    failing = [each for each in findings if each.finding.status is Status.FAIL]
    states = list(links())
    marks = {
        Status.FAIL: LinkState.FAIL,
        Status.WARN: LinkState.WARN,
        Status.UNKNOWN: LinkState.UNKNOWN,
        Status.INFO: LinkState.OK,
    }
    for each in reversed(findings):
        states[each.link.position] = marks[each.finding.status]
    return Verdict(
        status,
        failing[0].finding.confidence if failing else Confidence.LIKELY,
        failing[0].finding.cause if failing else None,
        tuple(sorted(each.id for each in findings)),
        tuple(states),
        settled,
    )


def finding(
    cause: str,
    link: Link,
    subject: Subject,
    nodes: Iterable[Node],
    *,
    where: Scope = PARIS,
    status: Status = Status.FAIL,
    confidence: Confidence = Confidence.PROVED,
    summary: str = "",
    evidence: tuple[Evidence, ...] = (),
    fixes: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> FleetFinding:
    told = Finding(cause, status, confidence, subject, summary or cause, evidence, fixes, needs)
    return FleetFinding(told.id_in(where.region), where, link, told, frozenset(each.key for each in nodes))


def log_group_unencrypted(nodes: Iterable[Node], where: Scope = PARIS) -> FleetFinding:
    arn = where.arn("logs", "log-group:/ssm/sessions")
    return finding(
        "log-group-unencrypted",
        Link.PREFERENCES,
        Subject(SubjectKind.LOG_GROUP, arn),
        nodes,
        where=where,
        summary="The preferences ask for an encrypted log group, and /ssm/sessions has no key.",
        evidence=(
            Evidence("log group /ssm/sessions: kmsKeyId is not set", "logs:DescribeLogGroups"),
            Evidence("cloudWatchEncryptionEnabled is true", "ssm:GetDocument"),
        ),
        fixes=("encrypt-log-group", "toggle-cloudwatch-encryption"),
    )


def told(where: Scope, nodes: Iterable[Node], *, verdicts: Verdict | None = None) -> list[Event]:
    """The events that list nodes, with one verdict for all where it is given."""
    events: list[Event] = []
    for each in nodes:
        events.append(NodeListed(where, each))
        if each.managed:
            connected = each.ping is PingStatus.ONLINE
            events.append(
                ConnectionRead(each.key, ConnectionStatus.CONNECTED if connected else ConnectionStatus.NOT_CONNECTED)
            )
        if verdicts:
            events.append(VerdictChanged(each.key, verdicts))
    return events


def found(finding_: FleetFinding, nodes: Iterable[Node], status: VerdictStatus = VerdictStatus.FAIL) -> list[Event]:
    """The events that tell of a finding and of the verdicts it makes."""
    return [FindingChanged(finding_), *(VerdictChanged(each.key, verdict(status, finding_)) for each in nodes)]
