"""The nodes of a scope: EC2's instances and Systems Manager's registrations, each listed once, joined as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterator, Sequence
from functools import partial
from itertools import islice

from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.nodes.fleet_counts import InstanceCount, RegistrationCount
from ssmtui.evidence.readers.nodes.joining import Join
from ssmtui.evidence.readers.nodes.records import (
    INSTANCE_MEMBERS,
    InstanceRecord,
    RegistrationRecord,
    Sharing,
    instance_record,
    registration_record,
)
from ssmtui.evidence.readers.nodes.shared_listing import AT_A_TIME, SharedListing
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, ReadFailed
from ssmtui.evidence.wire.operations import declare, take
from ssmtui.evidence.wire.scope_problems import scope_error
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope, ScopeError

INSTANCES_A_PAGE = 1000
PROPERTIES_A_PAGE = 1000
INFORMATION_A_PAGE = 50
"""What each listing allows at most (docs/facts/limits.md §1)."""

LISTING_ACTIONS = declare("ec2:DescribeInstances", "ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")
"""What listing nodes takes; the last only where the one before it is refused."""

take(
    "ec2:DescribeInstances",
    {"DescribeInstancesResult": ("NextToken", "Reservations"), "Reservation": ("Instances",), **INSTANCE_MEMBERS},
)


class ListedInstances(SharedListing[InstanceRecord, InstanceCount]):
    """Every EC2 instance of the Region."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(
            "ec2:DescribeInstances",
            lambda: _instances(aws),
            lambda: partial(instance_record, share=Sharing()),
            InstanceCount,
            InstanceCount.add,
        )


class ListedRegistrations(SharedListing[RegistrationRecord, RegistrationCount]):
    """Every managed node of the Region."""

    def __init__(self, aws: Aws) -> None:
        super().__init__(
            "ssm:DescribeInstanceProperties",
            lambda: _registrations(aws),
            lambda: partial(registration_record, share=Sharing()),
            RegistrationCount,
            RegistrationCount.add,
        )


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ec2:DescribeInstances", key=_region, of_all_nodes=True)
async def listed_instances(aws: Aws, scope: Scope) -> ListedInstances:
    """Begun by whoever asks first: the nodes are listed from it, and what tells of all instances is summed up in it."""
    return ListedInstances(aws)


@reads("ssm:DescribeInstanceProperties", key=_region, of_all_nodes=True)
async def listed_registrations(aws: Aws, scope: Scope) -> ListedRegistrations:
    """The same, of managed nodes."""
    return ListedRegistrations(aws)


def list_nodes(aws: Aws, scope: Scope) -> AsyncIterator[Sequence[Node] | ScopeError]:
    """The nodes in small batches, as they become known; a ScopeError where a listing is refused or fails.

    Both listings run at once. A node is told as soon as it is known from both sides, and an unmanaged one when the
    registrations are complete. Where one side cannot be listed, the other's nodes are told with that part Unreadable.
    Terminated instances, and registrations that they left behind, are no nodes.
    """
    return _joined(ListedInstances(aws), ListedRegistrations(aws), scope)


async def listed_nodes(region: Journey) -> AsyncIterator[Sequence[Node] | ScopeError]:
    """The same, by the listings from which the Region's facts are that tell of all nodes."""
    instances, registrations = [(await region.fact(kind)).value for kind in (ListedInstances, ListedRegistrations)]
    if isinstance(instances, ListedInstances) and isinstance(registrations, ListedRegistrations):
        async for batch in _joined(instances, registrations, region.scope):
            yield batch
        return
    # A listing that was not even begun is no empty one.
    failed = next(each for each in (instances, registrations) if isinstance(each, Unreadable))
    yield scope_error(region.scope.name, failed, say("list any nodes"))


async def _joined(
    instances: ListedInstances, registrations: ListedRegistrations, scope: Scope
) -> AsyncIterator[Sequence[Node] | ScopeError]:
    join = Join(scope)
    told: asyncio.Queue[Iterator[Node]] = asyncio.Queue()
    sides = instances, registrations
    try:
        instances.follow(lambda records, end: told.put_nowait(join.take_instances(records, end)))
        registrations.follow(lambda records, end: told.put_nowait(join.take_registrations(records, end)))
        while not join.complete:
            known = await told.get()
            while batch := list(islice(known, AT_A_TIME)):
                yield batch
                await asyncio.sleep(0)
        for side in sides:
            await side.ended()
        for error in join.errors():
            yield error
    finally:
        for side in sides:
            side.give_up()


async def _instances(aws: Aws) -> AsyncIterator[Sequence[Answer]]:
    async for page in aws.pages("ec2", "DescribeInstances", MaxResults=INSTANCES_A_PAGE):
        yield [raw for each in page.parts("Reservations") for raw in each.parts("Instances")]


async def _registrations(aws: Aws) -> AsyncIterator[Sequence[Answer]]:
    """By the quick listing where it is allowed, else by the slow one."""
    begun = False
    try:
        async for page in aws.pages("ssm", "DescribeInstanceProperties", MaxResults=PROPERTIES_A_PAGE):
            begun = True
            yield page.parts("InstanceProperties")
        return
    except ReadFailed as failed:
        if begun or failed.unreadable.obstacle is not Obstacle.REFUSED:
            raise
    async for page in aws.pages("ssm", "DescribeInstanceInformation", MaxResults=INFORMATION_A_PAGE):
        yield page.parts("InstanceInformationList")
