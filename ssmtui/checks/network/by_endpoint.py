"""The way to a service through an interface endpoint in the node's VPC."""

from __future__ import annotations

from ssmtui.checks.network.filters_on_the_way import (
    at_the_subnet,
    entering_the_endpoint,
    first_obstacle,
    leaving_the_node,
)
from ssmtui.checks.network.packet_filters import Place, network_of
from ssmtui.checks.network.routes import detoured
from ssmtui.checks.network.ways import Closed, Open, OutOfSight, Surroundings, Way
from ssmtui.language import say
from ssmtui.model.finding import Evidence
from ssmtui.model.network import Endpoint
from ssmtui.model.subject import Subject, SubjectKind


def by_endpoint(around: Surroundings, endpoint: Endpoint) -> Way:
    """The way to an interface endpoint whose private name the node resolves, by the VPC's own routes or past them.

    The name resolves to an address in each of the endpoint's subnets, so one open subnet is enough.
    """
    if not endpoint.subnet_ids:
        subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
        hop = say("The VPC endpoint {endpoint} is in no subnet", endpoint=endpoint.id)
        return OutOfSight("endpoint-missing", subject, hop, (Evidence(hop, "ec2:DescribeVpcEndpoints"),))
    obstacle = first_obstacle(
        _to_any_subnet(around, endpoint),
        entering_the_endpoint(around, endpoint.security_group_ids, endpoint.id),
    )
    return obstacle or Open(endpoint.id)


def _to_any_subnet(around: Surroundings, endpoint: Endpoint) -> Closed | OutOfSight | None:
    obstacles = [_into(around, endpoint, subnet_id) for subnet_id in endpoint.subnet_ids]
    if None in obstacles:
        return None
    return next((each for each in obstacles if isinstance(each, OutOfSight)), obstacles[0])


def _into(around: Surroundings, endpoint: Endpoint, subnet_id: str) -> Closed | OutOfSight | None:
    subnet = around.subnets.get(subnet_id)
    there = network_of(subnet.cidr) if subnet is not None else None
    groups = tuple(endpoint.security_group_ids)
    found = [leaving_the_node(around, Place(there, groups), say("the VPC endpoint {endpoint}", endpoint=endpoint.id))]
    if subnet_id != around.placement.subnet_id:
        found.append(detoured(around, around.placement.subnet_id, there))
        found.append(at_the_subnet(around, around.placement.subnet_id, there, outwards=True))
        found.append(at_the_subnet(around, subnet_id, around.node.network, outwards=False))
        found.append(detoured(around, subnet_id, around.node.network))
    return first_obstacle(*found)
