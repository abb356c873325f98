"""What EC2 knows of instances that are away: the status checks that they fail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ImpairedInstances, UnconnectedNode

_A_PAGE = 1000
_IMPAIRED = "impaired"
_CHECKS = {"instance": "InstanceStatus", "system": "SystemStatus"}


def _region(scope: Scope, away: UnconnectedNode) -> Hashable:
    return scope.region


@reads("ec2:DescribeInstanceStatus", key=_region, of_all_nodes=True)
async def impaired_instances(aws: Aws, scope: Scope, away: UnconnectedNode) -> ImpairedInstances:
    """Asked once for the Region, where any node is away. Filters are joined by "and": one listing for each check."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, member in _CHECKS.items():
        filters = [{"Name": f"{name}-status.status", "Values": [_IMPAIRED]}]
        async for page in aws.pages("ec2", "DescribeInstanceStatus", Filters=filters, MaxResults=_A_PAGE):
            for raw in page.parts("InstanceStatuses"):
                # What stands in for AWS may pass a filter over: the answer says itself how an instance is.
                if raw.part(member).text("Status") == _IMPAIRED:
                    found[raw.text("InstanceId")].append(name)
    return ImpairedInstances({id_: tuple(checks) for id_, checks in found.items()})
