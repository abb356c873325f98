"""The way from an instance to a service of its Region: endpoints, routes, security groups, network ACLs, DNS."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.vpcs import VPCEndPoint

from ssmtui.simulator.authorisation import MalformedPolicyError, Policy
from ssmtui.simulator.reality.obstacles import Obstacle
from ssmtui.simulator.reality.packet_filters import (
    EPHEMERAL,
    HTTPS,
    PUBLIC,
    Address,
    acl_passes,
    admits,
    groups_of,
    is_true,
    let_out,
)
from ssmtui.simulator.reality.routing import leaving, route_table
from ssmtui.simulator.state import hidden

__all__ = ["Obstacle", "endpoint_policy", "endpoint_to", "find_instance", "ipv6_address", "obstacle"]

# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
_NAT64: Final = int(ipaddress.ip_address("64:ff9b::"))


def obstacle(instance: Instance, service: str) -> Obstacle | None:
    """What keeps an instance from reaching a service (``ssm``, ``s3``, …) on port 443; None where nothing does."""
    backend: EC2Backend = instance.ec2_backend
    vpc = backend.vpcs[instance.vpc_id or ""]
    if not is_true(vpc.enable_dns_support):
        return Obstacle.VPC_DNS_OFF
    if instance.subnet_id in hidden(backend.account_id, backend.region_name).ipv6_only_subnets:
        return _by_translation(backend, instance)
    private = _private_endpoint(backend, instance, service)
    if private is not None:
        return _to_endpoint(backend, instance, private)
    by_public_address = _to_public_address(backend, instance, service)
    unnamed = next(_interface_endpoints(backend, instance, service), None)
    if unnamed is None or by_public_address not in {Obstacle.NO_ROUTE, Obstacle.ENDPOINT_MISSING}:
        return by_public_address
    return Obstacle.PRIVATE_DNS_OFF if is_true(vpc.enable_dns_hostnames) else Obstacle.VPC_DNS_OFF


def endpoint_to(instance: Instance, service: str) -> VPCEndPoint | None:
    """The endpoint that traffic to the service goes through; None where it goes through none."""
    backend: EC2Backend = instance.ec2_backend
    return _private_endpoint(backend, instance, service) or _gateway_endpoint(backend, instance, service)


def endpoint_policy(instance: Instance, service: str) -> Policy | None:
    """The policy of the endpoint that traffic to the service goes through; None where it goes through none."""
    endpoint = endpoint_to(instance, service)
    if endpoint is None:
        return None
    try:
        return Policy.parse("endpoint policy", endpoint.policy_document)
    except MalformedPolicyError:
        return Policy("endpoint policy", ())


def ipv6_address(instance: Instance) -> ipaddress.IPv6Address:
    """The address of an instance in its subnet's IPv6 network: as far into it as its other one is into the other."""
    subnet = instance.ec2_backend.get_subnet(instance.subnet_id or "")
    (association,) = subnet.ipv6_cidr_block_association_set
    offset = int(_source(instance)) - int(ipaddress.ip_network(subnet.cidr_block).network_address)
    return ipaddress.IPv6Network(association["ipv6CidrBlock"])[offset]


def find_instance(account: str, region: str, instance_id: str) -> Instance | None:
    """The instance of an id, terminated ones included; None where there is none."""
    reservations = ec2_backends[account][region].reservations.values()
    return next((i for reservation in reservations for i in reservation.instances if i.id == instance_id), None)


def _endpoints(backend: EC2Backend, instance: Instance, service: str) -> Iterator[VPCEndPoint]:
    name = f".{backend.region_name}.{service}"
    for endpoint in backend.vpc_end_points.values():
        if (
            endpoint.vpc_id == instance.vpc_id
            and endpoint.state == "available"
            and endpoint.service_name.endswith(name)
        ):
            yield endpoint


def _interface_endpoints(backend: EC2Backend, instance: Instance, service: str) -> Iterator[VPCEndPoint]:
    return (e for e in _endpoints(backend, instance, service) if (e.vpc_endpoint_type or "").lower() == "interface")


def _private_endpoint(backend: EC2Backend, instance: Instance, service: str) -> VPCEndPoint | None:
    """The interface endpoint that the service's ordinary name leads to, where the VPC's DNS tells it."""
    if not is_true(backend.vpcs[instance.vpc_id or ""].enable_dns_hostnames):
        return None
    named = (e for e in _interface_endpoints(backend, instance, service) if is_true(e.private_dns_enabled))
    return next(named, None)


def _gateway_endpoint(backend: EC2Backend, instance: Instance, service: str) -> VPCEndPoint | None:
    table = route_table(backend, instance.subnet_id, instance.vpc_id)
    return next(
        (
            endpoint
            for endpoint in _endpoints(backend, instance, service)
            if (endpoint.vpc_endpoint_type or "").lower() == "gateway"
            and table
            and table.id in endpoint.route_table_ids
        ),
        None,
    )


def _to_endpoint(backend: EC2Backend, instance: Instance, endpoint: VPCEndPoint) -> Obstacle | None:
    """The way to an interface endpoint, by the local route of the VPC."""
    subnets = [backend.get_subnet(subnet_id) for subnet_id in endpoint.subnet_ids or ()]
    if not subnets:
        return Obstacle.ENDPOINT_MISSING
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.security_group_ids]
    group_ids = {group.id for group in groups if group}
    obstacles = [
        _to_endpoint_in(backend, instance, subnet.id, ipaddress.ip_network(subnet.cidr_block)[4], group_ids)
        for subnet in subnets
    ]
    # One reachable subnet is enough: the name resolves to all of them.
    if all(obstacles):
        return obstacles[0]
    own_groups = {group.id for group in groups_of(instance)}
    if not any(group and admits(group.ingress_rules, _source(instance), own_groups) for group in groups):
        return Obstacle.ENDPOINT_SECURITY_GROUP_CLOSED
    return None


def _to_endpoint_in(
    backend: EC2Backend, instance: Instance, subnet_id: str, address: Address, group_ids: set[str]
) -> Obstacle | None:
    if not let_out(instance, address, group_ids):
        return Obstacle.EGRESS_BLOCKED
    if subnet_id == instance.subnet_id:
        return None
    near = acl_passes(backend, instance.subnet_id, remote=address, outgoing=(HTTPS,), incoming=EPHEMERAL)
    far = acl_passes(backend, subnet_id, remote=_source(instance), outgoing=EPHEMERAL, incoming=(HTTPS,))
    return None if near and far else Obstacle.NETWORK_ACL_BLOCKS


def _to_public_address(backend: EC2Backend, instance: Instance, service: str) -> Obstacle | None:
    """The way to a public address of the service: a gateway endpoint, an internet gateway, NAT or transit."""
    if not _gateway_endpoint(backend, instance, service):
        unled = leaving(backend, instance, PUBLIC, _source(instance))
        if unled is Obstacle.NO_ROUTE and _has_endpoints(backend, instance):
            return Obstacle.ENDPOINT_MISSING
        if unled is not None:
            return unled
    return _through_own_filters(backend, instance, PUBLIC)


def _by_translation(backend: EC2Backend, instance: Instance) -> Obstacle | None:
    """The way out of a subnet of IPv6 only: the agent takes IPv4 names, for which DNS64 makes up addresses."""
    translated = ipaddress.ip_address(_NAT64 + int(PUBLIC))
    if instance.subnet_id not in hidden(backend.account_id, backend.region_name).dns64_subnets:
        return Obstacle.IPV6_ONLY
    unled = leaving(backend, instance, translated, ipv6_address(instance))
    if unled is Obstacle.NO_ROUTE:
        return Obstacle.IPV6_ONLY
    return unled or _through_own_filters(backend, instance, translated)


def _through_own_filters(backend: EC2Backend, instance: Instance, address: Address) -> Obstacle | None:
    if not let_out(instance, address, set()):
        return Obstacle.EGRESS_BLOCKED
    passes = acl_passes(backend, instance.subnet_id, remote=address, outgoing=(HTTPS,), incoming=EPHEMERAL)
    return None if passes else Obstacle.NETWORK_ACL_BLOCKS


def _has_endpoints(backend: EC2Backend, instance: Instance) -> bool:
    return any(
        endpoint.vpc_id == instance.vpc_id and endpoint.state == "available"
        for endpoint in backend.vpc_end_points.values()
    )


def _source(instance: Instance) -> Address:
    return ipaddress.ip_address(instance.private_ip or "0.0.0.0")  # noqa: S104 - no address, not an interface
