"""Where a node's requests come from, as condition keys of policies tell it: VPC, endpoint, public address.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ssmtui.model.policy_patterns import Context

SERVICES = ("ssm", "ssmmessages", "kms", "logs", "s3")
"""The services that a session takes a node to."""

TELLING_WHOSE = ("kms", "s3")
"""Those of them whose requests tell whose the endpoint is that they pass."""

NOWHERE: Context = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ServiceOrigin:
    """How requests to one service leave.

    `endpoint` is the id of the VPC endpoint that they pass. Without one, they leave by `addresses`: those of a NAT
    gateway, and none where each node leaves by its own (`by_own_address`).
    """

    service: str
    endpoint: str | None = None
    addresses: tuple[str, ...] = ()
    by_own_address: bool = False


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The origin of a node's requests. Of a service that is not in `services`, it is not known.

    `vpc_id` is None of a node outside EC2.
    """

    vpc_id: str | None
    services: tuple[ServiceOrigin, ...] = ()

    def by_endpoint(self, service: str) -> bool | None:
        """Whether requests to a service pass an endpoint; None where that is not known."""
        found = next((each for each in self.services if each.service == service), None)
        return None if found is None else found.endpoint is not None

    def known(self, service: str) -> Context:
        """The condition keys that are the same for every node with this origin."""
        found = next((each for each in self.services if each.service == service), None)
        if found is None:
            return NOWHERE
        if found.endpoint is not None:
            return {
                "aws:SourceVpc": (self.vpc_id or "",),
                "aws:SourceVpce": (found.endpoint,),
                "aws:SourceIp": (),
            }
        public: Context = {"aws:SourceVpc": (), "aws:SourceVpce": (), "aws:VpcSourceIp": ()}
        # Of several addresses, a request has one, and it is not known which.
        return {**public, "aws:SourceIp": found.addresses} if len(found.addresses) == 1 else public

    def known_of_node(self, service: str, private_ip: str, public_ip: str | None, arn: str) -> Context:
        """The condition keys that a node of EC2 has for itself."""
        itself: Context = {
            "ec2:SourceInstanceARN": (arn,),
            "aws:Ec2InstanceSourceVpc": (self.vpc_id,) if self.vpc_id else (),
            "aws:Ec2InstanceSourcePrivateIPv4": (private_ip,) if private_ip else (),
        }
        found = next((each for each in self.services if each.service == service), None)
        if found is None:
            return itself
        if found.endpoint is not None:
            return {**itself, "aws:VpcSourceIp": (private_ip,)} if private_ip else itself
        return {**itself, "aws:SourceIp": (public_ip,)} if found.by_own_address and public_ip else itself


OF_A_NODE = frozenset(
    {
        "aws:ec2instancesourceprivateipv4",
        "aws:sourceip",
        "aws:vpcsourceip",
        "ec2:sourceinstancearn",
    }
)
"""The keys, in small letters, whose values are a node's own."""


def outside_ec2() -> Mapping[str, tuple[str, ...]]:
    """What is known of the requests of a node that is no instance."""
    return dict.fromkeys(("ec2:SourceInstanceARN", "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4"), ())


WAY_KEYS = ("aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
"""The keys that tell by which way a request comes."""
