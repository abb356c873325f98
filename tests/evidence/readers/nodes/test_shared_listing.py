"""Nodes are listed once: what tells of all nodes is summed up from the pages that list them."""

from __future__ import annotations

import asyncio

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.readers.node_listing import BATCH_SIZE, ListedInstances, list_nodes, listed_nodes
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.node_facts import InstancesByProfile, ManagedFleet, NodesAlike
from ssmtui.model.plan import FactChange
from ssmtui.model.scope import ScopeError
from tests.builders.fleet import a_scope
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.readers.nodes.listings import (
    NO_REGISTRATIONS,
    a_registration,
    an_aws,
    an_instance,
    instances,
    properties,
)

PROFILE = "arn:aws:iam::123456789012:instance-profile/web"
TWO_INSTANCES = instances(
    an_instance("i-1", IamInstanceProfile={"Arn": PROFILE}), an_instance("i-2"), an_instance("i-3", "terminated")
)
TWO_NODES = properties(a_registration("i-1"), a_registration("mi-1", AgentVersion="3.3.9999.0"))
WHOLE_FLEET = {ManagedFleet: "ssm:DescribeInstanceProperties", InstancesByProfile: "ec2:DescribeInstances"}


async def told_of_all(aws: FakeAws) -> tuple[set[str], dict[type, object]]:
    """The ids of the nodes that are listed, and what is asked of all nodes meanwhile."""
    facts = store(aws)
    listing = asyncio.ensure_future(ids_of(facts.resolver(None)))
    told = await asyncio.gather(*(facts.resolver(None).fact(kind) for kind in WHOLE_FLEET))
    return await listing, dict(zip(WHOLE_FLEET, (each.value for each in told), strict=True))


async def ids_of(region: FactResolver) -> set[str]:
    ids: set[str] = set()
    async for batch in listed_nodes(region):
        if not isinstance(batch, ScopeError):
            ids.update(node.id for node in batch)
    return ids


async def test_what_tells_of_all_nodes_is_told_by_the_pages_that_list_them() -> None:
    aws = an_aws(TWO_INSTANCES, TWO_NODES)
    ids, told = await told_of_all(aws)
    assert ids == {"i-1", "i-2", "mi-1"}
    fleet, by_profile = told[ManagedFleet], told[InstancesByProfile]
    assert isinstance(fleet, ManagedFleet)
    assert (fleet.ids, fleet.newest_agent) == (("i-1", "mi-1"), "3.3.9999.0")
    assert by_profile == InstancesByProfile(
        {PROFILE: NodesAlike(frozenset({"i-1"})), None: NodesAlike(frozenset({"i-2"}))}
    )
    assert aws.calls == {"ec2:DescribeInstances": 1, "ssm:DescribeInstanceProperties": 1}


async def test_whoever_asks_before_the_nodes_are_listed_leaves_none_untold() -> None:
    aws = an_aws(TWO_INSTANCES, TWO_NODES)
    facts = store(aws)
    for kind in WHOLE_FLEET:
        await facts.resolver(None).fact(kind)
    assert await ids_of(facts.resolver(None)) == {"i-1", "i-2", "mi-1"}
    assert set(aws.calls.values()) == {1}


async def test_where_nodes_are_listed_anew_so_is_what_tells_of_all() -> None:
    aws = an_aws(TWO_INSTANCES, TWO_NODES)
    facts = store(aws)
    await ids_of(facts.resolver(None))
    aws.answers["ssm:DescribeInstanceProperties"] = properties(a_registration("i-2"))
    for stale in ((Node,), (ManagedFleet,), ()):
        facts.forget(stale)
        fleet = (await facts.resolver(None).fact(ManagedFleet)).value
        assert isinstance(fleet, ManagedFleet)
        assert fleet.ids == ("i-2",)


@pytest.mark.parametrize("kind", WHOLE_FLEET)
async def test_a_listing_that_is_refused_leaves_what_it_tells_unreadable_by_its_action(kind: type) -> None:
    aws = an_aws(
        refused("ec2:DescribeInstances"),
        refused("ssm:DescribeInstanceProperties"),
        ssm_DescribeInstanceInformation=refused("ssm:DescribeInstanceProperties"),
    )
    _, told = await told_of_all(aws)
    found = told[kind]
    assert isinstance(found, Unreadable)
    assert (found.action, found.obstacle) == (WHOLE_FLEET[kind], ReadFailure.REFUSED)


@pytest.mark.parametrize("kind", WHOLE_FLEET)
async def test_a_listing_that_failed_is_read_again_for_whoever_asks_again(kind: type) -> None:
    action = WHOLE_FLEET[kind]
    aws = an_aws(TWO_INSTANCES, TWO_NODES)
    answer, aws.answers[action] = aws.answers[action], AwsError("Strange", "what?")
    facts = store(aws)
    found = (await facts.resolver(None).fact(kind)).value
    assert isinstance(found, Unreadable)
    assert (found.action, found.obstacle, found.source) == ("", ReadFailure.FAILED, action)
    aws.answers[action] = answer
    facts.forget((ReadFailure,))
    assert isinstance((await facts.resolver(None).fact(kind)).value, kind)


async def test_a_listing_that_is_given_up_leaves_what_it_tells_unreadable() -> None:
    facts = store(an_aws(TWO_INSTANCES, [properties(a_registration(f"mi-{number}")) for number in range(9)]))
    listing = listed_nodes(facts.resolver(None))
    await anext(listing)
    asked = asyncio.ensure_future(facts.resolver(None).fact(ManagedFleet))
    await asyncio.sleep(0)
    await listing.aclose()  # type: ignore[attr-defined]
    found = (await asked).value
    assert isinstance(found, Unreadable)
    assert found.obstacle is ReadFailure.FAILED


async def test_a_listing_that_was_not_even_begun_is_no_empty_account() -> None:
    late = Unreadable("", "no answer within 120 s", ReadFailure.TIMED_OUT, "ec2:DescribeInstances")
    facts = store(an_aws(TWO_INSTANCES, TWO_NODES)).with_fact_changes([FactChange(ListedInstances, late)])
    (told,) = [batch async for batch in listed_nodes(facts.resolver(None))]
    assert isinstance(told, ScopeError)
    assert "ec2:DescribeInstances" in f"{told.message} {told.advice}" or late.why in told.message


async def test_a_page_of_a_thousand_lets_others_have_their_turn() -> None:
    turns = 0
    ended = asyncio.Event()

    async def somebody_else() -> None:
        nonlocal turns
        while not ended.is_set():
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.ensure_future(somebody_else())
    page = instances(*(an_instance(f"i-{number}") for number in range(1000)))
    batches = [batch async for batch in list_nodes(an_aws(page, NO_REGISTRATIONS), a_scope())]
    ended.set()
    await other
    assert turns >= 1000 / BATCH_SIZE
    assert sum(len(batch) for batch in batches if not isinstance(batch, ScopeError)) == 1000
    assert all(len(batch) <= BATCH_SIZE for batch in batches if not isinstance(batch, ScopeError))
