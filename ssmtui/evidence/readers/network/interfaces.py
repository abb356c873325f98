"""The network interfaces of an instance that somebody points at: the path it really has."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from ssmtui.evidence.gathering.reading import reads
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
        for raw in page["NetworkInterfaces"]
    ]
    return NetworkInterfaces(tuple(sorted(found, key=lambda each: (each.device, each.id))))


def _interface(raw: Mapping[str, Any]) -> NetworkInterface:
    return NetworkInterface(
        id=str(raw["NetworkInterfaceId"]),
        device=int(raw["Attachment"]["DeviceIndex"]),
        subnet_id=str(raw["SubnetId"]),
        vpc_id=str(raw["VpcId"]),
        security_group_ids=tuple(str(each["GroupId"]) for each in raw.get("Groups") or ()),
        private_ip=str(raw.get("PrivateIpAddress") or ""),
        public_ip=str((raw.get("Association") or {}).get("PublicIp") or "") or None,
    )
