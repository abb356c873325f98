"""A node that is named is diagnosed as in the whole account, and no other node is listed."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.node import NodeKey
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Expectation, HybridNode, Verdict, fleet_expectation
from ssmtui.simulator.worlds import names, world
from tests.simulated_diagnosis.fixtures import Diagnose, without_source
from tests.simulated_diagnosis.remembered_answers import RememberedAnswers
from tests.worlds.test_expected_verdicts import causes_of, told

LISTINGS = {"DescribeInstances", "DescribeInstanceProperties", "DescribeInstanceInformation"}

AGAINST_THE_FLEET = {"agent-outdated", "managed-node-quota"}
"""What compares a node with all others is told only if all nodes are asked for."""
SETTLED_BY_A_DRY_RUN = {"kms-caller-denied"}
"""What is unknown of the whole account, KMS answers about a named node."""
UNKNOWN_IN_ANY_CASE = {"s3-logs-lost"}
"""What is also unknown of a named node: nothing shows the network from which S3 uses the key of a bucket."""


def listings_of_all(aws: SimulatedAws) -> list[str]:
    """The calls that list every node of a Region. After a refusal, the same listing is tried for its error."""
    return [
        each.operation
        for each in aws.journal.entries
        if each.operation in LISTINGS
        and each.status == HTTPStatus.OK
        and isinstance(each.parameters, dict)
        and not any("Filter" in name or name == "InstanceIds" for name in each.parameters)
    ]


def one_of_each(name: str, whole: FleetState) -> Iterator[tuple[NodeKey, Expectation]]:
    """A node of each kind and expectation of a world, as far as they are listed."""
    keys = {node.name: key for key, node in whole.nodes.items()}
    seen: set[object] = set()
    for region in world(name).regions:
        for node in region.nodes:
            kind = (isinstance(node, HybridNode), node.expected.root_cause, node.expected.verdict)
            if node.name in keys and kind not in seen:
                seen.add(kind)
                in_fleet = fleet_expectation(node)
                yield keys[node.name], in_fleet if in_fleet.cause in UNKNOWN_IN_ANY_CASE else node.expected


def expected(state: FleetState, name: str, expectation: Expectation) -> tuple[str, str | None]:
    """What is told of a node; it is ok if there is nothing but a comparison with other nodes."""
    verdict = expectation.verdict
    if verdict is Verdict.WARN and {expectation.cause, *expectation.also} <= {*AGAINST_THE_FLEET, None}:
        verdict = Verdict.OK
    return verdict.value, expectation.root_cause


@pytest.mark.parametrize("name", sorted(set(names()) - {"caller-denied"}))
def test_a_named_node_is_judged_as_in_the_whole_account(
    name: str, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load(name)
    with RememberedAnswers().in_use():
        whole = diagnose()
        at_simulator.journal.clear()
        for number, (key, expectation) in enumerate(one_of_each(name, whole)):
            node = whole.nodes[key]
            state = diagnose((node.name, node.id)[number % 2])
            assert state.crashes == []
            assert without_source(state) == []
            assert told(state) == {node.name: expected(state, node.name, expectation)}
            found = causes_of(whole, node.name) - AGAINST_THE_FLEET - SETTLED_BY_A_DRY_RUN
            assert found <= causes_of(state, node.name)
    assert listings_of_all(at_simulator) == []
