"""Every fact of every node, read from the simulated AWS through the real SDK."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from ssmtui.evidence.aws.clients import Clients, ClientSettings, RetryPolicy, ScopeClient
from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.evidence.aws.scopes import OpenScope, open_scope
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.sources import all_reads, sources
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.model.fact import Now, ReadFailure, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import Node
from ssmtui.model.permissions import Question
from ssmtui.model.plan import ChangedSubject, PlannedCalls
from ssmtui.model.scope import ScopeError, ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import ACCOUNT, NOON
from tests.evidence.clock import FakeClock

PREFERENCES = Subject(SubjectKind.DOCUMENT, f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/SSM-SessionManagerRunShell")


@pytest.fixture
async def clients(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clients]:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    clock = FakeClock()
    retry_policy = RetryPolicy(first=1, longest=1, total=5)
    settings = ClientSettings(timeouts=Timeouts(attempts=1), retry_policy=retry_policy, reads=all_reads)
    made = Clients(settings, clock=clock, sleep=clock.sleep)
    yield made
    await made.close()


async def opened(clients: Clients, region: str = "eu-west-3") -> OpenScope:
    found = await open_scope(clients, ScopeName(None, region))
    assert isinstance(found, OpenScope), found
    return found


async def nodes_of(scope: OpenScope) -> list[Node]:
    nodes: list[Node] = []
    async for batch in list_nodes(scope.aws, scope.scope):
        assert not isinstance(batch, ScopeError), batch
        nodes.extend(batch)
    return nodes


def tell_a_plan(resolver: FactResolver) -> None:
    """What only a planner knows, and some facts rest on."""
    resolver.know(ChangedSubject, ChangedSubject(PREFERENCES))
    resolver.know(PlannedCalls, PlannedCalls((Question("ssm:UpdateDocument", PREFERENCES.id),)))


async def test_the_demo_is_read_whole_without_a_write_and_without_a_misunderstanding(
    aws: SimulatedAws, clients: Clients
) -> None:
    aws.load("demo")
    misunderstood: Counter[tuple[str, str]] = Counter()
    for region in aws.regions:
        scope = await opened(clients, region)
        nodes = await nodes_of(scope)
        assert len(nodes) >= 5
        facts = FactStore(scope.aws, scope.scope, Now(NOON))
        for node in [None, *nodes]:
            resolver = facts.resolver(node)
            tell_a_plan(resolver)
            for kind in sources():
                value = (await resolver.fact(kind)).value
                if isinstance(value, Unreadable) and value.obstacle is not ReadFailure.REFUSED:
                    misunderstood[kind.__name__, value.why] += 1
    assert misunderstood == {}
    assert aws.journal.writes == ()


async def test_throttling_slows_the_listing_and_loses_no_node(aws: SimulatedAws, clients: Clients) -> None:
    aws.load("demo")
    scope = await opened(clients)
    calm = {node.id for node in await nodes_of(scope)}
    aws.fault("throttling", "ec2", "DescribeInstances", times=1)
    aws.fault("throttling", "ssm", "DescribeInstanceProperties", times=1)
    assert {node.id for node in await nodes_of(scope)} == calm
    assert scope.aws.throttled


@pytest.mark.parametrize(
    ("kind", "obstacle"),
    [
        ("refused", ReadFailure.REFUSED),
        ("expired", ReadFailure.EXPIRED),
        ("garbage", ReadFailure.MALFORMED),
        ("internal", ReadFailure.FAILED),
    ],
)
async def test_what_the_simulator_does_to_a_read_is_told_as_what_it_is(
    aws: SimulatedAws, clients: Clients, kind: str, obstacle: ReadFailure
) -> None:
    aws.load("demo")
    scope = await opened(clients)
    aws.fault(kind, "iam", "GetRole")
    assert await obstacle_of(scope.aws) is obstacle


async def obstacle_of(aws: ScopeClient) -> ReadFailure:
    with pytest.raises(ReadFailed) as caught:
        await aws.call("iam", "GetRole", RoleName="web")
    return caught.value.unreadable.obstacle


async def test_many_nodes_at_once_share_their_reads(aws: SimulatedAws, clients: Clients) -> None:
    aws.load("demo")
    scope = await opened(clients)
    nodes = await nodes_of(scope)
    facts = FactStore(scope.aws, scope.scope, Now(NOON))
    kinds = list(sources())
    journeys = [facts.resolver(node) for node in nodes]
    for resolver in journeys:
        tell_a_plan(resolver)
    await asyncio.gather(*(resolver.fact(kind) for resolver in journeys for kind in kinds))
    for name in ("ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ssm:DescribeDocument", "ssm:DescribeActivations"):
        assert scope.aws.calls[name] == 1
    assert scope.aws.calls["ssm:GetServiceSetting"] == 2  # host management, and the tier of hybrid nodes
