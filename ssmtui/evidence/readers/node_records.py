"""Convert records of EC2 and Systems Manager to nodes."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Answer, MalformedAnswer
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.node import (
    AZURE_MACHINE,
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

_EDITION = re.compile(r"\s+(Datacenter|Standard|Essentials|Evaluation|Core|Edition)\b.*$")


def platform_name(name: str, version: str) -> str:
    """Return the usual name of a system that Systems Manager names in two parts: `Amazon Linux` and `2023`.

    The name of Windows is complete (`Microsoft Windows Server 2022 Datacenter`); its version is a build number.
    """
    name, version = name.strip(), version.strip()
    if "Windows" in name:
        return _EDITION.sub("", name.removeprefix("Microsoft "))
    if not version or version in name:
        return name
    return f"{name} {version}".strip()


INSTANCE_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "Instance": (
        *("InstanceId", "State", "LaunchTime", "ImageId", "PlatformDetails", "Platform", "SubnetId", "VpcId"),
        *("SecurityGroups", "PrivateIpAddress", "PublicIpAddress", "NetworkInterfaces", "IamInstanceProfile"),
        *("MetadataOptions", "Tags", "InstanceType", "Operator"),
    ),
    "InstanceState": ("Name",),
    "GroupIdentifier": ("GroupId",),
    "InstanceNetworkInterface": ("Ipv6Addresses",),
    "InstanceIpv6Address": ("Ipv6Address",),
    "IamInstanceProfile": ("Arn",),
    "InstanceMetadataOptionsResponse": ("HttpEndpoint", "HttpTokens"),
    "OperatorResponse": ("Managed", "Principal"),
}
"""The members that are kept of an instance, by botocore's names: a seventh of EC2's answer."""

REGISTRATION_MEMBERS = (
    *("InstanceId", "Name", "PingStatus", "LastPingDateTime", "AgentVersion", "PlatformType", "PlatformName"),
    *("PlatformVersion", "ComputerName", "IPAddress", "IamRole", "RegistrationDate"),
    *("SourceType", "SourceId", "SourceLocation"),
)
"""The members that are kept of a registration."""

Value = TypeVar("Value", bound=Hashable)

_GOING = frozenset({InstanceState.SHUTTING_DOWN.value, InstanceState.TERMINATED.value})
_NO_ID = translatable("{member} is empty")


def no_instance() -> Absent:
    """Return the marker for the instance of a hybrid node."""
    return Absent(say("an EC2 instance"), "ssm:DescribeInstanceProperties")


class ValueInterner:
    """Replaces equal values by one shared value: thousands of nodes have mostly the same values.

    Lives as long as a listing.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def __call__(self, value: Value) -> Value:
        """Return the first equal value."""
        known: Value = self._known.setdefault(value, value)  # type: ignore[assignment]
        return known


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """An instance from ec2:DescribeInstances. `going`: it is terminated or shutting down."""

    id: str
    name: str
    tags: tuple[tuple[str, str], ...]
    going: bool
    instance: Instance | Unreadable


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """A managed node from ssm:DescribeInstanceProperties (or DescribeInstanceInformation)."""

    id: str
    name: str
    registration: Registration | Unreadable

    @property
    def hybrid(self) -> bool:
        """Return whether the node is not an EC2 instance."""
        return NodeKind.of_id(self.id) is NodeKind.HYBRID


def instance_record(raw: Answer, share: ValueInterner) -> InstanceRecord:
    """Return the record of an entry of Instances. A malformed entry is unreadable, not absent.

    Raises:
        MalformedAnswer: it has no ID.

    """
    id_ = _id_in(raw)
    try:
        tags = share(tuple(sorted([share(_tag(each, share)) for each in raw.optional_parts("Tags")])))
        going = raw.part("State").text("Name") in _GOING
        instance = _instance(id_, raw, share)
    except MalformedAnswer as malformed:
        return InstanceRecord(id_, "", (), going=False, instance=malformed.unreadable)
    return InstanceRecord(id_, dict(tags).get("Name", "").strip(), tags, going, instance)


def registration_record(raw: Answer, share: ValueInterner) -> RegistrationRecord:
    """Return the record of an entry of InstanceProperties or InstanceInformationList.

    Raises:
        MalformedAnswer: it has no ID.

    """
    id_, name = _id_in(raw), ""
    registration: Registration | Unreadable
    try:
        name = raw.optional_text("Name") or _computer_name(raw)
        registration = _registration(id_, raw, share)
    except MalformedAnswer as malformed:
        registration = malformed.unreadable
    return RegistrationRecord(id_, name.strip(), registration)


def node_from_records(
    scope: Scope, found: InstanceRecord | Absent | Unreadable, registered: RegistrationRecord | Absent | Unreadable
) -> Node:
    """Return the node of both records; one of them can be missing.

    Its name is the Name tag of the instance, else the node's own name, else its ID.
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
        kind=NodeKind.of_id(id_),
        name=name or own_name or id_,
        tags=tags,
        instance=found.instance if isinstance(found, InstanceRecord) else found,
        registration=registered.registration if isinstance(registered, RegistrationRecord) else registered,
    )


def _id_in(raw: Answer) -> str:
    id_ = raw.text("InstanceId")
    if not id_:
        raise raw.malformed("InstanceId", _NO_ID)
    return id_


def _computer_name(raw: Answer) -> str:
    """Return the computer's name. That of an Azure machine follows its subscription and its resource group."""
    name = raw.optional_text("ComputerName") or ""
    if raw.optional_text("SourceType") == AZURE_MACHINE and name.count(":") == 2:
        return name.rpartition(":")[2] or name
    return name


def _tag(raw: Answer, share: ValueInterner) -> tuple[str, str]:
    return share(raw.text("Key")), raw.optional_text("Value") or ""


def _instance(id_: str, raw: Answer, share: ValueInterner) -> Instance:
    # EC2 leaves MetadataOptions out for terminated instances; these are its defaults.
    metadata = raw.optional_part("MetadataOptions")
    groups = raw.optional_parts("SecurityGroups")
    return Instance(
        id=id_,
        state=raw.part("State").word("Name", InstanceState),
        launched=share(raw.moment("LaunchTime")),
        image_id=share(raw.optional_text("ImageId") or ""),
        platform_details=share(raw.optional_text("PlatformDetails") or raw.optional_text("Platform") or "Linux/UNIX"),
        subnet_id=share(raw.optional_text("SubnetId")),
        vpc_id=share(raw.optional_text("VpcId")),
        security_group_ids=share(tuple(sorted([each.text("GroupId") for each in groups]))),
        private_ip=raw.optional_text("PrivateIpAddress"),
        public_ip=raw.optional_text("PublicIpAddress"),
        ipv6_addresses=tuple(
            [
                address.text("Ipv6Address")
                for interface in raw.optional_parts("NetworkInterfaces")
                for address in interface.optional_parts("Ipv6Addresses")
            ]
        ),
        instance_type=share(raw.optional_text("InstanceType") or ""),
        managed_by=share(_service(raw.optional_part("Operator"))),
        profile_arn=share(raw.optional_part("IamInstanceProfile").optional_text("Arn")),
        metadata=share(
            MetadataOptions(
                endpoint_enabled=(metadata.optional_text("HttpEndpoint") or "enabled") == "enabled",
                tokens=_tokens(metadata),
            )
        ),
    )


def _service(operator: Answer) -> str | None:
    """Return the principal of the service that manages an instance; None for an instance of the account."""
    return operator.optional_text("Principal") or "" if operator.optional_flag("Managed") else None


def _tokens(metadata: Answer) -> MetadataTokens:
    return metadata.word("HttpTokens", MetadataTokens) if metadata.has("HttpTokens") else MetadataTokens.OPTIONAL


def _registration(id_: str, raw: Answer, share: ValueInterner) -> Registration:
    name = raw.optional_text("PlatformName") or ""
    return Registration(
        node_id=id_,
        ping=raw.word("PingStatus", PingStatus),
        last_ping=share(raw.optional_moment("LastPingDateTime")),
        agent_version=share(raw.optional_text("AgentVersion") or ""),
        platform_family=_family(raw, name),
        platform=share(platform_name(name, raw.optional_text("PlatformVersion") or "")),
        computer_name=raw.optional_text("ComputerName") or "",
        ip_address=raw.optional_text("IPAddress"),
        iam_role=share(raw.optional_text("IamRole")) if NodeKind.of_id(id_) is NodeKind.HYBRID else None,
        registered=share(raw.optional_moment("RegistrationDate")),
        source_type=share(raw.optional_text("SourceType") or ""),
        source_id=raw.optional_text("SourceId") or "",
        source_location=share(raw.optional_text("SourceLocation") or ""),
    )


def _family(raw: Answer, name: str) -> PlatformFamily:
    if raw.optional_text("PlatformType"):
        return raw.word("PlatformType", PlatformFamily)
    return PlatformFamily.WINDOWS if "Windows" in name else PlatformFamily.LINUX
