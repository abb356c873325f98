"""The network interfaces of an instance that somebody points at: the path it really has."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.interfaces import NetworkInterface, NetworkInterfaces
from ssmtui.model.standing import PointedAt, RunningInstance

_A_PAGE = 100


def _instance_id(pointed: PointedAt, running: RunningInstance) -> Hashable:
    return running.instance.id


@reads("ec2:DescribeNetworkInterfaces", key=_instance_id)
async def network_interfaces(aws: Aws, pointed: PointedAt, running: RunningInstance) -> NetworkInterfaces:
    """Every interface that is attached, with its own subnet, groups and addresses."""
    attached = [{"Name": "attachment.instance-id", "Values": [running.instance.id]}]
    found = [
        _interface(raw)
        async for page in aws.pages("ec2", "DescribeNetworkInterfaces", Filters=attached, MaxResults=_A_PAGE)
        for raw in page.parts("NetworkInterfaces")
    ]
    return NetworkInterfaces(tuple(sorted(found, key=lambda each: (each.device, each.id))))


def _interface(raw: Answer) -> NetworkInterface:
    return NetworkInterface(
        id=raw.text("NetworkInterfaceId"),
        device=raw.part("Attachment").number("DeviceIndex"),
        subnet_id=raw.text("SubnetId"),
        vpc_id=raw.text("VpcId"),
        security_group_ids=tuple(each.text("GroupId") for each in raw.optional_parts("Groups")),
        private_ip=raw.optional_text("PrivateIpAddress") or "",
        public_ip=raw.optional_part("Association").optional_text("PublicIp"),
    )
