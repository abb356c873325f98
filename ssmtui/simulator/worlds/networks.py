"""The networks of the worlds: by internet gateway, by NAT gateway, by endpoints alone, or with no way out."""

from __future__ import annotations

from ssmtui.simulator.scenario import Endpoint, Network, SecurityGroup, Subnet, WayOut

_NODES = "Nodes: everything out, nothing in"
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
) -> Network:
    """A VPC ``10.x.0.0/16`` of one subnet that reaches AWS by VPC endpoints only.

    `without` names services that have no endpoint; `endpoints_open_to` is the network that the endpoints' security
    group admits, by default the VPC's own.
    """
    subnet, endpoints = f"{name}-isolated", f"{name}-endpoints"
    admitted = endpoints_open_to or f"{prefix}.0.0/16"
    interfaces = tuple(Endpoint(s, (subnet,), endpoints) for s in _INTERFACES if s not in without)
    gateways = () if "s3" in without else (Endpoint("s3", (subnet,)),)
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


def sealed(name: str, prefix: str) -> Network:
    """A VPC ``10.x.0.0/16`` of one subnet with neither a gateway nor an endpoint."""
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(Subnet(f"{name}-isolated", f"{prefix}.20.0/24", WayOut.NONE),),
        security_groups=(SecurityGroup(f"{name}-nodes", _NODES),),
    )
