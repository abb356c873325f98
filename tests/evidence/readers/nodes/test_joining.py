"""The two listings of nodes come to the same nodes, in whatever order their pages come."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError
from tests.evidence.fake_aws import Canned
from tests.evidence.readers.nodes.listings import Staged, a_registration, an_instance, instances, listed, properties

STATES = {7: "stopped", 8: "terminated", 9: "shutting-down"}
NO_SIDE = AwsError("Strange", "what?")

Script = list[tuple[str, Canned]]


SILENT = {0, 1, 2, 8, 9}
"""These registrations are lost, as those of terminated instances."""


def an_id(number: int) -> str:
    return f"mi-{number}" if number > 9 else f"i-{number}"


def an_entry(number: int) -> dict[str, Any]:
    return an_instance(an_id(number), STATES.get(number, "running"))


def ec2_pages(pages: list[set[int]], *, failing: bool) -> Script:
    told: list[Canned] = [instances(*map(an_entry, sorted(page))) for page in pages]
    return [("DescribeInstances", page) for page in (*told, *([NO_SIDE] if failing else ()))]


def registered(number: int) -> dict[str, Any]:
    return a_registration(an_id(number), PingStatus="ConnectionLost" if number in SILENT else "Online")


def ssm_pages(pages: list[set[int]], *, failing: bool) -> Script:
    told: list[Canned] = [properties(*(registered(each) for each in sorted(page))) for page in pages]
    return [("DescribeInstanceProperties", page) for page in (*told, *([NO_SIDE] if failing else ()))]


def joined(ec2: Script, ssm: Script, order: Random) -> tuple[dict[str, Node], list[ScopeError]]:
    """Each side's pages in their order; whose turn it is, is drawn."""
    sides = [side for side, pages in enumerate((ec2, ssm)) for _ in pages]
    order.shuffle(sides)
    left = [iter(ec2), iter(ssm)]
    script = [next(left[side]) for side in sides]

    async def told() -> tuple[dict[str, Node], list[ScopeError]]:
        return await listed(Staged(script))

    return asyncio.run(told())


PAGES_OF_INSTANCES = st.lists(st.sets(st.integers(0, 9)), max_size=4)
PAGES_OF_REGISTRATIONS = st.lists(st.sets(st.integers(0, 14)), max_size=4)


@given(ec2=PAGES_OF_INSTANCES, ssm=PAGES_OF_REGISTRATIONS, order=st.randoms(), again=st.randoms())
def test_however_the_pages_come_every_node_is_told_once_and_whole(
    ec2: list[set[int]], ssm: list[set[int]], order: Random, again: Random
) -> None:
    sides = ec2_pages(ec2, failing=False), ssm_pages(ssm, failing=False)
    nodes, errors = joined(*sides, order)
    found = {an_id(each) for page in ec2 for each in page - {8, 9}}
    listed_by_ssm = {each for page in ssm for each in page}
    # An instance that reports is a node, even if EC2 does not list it. A terminated instance does not report.
    reporting = {an_id(each) for each in listed_by_ssm - SILENT}
    assert errors == []
    assert set(nodes) == found | reporting
    assert {id_ for id_, node in nodes.items() if node.managed} == {*map(an_id, listed_by_ssm)} & set(nodes)
    assert joined(*sides, again) == (nodes, [])


@given(ec2=PAGES_OF_INSTANCES, ssm=PAGES_OF_REGISTRATIONS, order=st.randoms())
def test_where_registrations_fail_nobody_is_told_to_have_none(
    ec2: list[set[int]], ssm: list[set[int]], order: Random
) -> None:
    nodes, errors = joined(ec2_pages(ec2, failing=False), ssm_pages(ssm, failing=True), order)
    assert len(errors) == 1
    assert {an_id(each) for page in ec2 for each in page - {8, 9}} <= set(nodes)
    assert not any(isinstance(node.registration, Absent) for node in nodes.values())


@given(ec2=PAGES_OF_INSTANCES, ssm=PAGES_OF_REGISTRATIONS, order=st.randoms())
def test_where_instances_fail_whoever_is_registered_is_told_without(
    ec2: list[set[int]], ssm: list[set[int]], order: Random
) -> None:
    nodes, errors = joined(ec2_pages(ec2, failing=True), ssm_pages(ssm, failing=False), order)
    told = {an_id(each) for page in ec2 for each in page}
    registered = {an_id(each) for page in ssm for each in page}
    assert len(errors) == 1
    assert set(nodes) - told == registered - told
    assert all(isinstance(nodes[id_].instance, Unreadable) for id_ in registered - told if id_.startswith("i-"))
