"""GovCloud and China: the same account, in ARNs and names of another partition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.finding import VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Bucket, Scenario, fails
from ssmtui.simulator.worlds.building_blocks import Destinations, node, node_role, preferences, small_world
from tests.simulated_diagnosis.fixtures import Diagnose


def elsewhere(region: str) -> Scenario:
    """A sound node, and one whose role may not decrypt."""
    to = Destinations(region, session_key="sessions", bucket="elsewhere-audit", log_group="/ssm/session-manager")
    web = node_role("web", to.everything())
    reporting = node_role("reporting", (*to.bucket_lookup(), *to.bucket_write(), *to.log_lookup(), *to.log_write()))
    world = small_world(
        (node("web-1"), node("reporting-1", fails("kms-node-denied"), profile=reporting.name)),
        preferences=preferences(to),
        roles=(web, reporting),
        buckets=(Bucket("elsewhere-audit"),),
    )
    return replace(world, regions=(replace(world.regions[0], name=region),))


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [("us-gov-west-1", "aws-us-gov", "amazonaws.com"), ("cn-northwest-1", "aws-cn", "amazonaws.com.cn")],
)
def test_another_partition_is_an_account_like_any_other(
    region: str, partition: str, suffix: str, at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    at_simulator.load(elsewhere(region))
    state = diagnose()
    assert (state.crashes, state.errors) == ([], {})
    (scope,) = state.scopes.values()
    assert (scope.partition, scope.dns_suffix) == (partition, suffix)
    told = {each.name: state.verdict(key) for key, each in state.nodes.items()}
    assert (told["web-1"].status, told["reporting-1"].root_cause) == (VerdictStatus.OK, "kms-node-denied")
    ids = [held.finding.subject.id for held in state.findings.values() if held.finding.subject.id.startswith("arn:")]
    assert ids
    assert {id_.split(":")[1] for id_ in ids} == {partition}
