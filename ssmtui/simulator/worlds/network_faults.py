"""Worlds with one fault of the network each."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    HEALTHY,
    AclEntry,
    Agent,
    Control,
    DefaultRoute,
    Expectation,
    Instance,
    Network,
    RegionScenario,
    Scenario,
    SecurityGroup,
    StatementJSON,
    Subnet,
    fails,
    sound,
    unseen,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    CHANNEL_ACTIONS,
    DESTINATIONS,
    WEB,
    endpoint_network,
    endpoint_network_by_prefix_list,
    endpoint_network_by_reference,
    isolated_network,
    nat_network,
    node,
    small_world,
)

_CAUSE = "endpoint-policy-denies"
_OTHER_ACCOUNT = "999999999999"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{WEB.name}"

_BUCKET = f"arn:aws:s3:::{DESTINATIONS.bucket}"


def endpoint_policy_denies() -> Scenario:
    """The policies of VPC endpoints do not allow what sessions need."""
    return small_world(
        (
            node("silent-1", fails(_CAUSE), network="silent", subnet="isolated", agent=Agent(registered_before=False)),
            node("half-1", fails(_CAUSE), network="half", subnet="isolated"),
            node("coded-1", fails(_CAUSE), network="coded", subnet="isolated"),
            node("logless-1", warns(_CAUSE), network="logless", subnet="isolated"),
            node("vault-1", network="vault", subnet="isolated"),
        ),
        networks=(
            endpoint_network("silent", "10.60", policies={"ssm": (_allow("ssm:GetParameter"),)}),
            endpoint_network(
                "half", "10.61", policies={"ssmmessages": (_allow("*"), _deny("ssmmessages:CreateControl*"))}
            ),
            endpoint_network("coded", "10.62", policies={"kms": (_allow("kms:GenerateDataKey"),)}),
            endpoint_network(
                "logless",
                "10.63",
                policies={"s3": (_allow("s3:GetEncryptionConfiguration"), _allow("s3:*", "arn:aws:s3:::elsewhere/*"))},
            ),
            endpoint_network(
                "vault",
                "10.64",
                policies={
                    "ssm": (_allow("ssm:*"),),
                    "ssmmessages": (_allow_by_name(*CHANNEL_ACTIONS),),
                    "kms": (_allow_by_name("kms:Decrypt"),),
                    "s3": (
                        _allow("s3:*", f"arn:aws:s3:::{DESTINATIONS.bucket}", f"arn:aws:s3:::{DESTINATIONS.bucket}/*"),
                    ),
                },
            ),
        ),
    )


def endpoint_policy_by_owner() -> Scenario:
    """The policies of VPC endpoints for S3 allow only buckets of some accounts."""
    own, other = ACCOUNT, _OTHER_ACCOUNT

    def of_owner(name: str, prefix: str, key: str, *accounts: str) -> Network:
        statement = {**_allow("s3:*"), "Condition": {"StringEquals": {key: list(accounts)}}}
        return endpoint_network(name, prefix, policies={"s3": (statement,)})

    return small_world(
        (
            node("vault-1", network="vault", subnet="isolated"),
            node("shared-1", network="shared", subnet="isolated"),
            node("edge-1", fails(_CAUSE), network="edge", subnet="isolated"),
            node("alien-1", fails(_CAUSE), network="alien", subnet="isolated"),
        ),
        networks=(
            of_owner("vault", "10.60", "s3:ResourceAccount", own),
            of_owner("shared", "10.61", "aws:ResourceAccount", other, own),
            of_owner("edge", "10.62", "s3:ResourceAccount", other),
            of_owner("alien", "10.63", "aws:ResourceAccount", other),
        ),
    )


def _allow(action: str, *resources: str) -> StatementJSON:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": list(resources) or "*"}


def _deny(action: str) -> StatementJSON:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}


def _allow_by_name(*actions: str) -> StatementJSON:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": _ROLE}},
    }


_NEVER_SEEN = Agent(registered_before=False)
_ANSWERS = (1024, 65535)
_EVERYWHERE = "0.0.0.0/0"


def no_route_to_endpoint() -> Scenario:
    """Three networks have no outbound route, each for another reason."""
    nat = nat_network("core", "10.61")
    lost = replace(nat, nat_gateway_subnet="core-private-b")
    private = replace(_renamed(nat, "office", "10.62"), private_nat=True)
    return _world(
        (isolated_network("lab", "10.60"), lost, private, nat_network("main", "10.63")),
        _broken("lab-1", "lab", "no-route-to-endpoint"),
        _broken("core-1", "core", "no-route-to-endpoint", "private-a"),
        _broken("office-1", "office", "no-route-to-endpoint", "private-a"),
        node("web-1"),
    )


def endpoint_missing() -> Scenario:
    """A network has endpoints, but none for ssmmessages."""
    return _world(
        (endpoint_network("edge", "10.60", without=("ssmmessages",)), endpoint_network("vault", "10.61")),
        node("edge-1", fails("endpoint-missing"), network="edge", subnet="isolated"),
        node("vault-1", network="vault", subnet="isolated"),
    )


def endpoint_security_group_closed() -> Scenario:
    """The security group of the endpoints allows only another network."""
    return _world(
        (
            endpoint_network("billing", "10.60", endpoints_open_to="10.99.0.0/16"),
            endpoint_network_by_reference("vault", "10.61"),
            endpoint_network_by_prefix_list("shop", "10.62"),
        ),
        _broken("invoice-1", "billing", "endpoint-security-group-closed"),
        node("vault-1", sound(Control.GROUPS_BY_REFERENCE), network="vault", subnet="isolated"),
        node("shop-1", network="shop", subnet="isolated"),
    )


def endpoint_private_dns_off() -> Scenario:
    """The endpoints of a network without internet access have no private DNS names."""
    nameless = _nameless(endpoint_network("edge", "10.60"))
    spare = nat_network("main", "10.61")
    beside = replace(
        spare,
        security_groups=(*spare.security_groups, SecurityGroup("main-endpoints", "VPC endpoints: nothing in")),
        endpoints=tuple(
            replace(each, subnets=("main-private-a",), security_group="main-endpoints")
            for each in nameless.endpoints
            if not each.is_gateway
        ),
    )
    return _world((nameless, beside), _broken("edge-1", "edge", "endpoint-private-dns-off"), node("web-1"))


def vpc_dns_off() -> Scenario:
    """DNS is off in two VPCs that need it."""
    return _world(
        (
            replace(nat_network("core", "10.60"), dns_support=False, dns_hostnames=False),
            replace(endpoint_network("edge", "10.61"), dns_hostnames=False),
            replace(nat_network("main", "10.62"), dns_hostnames=False),
        ),
        _broken("core-1", "core", "vpc-dns-off", "private-a"),
        _broken("edge-1", "edge", "vpc-dns-off"),
        node("web-1"),
    )


def egress_blocked() -> Scenario:
    """The security group of a node has no outbound rule."""
    quarantine = SecurityGroup("main-quarantine", "Quarantine: nothing in or out", allows_outbound=False)
    return _world(
        (nat_network("main", "10.60", quarantine), endpoint_network_by_reference("vault", "10.61")),
        replace(node("forensics-1", fails("egress-blocked")), security_group=quarantine.name),
        node("vault-1", network="vault", subnet="isolated"),
        node("web-1"),
    )


def egress_to_one_address() -> Scenario:
    """Security groups allow HTTPS to one address only: that of the endpoints, or another one in their subnet."""
    return _world(
        (_egress_only_to("core", "10.60", "10.60.20.9/32"), _egress_only_to("main", "10.61", "10.61.20.4/32")),
        _broken("core-1", "core", "egress-blocked"),
        node("web-1", subnet="isolated"),
    )


def network_acl_blocks() -> Scenario:
    """Network ACLs drop the answers of AWS, in the subnet of the nodes and of the NAT gateway."""
    dropping = (AclEntry(_EVERYWHERE, _ANSWERS, outbound=False),)
    harmless = (AclEntry(_EVERYWHERE, (22, 22), outbound=False), AclEntry("198.51.100.0/24", (443, 443), outbound=True))
    return _world(
        (
            _guarded(nat_network("core", "10.60"), "core-private-a", dropping),
            _guarded(nat_network("office", "10.61"), "office-public", dropping),
            _guarded(nat_network("main", "10.62"), "main-private-a", harmless),
        ),
        _broken("core-1", "core", "network-acl-blocks", "private-a"),
        _broken("office-1", "office", "network-acl-blocks", "private-a"),
        node("web-1"),
    )


def blackhole_route() -> Scenario:
    """The route of a subnet leads to a NAT gateway that was deleted."""
    sound = nat_network("main", "10.60")
    private, *others = (each for each in reversed(sound.subnets))
    return _world(
        (
            replace(
                sound, subnets=(*reversed(others), replace(private, default_route=DefaultRoute.DELETED_NAT_GATEWAY))
            ),
        ),
        node("batch-1", fails("blackhole-route"), subnet="private-b"),
        node("web-1"),
    )


def ipv6_only_subnet() -> Scenario:
    """A subnet has only IPv6, and no DNS64 for its NAT gateway."""
    return _world(
        (_ipv6_only("core", "10.60", dns64=False), _ipv6_only("main", "10.61", dns64=True)),
        _broken("core-1", "core", "ipv6-only-subnet", "ipv6"),
        node("web-1", subnet="ipv6"),
    )


def shared_vpc() -> Scenario:
    """A node is in a subnet that another account shares.

    It works; what its sessions need cannot be read.
    """
    return _world((_shared(nat_network("main", "10.60")),), node("web-1", unseen("shared-vpc")))


def shared_vpc_healthy() -> Scenario:
    """A node works in a subnet that another account shares."""
    return small_world(
        (node("web-1", sound(Control.SHARED_SUBNET)),),
        preferences=None,
        networks=(_shared(nat_network("main", "10.60")),),
    )


def transit_gateway() -> Scenario:
    """The outbound route of a network is a transit gateway.

    It works; what is behind the gateway cannot be read.
    """
    name = "main"
    hub = replace(
        isolated_network(name, "10.60"),
        subnets=(Subnet(f"{name}-private-a", "10.60.20.0/24", DefaultRoute.TRANSIT_GATEWAY),),
    )
    return _world((hub,), node("web-1", unseen("log-endpoint-missing")))


def internet_firewall() -> Scenario:
    """A firewall at the internet gateway translates the addresses of one network, and not those of another.

    The first works; the rules of the firewall cannot be read.
    """
    return _world(
        (_behind_firewall("main", "10.60", "flexible"), _behind_firewall("core", "10.61", "bidirectional")),
        node("web-1", unseen("log-endpoint-missing")),
        _broken("core-1", "core", "no-route-to-endpoint", "private-a"),
    )


def internet_firewall_healthy() -> Scenario:
    """A node works behind a firewall that translates its address at the internet gateway."""
    return small_world(
        (node("web-1", sound(Control.TRANSLATED_AT_INTERNET_GATEWAY)),),
        preferences=None,
        networks=(_behind_firewall("main", "10.60", "outbound-only"),),
    )


def _behind_firewall(name: str, prefix: str, firewall: str) -> Network:
    subnet = Subnet(f"{name}-private-a", f"{prefix}.20.0/24", DefaultRoute.INTERNET_GATEWAY, firewall=firewall)
    return replace(isolated_network(name, prefix), subnets=(subnet,))


def second_interface() -> Scenario:
    """A node has a second network interface, in a network without an outbound route."""
    dual = replace(
        node("appliance-1", Expectation(also=("log-endpoint-missing",))),
        second_interface=("lab-isolated", "lab-nodes"),
        expected_in_fleet=HEALTHY,
    )
    return small_world((dual, node("web-1")), networks=(nat_network("main", "10.30"), isolated_network("lab", "10.31")))


def endpoint_in_another_zone() -> Scenario:
    """The endpoints of a network are in another availability zone than a node."""
    near = endpoint_network("main", "10.60")
    far = Subnet("main-private-a", "10.60.21.0/24", DefaultRoute.NONE)
    gateways = tuple(replace(each, subnets=(*each.subnets, far.name)) for each in near.endpoints if each.is_gateway)
    interfaces = tuple(each for each in near.endpoints if not each.is_gateway)
    return _world(
        (replace(near, subnets=(*near.subnets, far), endpoints=(*interfaces, *gateways)),),
        node("web-1", sound(Control.ENDPOINT_IN_ANOTHER_ZONE)),
        node("web-2", subnet="isolated"),
    )


def bucket_abroad() -> Scenario:
    """The log bucket is in another Region."""
    abroad = RegionScenario("eu-north-1", buckets=BUCKETS)
    return small_world(
        (node("vault-1", fails("log-endpoint-missing"), network="vault", subnet="isolated"), node("web-1")),
        networks=(endpoint_network("vault", "10.60"), nat_network("main", "10.61")),
        buckets=(),
        other_regions=(abroad,),
    )


def _world(networks: tuple[Network, ...], *nodes: Instance) -> Scenario:
    return small_world(nodes, networks=networks)


def _broken(name: str, network: str, cause: str, subnet: str = "isolated") -> Instance:
    expected: Expectation = fails(cause)
    return node(name, expected, network=network, subnet=subnet, agent=_NEVER_SEEN)


def _renamed(network: Network, name: str, prefix: str) -> Network:
    return nat_network(name, prefix, *network.security_groups[1:])


def _egress_only_to(name: str, prefix: str, cidr: str) -> Network:
    network = endpoint_network_by_reference(name, prefix)
    nodes, endpoints = network.security_groups
    return replace(network, security_groups=(replace(nodes, https_to_groups=(), https_to=(cidr,)), endpoints))


def _nameless(network: Network) -> Network:
    return replace(network, endpoints=tuple(replace(each, private_dns=False) for each in network.endpoints))


def _guarded(network: Network, subnet: str, denials: tuple[AclEntry, ...]) -> Network:
    return replace(
        network,
        subnets=tuple(replace(each, denials=denials) if each.name == subnet else each for each in network.subnets),
    )


def _shared(network: Network) -> Network:
    return replace(network, subnets=tuple(replace(each, shared_by=_OTHER_ACCOUNT) for each in network.subnets))


def _ipv6_only(name: str, prefix: str, *, dns64: bool) -> Network:
    network = nat_network(name, prefix)
    translated = Subnet(f"{name}-ipv6", f"{prefix}.20.0/24", DefaultRoute.NAT_GATEWAY, ipv6_only=True, dns64=dns64)
    return replace(network, subnets=(network.subnets[0], translated))
