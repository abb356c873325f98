"""Clients of the simulated AWS for tests, and the nodes of a Region by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.session import Session
from moto.ec2.models import ec2_backends

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY

# One session: it keeps the models of the services, which take longer to read than any answer.
_SESSION = Session()
_CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


def client(
    aws: SimulatedAws,
    service: str,
    region: str | None = None,
    *,
    access_key: str = CALLER_ACCESS_KEY,
    read_timeout: float = 30,
) -> Any:
    """A client that never repeats a call; the demo's caller holds its key, where no other is given."""
    return _SESSION.create_client(
        service,
        region_name=region or aws.regions[0],
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=access_key,
        aws_secret_access_key="simulated",
        config=_CONFIG.merge(Config(read_timeout=read_timeout)),
    )


def request(
    aws: SimulatedAws, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """The status of a plain HTTP request, and the JSON that comes with it."""
    address = urlsplit(aws.endpoint_url)
    connection = HTTPConnection(str(address.hostname), address.port)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def control(aws: SimulatedAws, method: str, path: str, document: Mapping[str, Any] | None = None) -> tuple[int, Any]:
    """What the control endpoint answers."""
    body = None if document is None else json.dumps(document).encode()
    return request(aws, method, f"/_simulator/{path}", body)


def ids_by_name(region: str) -> dict[str, str]:
    """The ids of a Region's nodes, instances and hybrid ones, by name."""
    hybrid = {node.name: node.node_id for node in state.hidden(state.ACCOUNT, region).hybrid_nodes.values()}
    instances = {
        str(tag["value"]): str(instance.id)
        for reservation in ec2_backends[state.ACCOUNT][region].reservations.values()
        for instance in reservation.instances
        for tag in instance.get_tags()
        if tag["key"] == "Name"
    }
    return hybrid | instances


_ACCESS_KEY: Final = "AKIASIMULATORROOT001"


def administrator(aws: SimulatedAws, service: str, region: str = "eu-west-3") -> Any:
    """A client of the root user."""
    state.give_access_key(_ACCESS_KEY, f"arn:aws:iam::{state.ACCOUNT}:root")
    return client(aws, service, region, access_key=_ACCESS_KEY)
