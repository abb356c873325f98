"""What denies, and what may allow it all the same: struck where the one answer that allows is not to be had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.facts.sources import all_reads, underlying_actions
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Finding, Status, VerdictStatus
from ssmtui.model.node_facts import HostManagementDelay, SilentConsole
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose
from tests.simulated_diagnosis.remembered_answers import RememberedAnswers
from tests.worlds.allow_overrides import ALLOW_OVERRIDES, AllowOverride, Operation

Place = tuple[str, str]
"""A world, and a node of it that the answer alone allows."""

SOUND: Place = ("healthy-small", "api-1")
BY_ENDPOINT: Place = ("one-way-each", "by-endpoint-1")
BY_NAT: Place = ("one-way-each", "by-nat-1")
SERVED: Place = ("served-in-spite-of-its-profile", "mute-1")

PLACES: dict[tuple[str, Operation], Place] = {
    ("kms-node-denied", ("kms", "GetKeyPolicy")): ("allowed-by-key-policy", "named-1"),
    ("kms-node-denied", ("kms", "ListGrants")): ("allowed-by-key-policy", "granted-1"),
    ("kms-node-denied", ("ssm", "GetServiceSetting")): SERVED,
    ("kms-caller-denied", ("kms", "GetKeyPolicy")): ("caller-allowed-by-key-policy", "web-1"),
    ("kms-caller-denied", ("kms", "ListGrants")): ("caller-allowed-by-grant", "web-1"),
    ("s3-encryption-unreadable", ("s3", "GetBucketPolicy")): ("allowed-by-bucket-policy", "named-1"),
    ("s3-encryption-unreadable", ("s3", "HeadBucket")): ("allowed-by-bucket-policy", "named-1"),
    ("s3-logs-lost", ("s3", "GetBucketPolicy")): ("allowed-by-bucket-policy", "named-1"),
    ("s3-logs-lost", ("s3", "HeadBucket")): ("allowed-by-bucket-policy", "named-1"),
    ("s3-logs-lost", ("kms", "GetKeyPolicy")): ("allowed-by-bucket-key", "named-1"),
    ("s3-logs-lost", ("kms", "ListGrants")): ("allowed-by-bucket-key", "granted-1"),
    ("role-core-denied", ("ssm", "GetServiceSetting")): SERVED,
    ("role-core-denied", ("iam", "GetRole")): SERVED,
    ("role-trust-wrong", ("ssm", "GetServiceSetting")): ("served-in-spite-of-its-profile", "strange-1"),
    ("instance-profile-missing", ("ssm", "GetServiceSetting")): ("host-management-new", "app-1"),
    ("not-registered", ("ssm", "GetServiceSetting")): ("host-management-new", "app-1"),
    ("connection-lost", ("ssm", "GetServiceSetting")): ("host-management-new", "app-2"),
    ("endpoint-policy-denies", ("iam", "GetInstanceProfile")): ("endpoint-admits-the-role", "vault-1"),
    ("endpoint-policy-denies", ("s3", "HeadBucket")): ("bucket-past-its-endpoint", "web-1"),
    ("log-endpoint-missing", ("s3", "HeadBucket")): ("bucket-past-its-endpoint", "web-1"),
    ("log-endpoint-missing", ("ec2", "DescribeNatGateways")): BY_NAT,
    ("log-endpoint-missing", ("ec2", "DescribeRouteTables")): BY_NAT,
    ("log-endpoint-missing", ("ec2", "DescribeVpcEndpoints")): BY_ENDPOINT,
    ("log-endpoint-missing", ("ec2", "DescribeSubnets")): BY_ENDPOINT,
    ("vpc-dns-off", ("ec2", "DescribeVpcAttribute")): BY_ENDPOINT,
    ("egress-blocked", ("ec2", "DescribeSecurityGroups")): BY_ENDPOINT,
    ("egress-blocked", ("ec2", "DescribeNetworkInterfaces")): ("egress-to-one-address", "web-1"),
    ("network-acl-blocks", ("ec2", "DescribeNetworkAcls")): BY_ENDPOINT,
    ("endpoint-security-group-closed", ("ec2", "GetManagedPrefixListEntries")): ("one-way-each", "by-list-1"),
    ("run-as-user-unset", ("iam", "ListRoleTags")): ("run-as-by-tag", "web-1"),
    ("caller-start-denied", ("ssm", "ListTagsForResource")): ("caller-by-tag-of-hybrid-nodes", "pos-1"),
}

JUDGED_BY_ITSELF = {"wrong-principal", "no-route-to-endpoint"}
"""Asked only of nodes that are away, and so sound in no world: tests/checks/identity/test_role.py, network."""

BLOCKING = {
    ("ec2", "DescribeNetworkAcls"),
    ("ec2", "DescribeRouteTables"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeSubnets"),
    ("ec2", "DescribeVpcAttribute"),
    ("ec2", "DescribeVpcEndpoints"),
    ("kms", "DescribeKey"),
}
"""What its checks cannot do without: that such a fact is unread is the engine's to say, whatever the failure."""


def place_of(row: AllowOverride) -> Place:
    """Where the fact of a row alone allows: the sound world, unless it takes one of its own."""
    return PLACES.get((row.cause, row.operation), SOUND)


STRUCK = [row for row in ALLOW_OVERRIDES if row.cause not in JUDGED_BY_ITSELF]
STRIKES = sorted({(row.operation, place_of(row)) for row in STRUCK})
KINDS = ("refused", "internal", "garbage", "reset")
TOLD_BY_OTHERS = {
    # Where simulating is refused, the policies themselves are read.
    ("iam", "SimulatePrincipalPolicy"): {"refused"},
    # The answer to HEAD has no body that could be nonsense; where it is refused, another call tells of the bucket.
    ("s3", "HeadBucket"): {"refused", "garbage"},
}


def kinds(operation: Operation) -> tuple[str, ...]:
    if operation in BLOCKING:
        return KINDS[:1]
    return tuple(kind for kind in KINDS if kind not in TOLD_BY_OTHERS.get(operation, ()))


ABOUT_DELAYS = {SilentConsole, HostManagementDelay}
"""Facts by which a node is given time: they never speak of a denial."""


def rows_of(operation: Operation, place: Place) -> list[AllowOverride]:
    return [row for row in STRUCK if row.operation == operation and place_of(row) == place]


def test_a_place_of_its_own_is_a_rows() -> None:
    assert PLACES.keys() <= {(row.cause, row.operation) for row in STRUCK}


@pytest.mark.parametrize("row", ALLOW_OVERRIDES, ids=lambda row: f"{row.cause} by {row.operation[1]}")
def test_the_operation_of_a_row_is_one_that_its_fact_comes_from(row: AllowOverride) -> None:
    assert all_reads()[row.operation] in underlying_actions(row.allowed_by)


def test_a_fact_that_a_check_can_do_without_may_allow_or_is_said_why_not() -> None:
    allowing = {(row.cause, row.allowed_by) for row in ALLOW_OVERRIDES}
    for check in all_checks():
        optional = {need.kind for need in check.needs if Unreadable in need.admits}
        may_allow = {kind for kind in optional for cause in check.causes if (cause, kind) in allowing}
        unsaid = optional - may_allow - check.without.keys() - ABOUT_DELAYS
        assert unsaid == set(), f"{check.name}: what may allow stands in the table, what never does in without="
        assert check.without.keys() <= optional
        assert all(check.without.values())


@pytest.fixture(scope="module")
def answers() -> defaultdict[str, RememberedAnswers]:
    """What each world answered, in which one operation is struck at a time."""
    return defaultdict(RememberedAnswers)


@pytest.mark.parametrize(
    ("operation", "place", "kind"),
    [
        pytest.param(operation, place, kind, id=f"{operation[1]} {kind} at {place[1]} of {place[0]}")
        for operation, place in STRIKES
        for kind in kinds(operation)
    ],
)
def test_what_alone_allows_and_was_not_read_leaves_the_node_unknown_and_is_named(
    operation: Operation,
    place: Place,
    kind: str,
    at_simulator: SimulatedAws,
    diagnose: Diagnose,
    answers: Mapping[str, RememberedAnswers],
) -> None:
    world, name = place
    at_simulator.load(world)
    if kind == "reset":
        at_simulator.fault("timeout", *operation, milliseconds=1)
    else:
        at_simulator.fault(kind, *operation)
    with answers[world].in_use(anew=[operation]):
        told = diagnose()
    findings = findings_on(told, name)
    denied = {row.cause for row in rows_of(operation, place)}
    assert [each.summary for each in findings if each.cause in denied and is_denial(each)] == []
    assert verdict_on(told, name) is VerdictStatus.UNKNOWN
    assert any(names(each, operation, by_need=kind == "refused") for each in findings)


def is_denial(finding: Finding) -> bool:
    return finding.status in (Status.FAIL, Status.WARN)


def names(finding: Finding, operation: Operation, *, by_need: bool) -> bool:
    if finding.status is not Status.UNKNOWN:
        return False
    if by_need:
        return all_reads()[operation] in finding.needs
    words = {all_reads()[operation], ":".join(operation)}
    return any(word in (each.source, *each.fact.split()) for each in finding.evidence for word in words)


def verdict_on(state: FleetState, name: str) -> VerdictStatus:
    (key,) = (key for key, node in state.nodes.items() if node.name == name)
    return state.verdict(key).status


def findings_on(state: FleetState, name: str) -> list[Finding]:
    (key,) = (key for key, node in state.nodes.items() if node.name == name)
    return [state.findings[id_].finding for id_ in state.verdict(key).finding_ids]
