"""The nodes of a Region as a whole, as they were listed: how many, how new, which of them are one machine."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.nodes.listing import ListedInstances, ListedRegistrations
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.managed_fleet import InstancesByProfile, ManagedFleet


def _registrations(registrations: ListedRegistrations) -> Hashable:
    return registrations


@reads("ssm:DescribeInstanceProperties", key=_registrations, along=(ListedRegistrations,), of_all_nodes=True)
async def managed_fleet(aws: Aws, registrations: ListedRegistrations) -> ManagedFleet:
    """What the nodes come to that are listed, when all are."""
    return (await registrations.whole()).fleet()


def _instances(instances: ListedInstances) -> Hashable:
    return instances


@reads("ec2:DescribeInstances", key=_instances, along=(ListedInstances,), of_all_nodes=True)
async def instances_by_profile(aws: Aws, instances: ListedInstances) -> InstancesByProfile:
    """The same, of instances."""
    return (await instances.whole()).by_profile()
