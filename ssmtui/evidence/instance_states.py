"""What EC2 knows of instances that are away: failed status checks, and since when they have their profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ssmtui.evidence.aws import Aws
from ssmtui.evidence.reading import derives, reads
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ImpairedInstances, ProfileAttachment, RunningInstance, UnconnectedNode

_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class ProfileAssociations:
    """Since when each instance of the Region has its profile, by the instance's id."""

    attached: Mapping[str, datetime]


def _region(scope: Scope, away: UnconnectedNode) -> Hashable:
    return scope.region


@reads("ec2:DescribeInstanceStatus", key=_region, of_all_nodes=True)
async def impaired_instances(aws: Aws, scope: Scope, away: UnconnectedNode) -> ImpairedInstances:
    """Asked once for the Region, where any node is away. Filters are joined by "and": one listing for each check."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in ("instance", "system"):
        filters = [{"Name": f"{name}-status.status", "Values": ["impaired"]}]
        async for page in aws.pages("ec2", "DescribeInstanceStatus", Filters=filters, MaxResults=_A_PAGE):
            for raw in page["InstanceStatuses"]:
                found[str(raw["InstanceId"])].append(name)
    return ImpairedInstances({id_: tuple(checks) for id_, checks in found.items()})


@reads("ec2:DescribeIamInstanceProfileAssociations", key=_region, of_all_nodes=True)
async def profile_associations(aws: Aws, scope: Scope, away: UnconnectedNode) -> ProfileAssociations:
    """Asked once for the Region, where any node is away."""
    filters = [{"Name": "state", "Values": ["associated"]}]
    attached: dict[str, datetime] = {}
    async for page in aws.pages("ec2", "DescribeIamInstanceProfileAssociations", Filters=filters, MaxResults=_A_PAGE):
        for raw in page["IamInstanceProfileAssociations"]:
            if raw.get("Timestamp") is not None:
                attached[str(raw["InstanceId"])] = raw["Timestamp"]
    return ProfileAssociations(attached)


@derives
def profile_attachment(
    running: RunningInstance, away: UnconnectedNode, associations: ProfileAssociations
) -> ProfileAttachment | Moot:
    """That of one instance; an agent that reports has credentials."""
    since = associations.attached.get(running.instance.id)
    if away.observation.online:
        return Moot(say("the node reports to Systems Manager"))
    if since is None:
        return Moot(say("the instance has no profile"))
    return ProfileAttachment(running.node, since)
