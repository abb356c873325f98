"""Builders of scopes, nodes, findings and checks: each with every field set to something plain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ssmtui.checks.registry import Check
from ssmtui.model.fact import Absent, NotApplicable, Unreadable, needs_of
from ssmtui.model.finding import (
    Confidence,
    Evidence,
    Finding,
    Findings,
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
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.scope import Scope, ScopeName

ACCOUNT = "123456789012"
REGION = "eu-west-3"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NOTHING_MADE = NotApplicable("no change has a pending effect")


def a_scope(region: str = REGION, profile: str | None = None) -> Scope:
    """An open scope."""
    return Scope(
        name=ScopeName(profile, region),
        account=ACCOUNT,
        region=region,
        partition="aws",
        dns_suffix="amazonaws.com",
        caller=f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/alex",
        principal=f"arn:aws:iam::{ACCOUNT}:role/Engineer",
    )


def an_instance(id_: str, state: InstanceState = InstanceState.RUNNING) -> Instance:
    """A running instance with a profile, in a subnet."""
    return Instance(
        id=id_,
        state=state,
        launched=NOON,
        image_id="ami-0123456789abcdef0",
        platform_details="Linux/UNIX",
        subnet_id="subnet-1",
        vpc_id="vpc-1",
        security_group_ids=("sg-1",),
        private_ip="10.0.0.10",
        public_ip=None,
        ipv6_addresses=(),
        profile_arn=f"arn:aws:iam::{ACCOUNT}:instance-profile/web",
        metadata=MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED),
    )


def a_registration(id_: str, ping: PingStatus = PingStatus.ONLINE) -> Registration:
    """A registration that pinged just now."""
    return Registration(
        node_id=id_,
        ping=ping,
        last_ping=NOON,
        agent_version="3.3.4624.0",
        platform_family=PlatformFamily.LINUX,
        platform="Amazon Linux 2023",
        computer_name="ip-10-0-0-10",
        ip_address="10.0.0.10",
        iam_role=None,
        registered=NOON,
    )


def a_node(
    id_: str = "i-0000000000000001a",
    name: str = "web-1",
    *,
    state: InstanceState = InstanceState.RUNNING,
    ping: PingStatus | None = PingStatus.ONLINE,
    region: str = REGION,
) -> Node:
    """An EC2 node; unmanaged where it has no ping."""
    registration: Registration | Absent | Unreadable = Absent("a registration", "ssm:DescribeInstanceProperties")
    if ping is not None:
        registration = a_registration(id_, ping)
    return Node(NodeKind.EC2, an_instance(id_, state), registration, NodeKey(ACCOUNT, region, id_), name, ())


def a_finding(
    cause: str = "kms-node-denied",
    status: Status = Status.FAIL,
    *,
    subject: Subject | None = None,
    confidence: Confidence = Confidence.PROVED,
    needs: tuple[str, ...] = (),
) -> Finding:
    """A finding about the role `web`, unless said otherwise."""
    return Finding(
        cause=cause,
        status=status,
        confidence=confidence,
        subject=subject or Subject(SubjectKind.ROLE, f"arn:aws:iam::{ACCOUNT}:role/web"),
        summary=f"{cause} holds.",
        evidence=(Evidence("kms:Decrypt is implicitly denied", "iam:SimulatePrincipalPolicy"),),
        fixes=("grant-node-key-access",),
        needs=needs,
    )


def held(finding: Finding, *nodes: Node, link: Link = Link.PREFERENCES, scope: Scope | None = None) -> FleetFinding:
    """A finding that holds nodes down."""
    scope = scope or a_scope()
    return FleetFinding(finding.id_in(scope.region), scope, link, finding, frozenset(node.key for node in nodes))


def a_verdict(
    status: VerdictStatus = VerdictStatus.OK, *, root_cause: str | None = None, finding_ids: tuple[str, ...] = ()
) -> Verdict:
    """A settled verdict."""
    return Verdict(status, Confidence.LIKELY, root_cause, finding_ids, tuple(LinkState.OK for _ in Link), settled=True)


def a_check(name: str, link: Link, *causes: str, after: tuple[str, ...] = (), last_resort: bool = False) -> Check:
    """A check in name only, for what works on checks as data."""

    def judge() -> Findings:
        return ()

    def the_node(node: Node) -> Subject:
        return Subject(SubjectKind.NODE, node.id)

    return Check(
        name, f"{name}?", link, after, causes or (name,), judge, (), the_node, needs_of(the_node), last_resort, {}
    )


NOTHING_MADE = NotApplicable("no change has a pending effect")


def a_change(fix: str, made: datetime = NOON) -> ChangeDelay:
    """A change that takes half an hour to show."""
    return ChangeDelay(fix, "Do what helps", made, made + timedelta(minutes=30))
