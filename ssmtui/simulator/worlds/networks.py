"""The networks of the worlds: by internet gateway, by NAT gateway, by endpoints alone, or with no way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ssmtui.simulator.scenario import Endpoint, Network, PrefixList, SecurityGroup, StatementJSON, Subnet, WayOut

_NODES = "Nodes: everything out, nothing in"
_NO_POLICIES: Mapping[str, tuple[StatementJSON, ...]] = MappingProxyType({})
_INTERFACES = ("ssm", "ssmmessages", "kms", "logs")


def routed(name: str, prefix: str, *more_groups: SecurityGroup) -> Network:
    """A VPC ``10.x.0.0/16`` with a public subnet and two private ones behind a NAT gateway."""
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(
            Subnet(f"{name}-public", f"{prefix}.0.0/24", WayOut.INTERNET_GATEWAY),
            Subnet(f"{name}-private-a", f"{prefix}.10.0/24", WayOut.NAT_GATEWAY),
            Subnet(f"{name}-private-b", f"{prefix}.11.0/24", WayOut.NAT_GATEWAY),
        ),
        security_groups=(SecurityGroup(f"{name}-nodes", _NODES), *more_groups),
    )


def enclosed(
    name: str,
    prefix: str,
    *,
    without: tuple[str, ...] = (),
    endpoints_open_to: str | None = None,
    policies: Mapping[str, tuple[StatementJSON, ...]] = _NO_POLICIES,
) -> Network:
    """A VPC ``10.x.0.0/16`` of one subnet that reaches AWS by VPC endpoints only.

    `without` names services that have no endpoint; `endpoints_open_to` is the network that the endpoints' security
    group admits, by default the VPC's own; `policies` are those of endpoints that do not let everything through.
    """
    subnet, endpoints = f"{name}-isolated", f"{name}-endpoints"
    admitted = endpoints_open_to or f"{prefix}.0.0/16"
    interfaces = tuple(
        Endpoint(s, (subnet,), endpoints, policy=policies.get(s, ())) for s in _INTERFACES if s not in without
    )
    gateways = () if "s3" in without else (Endpoint("s3", (subnet,), policy=policies.get("s3", ())),)
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(Subnet(subnet, f"{prefix}.20.0/24", WayOut.NONE),),
        security_groups=(
            SecurityGroup(f"{name}-nodes", _NODES),
            SecurityGroup(endpoints, "VPC endpoints: HTTPS in from the nodes", https_from=(admitted,)),
        ),
        endpoints=interfaces + gateways,
    )


def by_reference(name: str, prefix: str) -> Network:
    """A network of endpoints whose security groups name each other instead of addresses."""
    network = enclosed(name, prefix)
    nodes, endpoints = network.security_groups
    return replace(
        network,
        security_groups=(
            replace(nodes, allows_outbound=False, https_to_groups=(endpoints.name,)),
            replace(endpoints, https_from=(), https_from_groups=(nodes.name,)),
        ),
        # A gateway endpoint has no group: what leads there is a matter of addresses.
        endpoints=tuple(
            replace(each, subnets=(f"{name}-isolated",), security_group=endpoints.name) for each in network.endpoints
        ),
    )


def by_prefix_list(name: str, prefix: str) -> Network:
    """A network of endpoints whose security group admits a prefix list, which the VPC's own network is in."""
    network = enclosed(name, prefix)
    nodes, endpoints = network.security_groups
    own = PrefixList(f"{name}-networks", ("192.0.2.0/24", f"{prefix}.0.0/16"))
    return replace(
        network,
        prefix_lists=(own,),
        security_groups=(nodes, replace(endpoints, https_from=(), https_from_lists=(own.name,))),
    )


def sealed(name: str, prefix: str) -> Network:
    """A VPC ``10.x.0.0/16`` of one subnet with neither a gateway nor an endpoint."""
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(Subnet(f"{name}-isolated", f"{prefix}.20.0/24", WayOut.NONE),),
        security_groups=(SecurityGroup(f"{name}-nodes", _NODES),),
    )
