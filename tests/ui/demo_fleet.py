"""A fleet with something of everything, for the pictures until they are made from the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.diagnosis.events import Event, FindingChanged, ProgressChanged, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Confidence, Evidence, FleetFinding, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import InstanceState, Node, PingStatus, Registration
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import FixNotApplicable, Forecast, Plan
from ssmtui.model.preferences import PreferencesDocument, RegionPreferences, SessionPreferences, parse_preferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup
from ssmtui.remediation.plans.preferences.encryption import toggle_cloudwatch_encryption
from tests.ui.builders import (
    ACCOUNT,
    FRANKFURT,
    HEALTHY,
    PARIS,
    STOPPED,
    finding,
    log_group_unencrypted,
    node,
    told,
    verdict,
)
from tests.ui.scripted_inquiry import ScriptedInquiry

PLATFORMS = (
    "Amazon Linux 2023",
    "Ubuntu 24.04",
    "Microsoft Windows Server 2022 Datacenter",
    "Red Hat Enterprise Linux 9",
)
NAMES = ("web", "api", "batch", "cache", "ci-runner", "etl", "jump", "queue")

CALLS = (
    ("ec2:DescribeInstances", 2),
    ("iam:SimulatePrincipalPolicy", 41),
    ("ssm:DescribeInstanceProperties", 2),
    ("ssm:GetConnectionStatus", 44),
)


def paris() -> list[Node]:
    return [
        node(
            f"{NAMES[number % 8]}-{(number - 1) // 8 + 1}",
            number,
            platform=PLATFORMS[number % 4],
            tags=(("Env", "prod"),),
        )
        for number in range(1, 33)
    ]


def frankfurt() -> list[Node]:
    return [
        node(f"eu-worker-{number}", 100 + number, FRANKFURT, platform=PLATFORMS[number % 2]) for number in range(1, 9)
    ]


def role(name: str) -> Subject:
    return Subject(SubjectKind.ROLE, f"arn:aws:iam::{ACCOUNT}:role/{name}")


def key_denied(nodes: Sequence[Node]) -> FleetFinding:
    return finding(
        "kms-node-denied",
        Link.PREFERENCES,
        role("batch-node"),
        nodes,
        summary="The role batch-node may not use the session key, so the handshake of every session fails.",
        evidence=(
            Evidence("kms:Decrypt on key/1f0e…c9 is implicitly denied", "iam:SimulatePrincipalPolicy"),
            Evidence("the key policy names only the account root", "kms:GetKeyPolicy"),
        ),
        fixes=("grant-node-key-access", "clear-session-key"),
    )


def lost_contact(each: Node) -> Node:
    assert isinstance(each.registration, Registration)
    return replace(each, registration=replace(each.registration, ping=PingStatus.CONNECTION_LOST))


def events() -> list[Event]:
    nodes = paris()
    bad = [each for each in nodes if each.name.startswith("batch")]
    closed = [each for each in nodes if each.name in ("ci-runner-1", "ci-runner-2", "etl-1")]
    closed = [lost_contact(each) for each in closed]
    stopped = [node(f"old-{number}", 60 + number, state=InstanceState.STOPPED, ping=None) for number in (1, 2)]
    hybrid = [node("shop-pos-1", 71, hybrid=True), node("shop-pos-2", 72, hybrid=True)]
    unmanaged = [node("legacy-win", 81, ping=None, platform="Windows")]
    warned = [each for each in nodes if each.name.startswith("queue")]
    group = finding(
        "endpoint-security-group-closed",
        Link.NETWORK,
        Subject(SubjectKind.SECURITY_GROUP, "sg-0c0ffee0c0ffee000"),
        closed,
        confidence=Confidence.LIKELY,
        summary="sg-0c0ffee0c0ffee000 of the endpoint for ssmmessages lets nothing in on port 443.",
        evidence=(Evidence("no inbound rule admits tcp 443 from 10.0.1.0/24", "ec2:DescribeSecurityGroups"),),
        fixes=("open-endpoint-ingress",),
    )
    key = key_denied(bad)
    lost = finding(
        "s3-logs-lost",
        Link.PREFERENCES,
        role("queue-node"),
        warned,
        status=Status.WARN,
        summary="Sessions start, and their logs are not written: queue-node may not put objects.",
        evidence=(Evidence("s3:PutObject is implicitly denied", "iam:SimulatePrincipalPolicy"),),
        fixes=("grant-node-bucket-write",),
    )
    controller = finding(
        "domain-controller",
        Link.SYSTEM,
        Subject(SubjectKind.NODE, hybrid[1].id),
        hybrid[1:],
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        summary="Whether it is a domain controller cannot be told without its inventory.",
        needs=("ssm:ListInventoryEntries",),
        fixes=("steps-domain-controller",),
    )
    profile = finding(
        "instance-profile-missing",
        Link.IDENTITY,
        Subject(SubjectKind.NODE, unmanaged[0].id),
        unmanaged,
        summary="It has no instance profile, and default host management is off in eu-west-3.",
        evidence=(Evidence("no IamInstanceProfile", "ec2:DescribeInstances"),),
        fixes=("attach-instance-profile", "enable-host-management"),
    )
    told_events: list[Event] = [ScopeOpened(PARIS), ScopeOpened(FRANKFURT)]
    listed = [each for each in nodes if each.key not in {other.key for other in closed}]
    told_events += told(PARIS, listed, verdicts=HEALTHY)
    told_events += told(PARIS, [*closed, *hybrid, *unmanaged])
    told_events += told(PARIS, stopped, verdicts=STOPPED)
    told_events += [VerdictChanged(hybrid[0].key, HEALTHY)]
    for held, status in (
        (group, VerdictStatus.FAIL),
        (key, VerdictStatus.FAIL),
        (lost, VerdictStatus.WARN),
        (controller, VerdictStatus.UNKNOWN),
        (profile, VerdictStatus.FAIL),
    ):
        told_events.append(FindingChanged(held))
        told_events += [VerdictChanged(each, verdict(status, held)) for each in held.nodes]
    told_events += [ProgressChanged(PARIS.name, 37, 37, False, CALLS, False), ScopeSettled(PARIS.name)]
    return [*told_events, *frankfurt_events(broken=True)]


def frankfurt_events(*, broken: bool) -> list[Event]:
    nodes = frankfurt()
    told_events: list[Event] = [*told(FRANKFURT, nodes, verdicts=None if broken else HEALTHY)]
    if broken:
        held = log_group_unencrypted(nodes, FRANKFURT)
        told_events.append(FindingChanged(held))
        told_events += [VerdictChanged(each, verdict(VerdictStatus.FAIL, held)) for each in held.nodes]
    return [*told_events, ProgressChanged(FRANKFURT.name, 8, 8, False, CALLS[:1], False), ScopeSettled(FRANKFURT.name)]


DOCUMENT = """{
  "schemaVersion": "1.0",
  "description": "Document to hold regional settings for Session Manager",
  "sessionType": "Standard_Stream",
  "inputs": {
    "s3BucketName": "",
    "s3KeyPrefix": "",
    "s3EncryptionEnabled": true,
    "cloudWatchLogGroupName": "/ssm/sessions",
    "cloudWatchEncryptionEnabled": true,
    "cloudWatchStreamingEnabled": true,
    "idleSessionTimeout": "20",
    "kmsKeyId": "",
    "runAsEnabled": false
  }
}
"""


def preferences_document(where: Scope) -> PreferencesDocument:
    arn = where.arn("ssm", "document/SSM-SessionManagerRunShell")
    content = parse_document_text(DOCUMENT, DocumentFormat.JSON)
    return PreferencesDocument(arn, DocumentFormat.JSON, "4", "4", content, DOCUMENT)


def region_facts(where: Scope) -> RegionPreferences:
    document = preferences_document(where)
    return RegionPreferences(
        scope=where,
        document=document,
        preferences=parse_preferences(document),
        key=NotApplicable("no key is configured"),
        bucket=NotApplicable("no bucket is configured"),
        bucket_encryption=NotApplicable("no bucket is configured"),
        log_group=LogGroup(where.arn("logs", "log-group:/ssm/sessions"), "/ssm/sessions", None),
        caller=CallerPreferencesPermissions(where.caller, ()),
    )


def switch_plan(where: Scope) -> Plan | FixNotApplicable:
    facts = region_facts(where)
    assert isinstance(facts.document, PreferencesDocument)
    assert isinstance(facts.preferences, SessionPreferences)
    return toggle_cloudwatch_encryption(where, facts.document, facts.preferences, facts.caller)


def demo_inquiry() -> ScriptedInquiry:
    handle = ScriptedInquiry(*events())
    for where in (PARIS, FRANKFURT):
        handle.regions[where.name] = region_facts(where)
    handle.plans["toggle-cloudwatch-encryption"] = switch_plan(FRANKFURT)
    handle.plans["toggle-s3-encryption"] = FixNotApplicable("toggle-s3-encryption", "no S3 bucket is configured")
    handle.forecasts = Forecast(tuple(each.id for each in frankfurt()), (), (), (), ())
    handle.facts = {
        each.key: (
            RawFact("Instance", "ec2:DescribeInstances", '{\n  "id": "' + each.id + '",\n  "state": "running"\n}'),
            RawFact("SessionPreferences", "ssm:GetDocument", '{\n  "log_group": "/ssm/sessions"\n}'),
        )
        for each in (*paris(), *frankfurt())
    }
    return handle
