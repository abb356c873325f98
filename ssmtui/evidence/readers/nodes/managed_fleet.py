"""The managed nodes of a Region as a whole: how many, how new, and which of them are one machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.nodes.listing import instances, registrations
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.agent_version import newest
from ssmtui.model.managed_fleet import HybridMachine, InstancesByProfile, ManagedFleet, NodesAlike, RegisteredMachine
from ssmtui.model.node import Instance, Registration
from ssmtui.model.scope import Scope


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:DescribeInstanceProperties", key=_region, of_all_nodes=True)
async def managed_fleet(aws: Aws, scope: Scope) -> ManagedFleet:
    """One listing a Region (1,000 nodes a page), whatever the listing of nodes has come to by now."""
    ids, versions = list[str](), set[str]()
    by_machine: defaultdict[RegisteredMachine, list[str]] = defaultdict(list)
    hybrid_at: defaultdict[str, list[HybridMachine]] = defaultdict(list)
    by_role: defaultdict[str, list[str]] = defaultdict(list)
    async for page in registrations(aws):
        for record in page:
            ids.append(record.id)
            known = record.registration
            if not isinstance(known, Registration):
                continue
            versions.add(known.agent_version)
            if known.iam_role:
                by_role[known.iam_role].append(record.id)
            if known.computer_name and known.ip_address:
                by_machine[RegisteredMachine(known.computer_name, known.ip_address)].append(record.id)
                if record.hybrid:
                    hybrid_at[known.ip_address].append(HybridMachine(record.id, known.computer_name))
    shared = {machine: tuple(sorted(ids)) for machine, ids in by_machine.items()}
    outside = {address: tuple(sorted(found, key=lambda each: each.id)) for address, found in hybrid_at.items()}
    roles = {role: NodesAlike(frozenset(nodes)) for role, nodes in by_role.items()}
    return ManagedFleet(tuple(ids), newest(versions), shared, outside, roles)


@reads("ec2:DescribeInstances", key=_region, of_all_nodes=True)
async def instances_by_profile(aws: Aws, scope: Scope) -> InstancesByProfile:
    """One listing a Region, as above."""
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    async for page in instances(aws):
        for record in page:
            if isinstance(record.instance, Instance) and not record.going:
                found[record.instance.profile_arn].append(record.id)
    return InstancesByProfile({profile: NodesAlike(frozenset(ids)) for profile, ids in found.items()})
