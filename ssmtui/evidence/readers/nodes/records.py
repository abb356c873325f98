"""From EC2's and Systems Manager's records to nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ssmtui.evidence.readers.nodes.platforms import platform_in_words
from ssmtui.evidence.wire.aws import MalformedAnswer, malformed
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.node import (
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    NodeKey,
    NodeKind,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.scope import Scope

_GOING = frozenset({InstanceState.SHUTTING_DOWN.value, InstanceState.TERMINATED.value})


def no_instance() -> Absent:
    """What stands for the instance of a hybrid node."""
    return Absent(say("an EC2 instance"), "ssm:DescribeInstanceProperties")


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """One instance of ec2:DescribeInstances. `going` says that it is terminated, or about to be."""

    id: str
    name: str
    tags: tuple[tuple[str, str], ...]
    going: bool
    instance: Instance | Unreadable


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """One managed node of ssm:DescribeInstanceProperties (or DescribeInstanceInformation)."""

    id: str
    name: str
    registration: Registration | Unreadable

    @property
    def hybrid(self) -> bool:
        """Whether the node is no EC2 instance."""
        return self.id.startswith("mi-")


def instance_record(raw: Mapping[str, Any]) -> InstanceRecord:
    """One entry of Instances. What cannot be understood of it makes it unreadable, not absent.

    Raises:
        MalformedAnswer: it has not even an id.

    """
    id_ = _id_in(raw, "ec2:DescribeInstances")
    instance: Instance | Unreadable
    try:
        tags = tuple(sorted((str(tag["Key"]), str(tag.get("Value", ""))) for tag in raw.get("Tags") or ()))
        going = raw["State"]["Name"] in _GOING
        instance = _instance(id_, raw)
    except (KeyError, TypeError, ValueError, AttributeError):
        return InstanceRecord(id_, "", (), going=False, instance=malformed("ec2:DescribeInstances"))
    return InstanceRecord(id_, dict(tags).get("Name", "").strip(), tags, going, instance)


def registration_record(raw: Mapping[str, Any]) -> RegistrationRecord:
    """One entry of InstanceProperties or InstanceInformationList.

    Raises:
        MalformedAnswer: it has not even an id.

    """
    action = "ssm:DescribeInstanceProperties"
    id_ = _id_in(raw, action)
    registration: Registration | Unreadable
    try:
        registration = _registration(id_, raw)
    except (KeyError, TypeError, ValueError, AttributeError):
        registration = malformed(action)
    return RegistrationRecord(id_, str(raw.get("Name") or raw.get("ComputerName") or "").strip(), registration)


def node_of(
    scope: Scope, found: InstanceRecord | Absent | Unreadable, registered: RegistrationRecord | Absent | Unreadable
) -> Node:
    """The node that both records are about; either may be missing, but not both.

    Its name is the instance's Name tag, else the name that the node gave itself, else its id.
    """
    record = registered if isinstance(registered, RegistrationRecord) else None
    own_name = record.name if record else ""
    if isinstance(found, InstanceRecord):
        id_, name, tags = found.id, found.name, found.tags
    elif record is not None:
        id_, name, tags = record.id, "", ()
    else:
        raise TypeError("a node of which nothing is known")
    return Node(
        key=NodeKey(scope.account, scope.region, id_),
        kind=NodeKind.HYBRID if id_.startswith("mi-") else NodeKind.EC2,
        name=name or own_name or id_,
        tags=tags,
        instance=found.instance if isinstance(found, InstanceRecord) else found,
        registration=registered.registration if isinstance(registered, RegistrationRecord) else registered,
    )


def _id_in(raw: Mapping[str, Any], action: str) -> str:
    try:
        id_ = raw["InstanceId"]
    except (KeyError, TypeError) as error:
        raise MalformedAnswer(f"{action}: a record without an id") from error
    if not isinstance(id_, str) or not id_:
        raise MalformedAnswer(f"{action}: a record without an id")
    return id_


def _instance(id_: str, raw: Mapping[str, Any]) -> Instance:
    # EC2 leaves MetadataOptions out of answers about instances that are going; its own defaults are these.
    metadata = raw.get("MetadataOptions") or {}
    return Instance(
        id=id_,
        state=InstanceState(raw["State"]["Name"]),
        launched=_moment(raw["LaunchTime"]),
        image_id=str(raw.get("ImageId") or ""),
        platform_details=str(raw.get("PlatformDetails") or raw.get("Platform") or "Linux/UNIX"),
        subnet_id=raw.get("SubnetId") or None,
        vpc_id=raw.get("VpcId") or None,
        security_group_ids=tuple(sorted(str(group["GroupId"]) for group in raw.get("SecurityGroups") or ())),
        private_ip=raw.get("PrivateIpAddress") or None,
        public_ip=raw.get("PublicIpAddress") or None,
        ipv6_addresses=tuple(
            str(address["Ipv6Address"])
            for interface in raw.get("NetworkInterfaces") or ()
            for address in interface.get("Ipv6Addresses") or ()
        ),
        profile_arn=(raw.get("IamInstanceProfile") or {}).get("Arn"),
        metadata=MetadataOptions(
            endpoint_enabled=metadata.get("HttpEndpoint", "enabled") == "enabled",
            tokens=MetadataTokens(metadata.get("HttpTokens", "optional")),
        ),
    )


def _registration(id_: str, raw: Mapping[str, Any]) -> Registration:
    name = str(raw.get("PlatformName") or "")
    return Registration(
        node_id=id_,
        ping=PingStatus(raw["PingStatus"]),
        last_ping=_moment(raw["LastPingDateTime"]) if raw.get("LastPingDateTime") else None,
        agent_version=str(raw.get("AgentVersion") or ""),
        platform_family=_family(raw.get("PlatformType"), name),
        platform=platform_in_words(name, str(raw.get("PlatformVersion") or "")),
        computer_name=str(raw.get("ComputerName") or ""),
        ip_address=raw.get("IPAddress") or None,
        iam_role=(raw.get("IamRole") or None) if id_.startswith("mi-") else None,
        registered=_moment(raw["RegistrationDate"]) if raw.get("RegistrationDate") else None,
    )


def _family(type_: object, name: str) -> PlatformFamily:
    if type_:
        return PlatformFamily(type_)
    return PlatformFamily.WINDOWS if "Windows" in name else PlatformFamily.LINUX


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("no time")
    return value
