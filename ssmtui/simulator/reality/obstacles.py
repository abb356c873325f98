"""What can stand in the way from an instance to a service."""

from __future__ import annotations

from enum import StrEnum


class Obstacle(StrEnum):
    """What stands in the way, by the slug of its cause."""

    VPC_DNS_OFF = "vpc-dns-off"
    PRIVATE_DNS_OFF = "endpoint-private-dns-off"
    EGRESS_BLOCKED = "egress-blocked"
    NETWORK_ACL_BLOCKS = "network-acl-blocks"
    ENDPOINT_SECURITY_GROUP_CLOSED = "endpoint-security-group-closed"
    ENDPOINT_MISSING = "endpoint-missing"
    NO_ROUTE = "no-route-to-endpoint"
    BLACKHOLE_ROUTE = "blackhole-route"
    IPV6_ONLY = "ipv6-only-subnet"
