"""AWS refusing or answering nonsense, one operation after another, and never a false word of a node."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.facts.sources import Read, all_reads, sources
from ssmtui.model.finding import Finding, Status, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Verdict
from ssmtui.simulator.worlds import WORLDS
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.fixtures import without_source
from tests.simulated_diagnosis.remembered_aws import (
    Diagnosed,
    Fault,
    Operation,
    RememberedAws,
    garbled,
    hanging,
    known_world,
    refused,
    throttled,
)

ASKED_IN_THE_DEMO = 31
"""How many operations a diagnosis of the demo asks at least while all else can be read."""

OF_IDENTITY = {"host_management", "identity_faults", "organization_denials"}
OF_PREFERENCES = {"bucket_key_faults", "preference_faults", "tag_denials"}

NETWORK = {
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcAttribute",
    "DescribeVpcEndpoints",
}
"""The networks of all these worlds are the demo's: there they are struck."""


READ_INSTEAD_OF = dict.fromkeys(
    (
        ("iam", "GetPolicy"),
        ("iam", "GetPolicyVersion"),
        ("iam", "GetRole"),
        ("iam", "GetRolePolicy"),
        ("iam", "ListAttachedRolePolicies"),
        ("iam", "ListRolePolicies"),
    ),
    "iam:SimulatePrincipalPolicy",
)
"""What is read only where the call beside it is refused: that one is named, it is what would settle everything."""


def worlds_of(modules: set[str]) -> list[str]:
    by_name = {name: make.__module__.rpartition(".")[2] for name, make in WORLDS.items()}
    assert modules <= set(by_name.values()), "a module of worlds is gone"
    return sorted(name for name, module in by_name.items() if module in modules)


WORLDS_STRUCK = worlds_of(OF_IDENTITY | OF_PREFERENCES)
SMALL_WORLDS = sorted(set(WORLDS) - {"demo"})

LAST_RESORTS = {"not-registered", "connection-lost", "control-channel-down"}
"""What is told of a node that is away although what would excuse it could not be read: a note says so."""

BESIDE_EACH_OTHER = (
    (("iam", "SimulatePrincipalPolicy"), ("organizations", "DescribeOrganization")),
    (("s3", "GetBucketLocation"), ("s3", "HeadBucket")),
    (("ssm", "DescribeInstanceProperties"), ("ssm", "GetConnectionStatus")),
)
"""Reads of which each tells what the other leaves open, or that are only made instead of the other."""


def of_one_fact(asked: Collection[Operation]) -> list[tuple[Operation, Operation]]:
    """Every two reads of those asked that one fact comes from, and those beside each other."""
    operations = {action: operation for operation, action in all_reads().items()}
    reads = (each for each in sources().values() if isinstance(each, Read))
    pairs = {pair for read in reads for pair in combinations(sorted(operations[each] for each in read.actions), 2)}
    beside = {pair for pair in BESIDE_EACH_OTHER if set(pair) & set(asked)}
    return sorted({pair for pair in pairs if set(pair) <= set(asked)} | beside)


@pytest.fixture(autouse=True)
def remembered_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)


def kind(told: FleetState, key: NodeKey) -> tuple[object, ...]:
    """What nodes have in common that a fault strikes alike: where they are, of what kind, and what is found on them."""
    verdict = told.verdict(key)
    causes = {told.findings[id_].finding.cause for id_ in verdict.finding_ids}
    return key.region, told.nodes[key].kind, verdict.status, tuple(sorted(causes))


def one_of_each_kind(told: FleetState) -> list[str]:
    return sorted({kind(told, key): key.id for key in told.nodes}.values())


def verdicts(state: FleetState) -> dict[NodeKey, VerdictStatus]:
    return {key: state.verdict(key).status for key in state.nodes}


def needs(state: FleetState, key: NodeKey) -> set[str]:
    findings = [state.findings[id_].finding for id_ in state.verdict(key).finding_ids]
    return {action for finding in findings if finding.status is Status.UNKNOWN for action in finding.needs}


def is_unexcused(told: FleetState, key: NodeKey, actions: set[str]) -> bool:
    """Whether a node fails by a last resort, and a note names the action that would have read its excuse."""
    findings = [told.findings[id_].finding for id_ in told.verdict(key).finding_ids]
    noted = {action for each in findings if each.status is Status.INFO for action in (*each.needs, *sources_of(each))}
    return told.verdict(key).root_cause in LAST_RESORTS and bool(noted & actions)


def sources_of(finding: Finding) -> set[str]:
    return {source for each in finding.evidence for source in each.source.split(", ")}


def wrongs(
    told: FleetState, truth: FleetState, fault: str, *operations: Operation, broken: Collection[str] = ()
) -> Iterator[str]:
    """What is not as it must be of a diagnosis that was struck by a fault.

    `broken` are the names of nodes that fail in truth, also if a diagnosis of the whole fleet does not see it.
    """
    if told.crashes:
        yield f"crashed: {told.crashes}"
    if without_source(told):
        yield f"without a source: {without_source(told)}"
    before = verdicts(truth)
    actions = {all_reads()[each] for each in operations} | {READ_INSTEAD_OF.get(each, "") for each in operations}
    for key, status in verdicts(told).items():
        name = told.nodes[key].name
        # What cannot be read may hide the reason that comes first, never that the node is closed.
        true = {before[key], VerdictStatus.UNKNOWN} | ({VerdictStatus.FAIL} if name in broken else set())
        if status not in true and not (before[key] is VerdictStatus.WARN and is_unexcused(told, key, actions)):
            yield f"{name} is {before[key].value} and told as {status.value}"
        is_new = status is VerdictStatus.UNKNOWN and before[key] is not status
        if fault == "refused" and is_new and not needs(told, key) & actions:
            yield f"{name} is unknown, not by its action: {needs(told, key)}"


def struck(
    aws: SimulatedAws, world: RememberedAws, fault: str, operation: Operation, truth: FleetState, nodes: Sequence[str]
) -> list[str]:
    """What is wrong where the simulator answers all that is asked of an operation by a fault."""
    aws.fault(fault, *operation)
    told = world.diagnosed(nodes=nodes, anew=(operation,))
    aws.clear_faults()
    call = f"{':'.join(operation)} {fault}"
    wrong = [f"{call}: {each}" for each in wrongs(told.state, truth, fault, operation)]
    if told.left or told.complaints:
        wrong.append(f"{call}: left {told.left}, {told.complaints}")
    return wrong


def test_in_the_demo_a_fault_of_any_operation_of_the_network_is_never_a_false_word(at_simulator: SimulatedAws) -> None:
    at_simulator.load("demo")
    asked: set[Operation] = set()
    wrong: list[str] = []
    for turn, region in enumerate(at_simulator.regions):
        world = RememberedAws(at_simulator.endpoint_url, region)
        nodes = one_of_each_kind(world.diagnosed().state)
        asked |= world.asked
        truth = world.diagnosed(nodes=nodes).state
        # What is refused in one Region is answered by nonsense in the next.
        for place, operation in enumerate(sorted(each for each in world.asked if each[1] in NETWORK), start=turn):
            fault = ("refused", "garbage")[place % 2]
            wrong += struck(at_simulator, world, fault, operation, truth, nodes)
    assert wrong == []
    assert len(asked) >= ASKED_IN_THE_DEMO


KINDS = ("refused", "garbage", "throttled", "hanging")
WITHOUT_END = {"throttled": throttled, "hanging": hanging}
"""What takes all the time that a read is given, and no time of a test."""

A_READ = 60.0
"""The seconds that a read is given: half of those of a Region (docs/interface.md)."""


def struck_together(aws: SimulatedAws, world: RememberedAws, kind: str, operations: Sequence[Operation]) -> Diagnosed:
    """A diagnosis while AWS answers these operations by a fault, or does not answer."""
    if kind in WITHOUT_END:
        return world.diagnosed(*((each, WITHOUT_END[kind]) for each in operations))
    for each in operations:
        aws.fault(kind, *each)
    try:
        return world.diagnosed(anew=operations)
    finally:
        aws.clear_faults()


@pytest.mark.parametrize("name", SMALL_WORLDS)
def test_in_every_world_whatever_cannot_be_read_is_never_a_false_word(name: str, at_simulator: SimulatedAws) -> None:
    """Each read of each world fails alone, in one of four ways, and every two reads of one fact fail together."""
    at_simulator.load(name)
    broken = {node.name for node in WORLDS[name]().nodes if node.expected.verdict is Verdict.FAIL}
    wrong: list[str] = []
    for region in at_simulator.regions:
        world = RememberedAws(at_simulator.endpoint_url, region)
        truth = world.diagnosed().state
        asked = sorted(world.asked)
        struck_here: list[tuple[str, tuple[Operation, ...]]] = [
            (KINDS[place % len(KINDS)], (operation,))
            for place, operation in enumerate(asked, start=SMALL_WORLDS.index(name))
        ]
        struck_here += [("refused", pair) for pair in of_one_fact(asked)]
        for kind, operations in struck_here:
            told = struck_together(at_simulator, world, kind, operations)
            calls = ", ".join(":".join(each) for each in operations)
            found = [*wrongs(told.state, truth, kind, *operations, broken=broken), *told.left, *told.complaints]
            found += [f"took {told.seconds:g} s"] if told.seconds > 2 * A_READ + 0.2 else []
            wrong += [f"{calls} {kind}: {each}" for each in found]
    assert wrong == []


OF_THE_SESSION_KEY = (("kms", "ListAliases"), ("kms", "ListResourceTags"))


@pytest.mark.parametrize(
    "world",
    [
        "key-denied-by-organization-for-its-tag",
        "key-without-the-tag-that-the-organization-denies",
        "key-denied-to-caller-by-organization-for-its-tag",
    ],
)
@pytest.mark.parametrize("fault", [refused, throttled, garbled, hanging], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("unread", [OF_THE_SESSION_KEY[:1], OF_THE_SESSION_KEY[1:], OF_THE_SESSION_KEY], ids=str)
def test_what_the_organization_may_deny_for_an_alias_or_a_tag_that_was_not_read_is_unknown(
    unread: Sequence[Operation], fault: Fault, world: str, at_simulator: SimulatedAws
) -> None:
    """AWS shows neither the policies of an organization nor the keys that they use, so each of them may be decisive."""
    told = known_world(at_simulator, world).diagnosed(*((operation, fault) for operation in unread)).state
    calls = {":".join(operation) for operation in unread}
    for key, node in told.nodes.items():
        findings = [told.findings[id_].finding for id_ in told.verdict(key).finding_ids]
        assert told.verdict(key).status is VerdictStatus.UNKNOWN, node.name
        of_key = [each for each in findings if each.cause in {"kms-node-denied", "kms-caller-denied"}]
        assert len(of_key) == 2, node.name
        for each in of_key:
            assert each.status is Status.UNKNOWN, (node.name, each.cause)
            assert sources_of(each) >= calls, (node.name, each.cause)
            assert fault is not refused or set(each.needs) == calls, (node.name, each.cause)


OF_THE_LOG_GROUP, OF_THE_BUCKET = ("logs", "ListTagsForResource"), (("s3", "GetBucketAbac"), ("s3", "GetBucketTagging"))


@pytest.mark.parametrize(
    ("world", "unread", "causes"),
    [
        ("log-group-denied-by-organization-for-its-tag", (OF_THE_LOG_GROUP,), {"cloudwatch-logs-lost"}),
        (
            "bucket-denied-by-organization-for-its-tag",
            OF_THE_BUCKET[:1],
            {"s3-logs-lost", "s3-encryption-unreadable"},
        ),
        (
            "bucket-denied-by-organization-for-its-tag",
            OF_THE_BUCKET[1:],
            {"s3-logs-lost", "s3-encryption-unreadable"},
        ),
        (
            "bucket-with-a-tag-that-s3-does-not-use",
            OF_THE_BUCKET[:1],
            {"s3-logs-lost", "s3-encryption-unreadable"},
        ),
        (
            "bucket-without-the-tag-that-the-organization-denies",
            OF_THE_BUCKET[1:],
            {"s3-logs-lost", "s3-encryption-unreadable"},
        ),
        ("bucket-key-denied-by-organization-for-its-tag", OF_THE_SESSION_KEY[:1], {"s3-logs-lost"}),
        ("bucket-key-denied-by-organization-for-its-tag", OF_THE_SESSION_KEY[1:], {"s3-logs-lost"}),
    ],
)
@pytest.mark.parametrize("fault", [refused, throttled, garbled, hanging], ids=lambda fault: fault.__name__)
def test_logs_that_the_organization_may_deny_for_a_tag_that_was_not_read_are_unknown(
    world: str, unread: Sequence[Operation], causes: set[str], fault: Fault, at_simulator: SimulatedAws
) -> None:
    told = known_world(at_simulator, world).diagnosed(*((operation, fault) for operation in unread)).state
    calls = {":".join(operation) for operation in unread}
    for key, node in told.nodes.items():
        findings = [told.findings[id_].finding for id_ in told.verdict(key).finding_ids]
        of_logs = {each.cause: each for each in findings if each.cause in causes}
        assert of_logs.keys() == causes, node.name
        for cause, each in of_logs.items():
            assert each.status is Status.UNKNOWN, (node.name, cause)
            assert sources_of(each) >= calls, (node.name, cause)
            assert fault is not refused or set(each.needs) == calls, (node.name, cause)


LISTS = ("Reservations", "InstanceProperties")


def reversed_order(_: Operation, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The nodes as AWS may list them as well: the last first."""
    return {name: held[::-1] if name in LISTS else held for name, held in answer.items()}


@pytest.mark.parametrize(
    "operations",
    [
        [("iam", "GetInstanceProfile")],
        [("iam", "GetInstanceProfile"), ("iam", "SimulatePrincipalPolicy"), ("ssm", "GetServiceSetting")],
        [("iam", "SimulatePrincipalPolicy"), ("iam", "GetRole"), ("iam", "ListRolePolicies")],
        [("ec2", "DescribeSubnets")],
        [("ec2", "DescribeVpcEndpoints"), ("ec2", "DescribeRouteTables")],
        [("ssm", "GetDocument")],
    ],
    ids=str,
)
def test_the_ids_of_what_is_unknown_hang_on_no_order_of_nodes(
    operations: Sequence[Operation], at_simulator: SimulatedAws
) -> None:
    world = known_world(at_simulator, "log-group-unreadable")
    faults = [(operation, refused) for operation in operations]
    first = world.diagnosed(*faults).state.findings
    again = world.diagnosed(*faults, strike=reversed_order).state.findings
    assert any(held.finding.status is Status.UNKNOWN for held in first.values())
    assert first == again
