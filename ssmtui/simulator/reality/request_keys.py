"""The condition keys that the requests of a node really have: what it is, and by which way they come.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.utilities.utils import get_partition

from ssmtui.simulator import organization
from ssmtui.simulator.authorisation.actions import node_arn
from ssmtui.simulator.reality.network import endpoint_to, find_instance
from ssmtui.simulator.reality.routing import nat_to_the_internet
from ssmtui.simulator.state import agent, now

# TEST-NET-2 of RFC 5737: where machines outside EC2 call from.
_OUTSIDE: Final = "198.51.100.20"
_SINCE_REFRESH: Final = timedelta(minutes=20)
_TELLING_WHOSE: Final = ("kms", "s3")
_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}


def of_node(account: str, region: str, node_id: str, service: str) -> Mapping[str, str]:
    """Those of a request that a node makes itself, to a service of its Region."""
    instance = find_instance(account, region, node_id)
    of_agent = _of_agent(account, region, node_id)
    if instance is None:
        return of_agent | {"aws:SourceIp": _OUTSIDE}
    private_ip, vpc_id = str(instance.private_ip or ""), str(instance.vpc_id or "")
    itself = of_agent | {
        "ec2:SourceInstanceARN": node_arn(node_id, account, region),
        "aws:Ec2InstanceSourceVpc": vpc_id,
        "aws:Ec2InstanceSourcePrivateIPv4": private_ip,
        "ec2:RoleDelivery": "2.0",
    }
    endpoint = endpoint_to(instance, service)
    if endpoint is not None:
        by_endpoint = {"aws:SourceVpc": vpc_id, "aws:SourceVpce": endpoint.id, "aws:VpcSourceIp": private_ip}
        return itself | by_endpoint | (_owner_of_endpoint(account) if service in _TELLING_WHOSE else {})
    address = _public_address(instance)
    return itself | {"aws:SourceIp": address} if address else itself


def _of_agent(account: str, region: str, node_id: str) -> dict[str, str]:
    """Those of every request with a role's credentials, which an agent gets anew every hour, and by an agent."""
    version = agent(account, region, node_id).version
    return {
        "aws:UserAgent": f"aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/{version}",
        "aws:TokenIssueTime": f"{now() - _SINCE_REFRESH:%Y-%m-%dT%H:%M:%SZ}",
        "aws:MultiFactorAuthPresent": "false",
    }


def _owner_of_endpoint(account: str) -> dict[str, str]:
    member_of = organization.policies_on(account).organization
    return {"aws:VpceAccount": account, **({"aws:VpceOrgID": member_of} if member_of else {})}


def through_s3(region: str) -> Mapping[str, str]:
    """Those of a request that S3 makes on behalf of a node."""
    suffix = _SUFFIXES.get(get_partition(region), "amazonaws.com")
    return {"aws:ViaAWSService": "true", "kms:ViaService": f"s3.{region}.{suffix}"}


def _public_address(instance: Instance) -> str:
    """The address that the internet sees: a NAT gateway's, else the instance's own."""
    backend: EC2Backend = instance.ec2_backend
    nat = nat_to_the_internet(backend, instance)
    if nat is None:
        return str(instance.public_ip or "")
    interface = nat._eni.id
    own = (each for each in backend.addresses if getattr(each.eni, "id", None) == interface)
    return next((str(each.public_ip) for each in own), "")
