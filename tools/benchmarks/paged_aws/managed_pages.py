"""Build the pages of Systems Manager's two listings of managed nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from tools.benchmarks.paged_aws.fleet import FleetNode

_LAST_PING: Final = 1795651200.25
_LAUNCHED: Final = 1790838000.0


def properties(node: FleetNode) -> dict[str, Any]:
    """Return a node in the format of DescribeInstanceProperties."""
    told = information(node) | {"LaunchTime": _LAUNCHED, "KeyName": "fleet", "Architecture": "x86_64"}
    if node.hybrid:
        return told
    return told | {
        "Name": node.name,
        "InstanceType": "m7i.large",
        "InstanceRole": node.role.name if node.role else "",
        "InstanceState": "running" if node.running else "stopped",
    }


def information(node: FleetNode) -> dict[str, Any]:
    """Return a node in the format of DescribeInstanceInformation."""
    platform = (
        {
            "PlatformType": "Windows",
            "PlatformName": "Microsoft Windows Server 2022 Datacenter",
            "PlatformVersion": "10.0.20348",
        }
        if node.windows
        else {"PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023"}
    )
    told: dict[str, Any] = {
        "InstanceId": node.id,
        "PingStatus": node.ping,
        "LastPingDateTime": _LAST_PING,
        "AgentVersion": node.agent,
        **platform,
        "ResourceType": "ManagedInstance" if node.hybrid else "EC2Instance",
        "IPAddress": node.address,
        "ComputerName": f"{node.name}.acme.internal",
        "AssociationStatus": "Success",
        "LastAssociationExecutionDate": _LAST_PING,
        "LastSuccessfulAssociationExecutionDate": _LAST_PING,
        "AssociationOverview": {
            "DetailedStatus": "Success",
            "InstanceAssociationStatusAggregatedCount": {"Success": 2},
        },
        "SourceId": node.id,
        "SourceType": "AWS::SSM::ManagedInstance" if node.hybrid else "AWS::EC2::Instance",
    }
    if node.hybrid:
        registered = {"ActivationId": "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab", "RegistrationDate": _LAUNCHED}
        told |= {"Name": node.name, "IamRole": "stores", **registered}
    return told


def inventory(node: FleetNode) -> dict[str, Any]:
    """Return a node in the format of an inventory search."""
    content = {"AgentType": "amazon-ssm-agent", "InstanceStatus": "Active", **information(node)}
    told = {name: value for name, value in content.items() if isinstance(value, str)}
    about = {"TypeName": "AWS:InstanceInformation", "SchemaVersion": "1.0", "CaptureTime": "2026-11-26T00:00:00Z"}
    return {"Id": node.id, "Data": {"AWS:InstanceInformation": {**about, "Content": [told]}}}


def listing_page(member: str, rows: Iterable[dict[str, Any]], following: str | None) -> bytes:
    """Return a page of a listing, with the token of the next page."""
    token = {"NextToken": following} if following else {}
    return json.dumps({member: list(rows), **token}, separators=(",", ":")).encode()
