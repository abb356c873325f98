"""Answers to the two listings of nodes, as AWS gives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError
from tests.builders.fleet import NOON, a_scope
from tests.evidence.fake_aws import Canned, FakeAws

NO_INSTANCES: dict[str, Any] = {"Reservations": []}
NO_REGISTRATIONS: dict[str, Any] = {"InstanceProperties": []}


def an_instance(id_: str, state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "InstanceId": id_,
        "State": {"Code": 16, "Name": state},
        "LaunchTime": NOON,
        "ImageId": "ami-1",
        "InstanceType": "t3.medium",
        "PlatformDetails": "Linux/UNIX",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "SecurityGroups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}],
        "PrivateIpAddress": "10.0.0.10",
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required"},
    } | more


def a_registration(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "InstanceId": id_,
        "PingStatus": "Online",
        "LastPingDateTime": NOON,
        "AgentVersion": "3.3.4624.0",
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ComputerName": "ip-10-0-0-10",
        "IPAddress": "10.0.0.10",
    } | more


def instances(*found: dict[str, Any]) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [each]} for each in found]}


def properties(*found: dict[str, Any]) -> dict[str, Any]:
    return {"InstanceProperties": list(found)}


def an_aws(ec2: Any = NO_INSTANCES, ssm: Any = NO_REGISTRATIONS, **more: Any) -> FakeAws:
    return FakeAws(ec2_DescribeInstances=ec2, ssm_DescribeInstanceProperties=ssm, **more)


async def listed(aws: FakeAws) -> tuple[dict[str, Node], list[ScopeError]]:
    nodes: dict[str, Node] = {}
    errors: list[ScopeError] = []
    async for batch in list_nodes(aws, a_scope()):
        if isinstance(batch, ScopeError):
            errors.append(batch)
            continue
        for node in batch:
            assert node.id not in nodes
            nodes[node.id] = node
    return nodes, errors


class Staged(FakeAws):
    """Both listings told page by page, in the order of a script."""

    def __init__(self, script: Sequence[tuple[str, Canned]]) -> None:
        super().__init__()
        self._turns = [(operation, page, asyncio.Event()) for operation, page in script]
        self._next()

    def _next(self) -> None:
        for _, _, turn in self._turns:
            if not turn.is_set():
                turn.set()
                return

    async def pages(self, service: str, operation: str, **_: object) -> AsyncIterator[Answer]:
        for named, page, turn in self._turns:
            if named == operation:
                await turn.wait()
                if isinstance(page, Exception):
                    self._next()
                    raise page
                yield Answer(f"{service}:{operation}", page)
                for _turn in range(3):
                    await asyncio.sleep(0)
                self._next()
