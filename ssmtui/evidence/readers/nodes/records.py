"""From EC2's and Systems Manager's records to nodes."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.readers.nodes.platforms import platform_in_words
from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.language import marked, say
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
_NO_ID = marked("{member} is empty")


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


def instance_record(raw: Answer) -> InstanceRecord:
    """One entry of Instances. What cannot be understood of it makes it unreadable, not absent.

    Raises:
        MalformedAnswer: it has not even an id.

    """
    id_ = _id_in(raw)
    try:
        tags = tuple(sorted((tag.text("Key"), tag.optional_text("Value") or "") for tag in raw.optional_parts("Tags")))
        going = raw.part("State").text("Name") in _GOING
        instance = _instance(id_, raw)
    except MalformedAnswer as malformed:
        return InstanceRecord(id_, "", (), going=False, instance=malformed.unreadable)
    return InstanceRecord(id_, dict(tags).get("Name", "").strip(), tags, going, instance)


def registration_record(raw: Answer) -> RegistrationRecord:
    """One entry of InstanceProperties or InstanceInformationList.

    Raises:
        MalformedAnswer: it has not even an id.

    """
    id_, name = _id_in(raw), ""
    registration: Registration | Unreadable
    try:
        name = raw.optional_text("Name") or raw.optional_text("ComputerName") or ""
        registration = _registration(id_, raw)
    except MalformedAnswer as malformed:
        registration = malformed.unreadable
    return RegistrationRecord(id_, name.strip(), registration)


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


def _id_in(raw: Answer) -> str:
    id_ = raw.text("InstanceId")
    if not id_:
        raise raw.malformed("InstanceId", _NO_ID)
    return id_


def _instance(id_: str, raw: Answer) -> Instance:
    # EC2 leaves MetadataOptions out of answers about instances that are going; its own defaults are these.
    metadata = raw.optional_part("MetadataOptions")
    return Instance(
        id=id_,
        state=raw.part("State").word("Name", InstanceState),
        launched=raw.moment("LaunchTime"),
        image_id=raw.optional_text("ImageId") or "",
        platform_details=raw.optional_text("PlatformDetails") or raw.optional_text("Platform") or "Linux/UNIX",
        subnet_id=raw.optional_text("SubnetId"),
        vpc_id=raw.optional_text("VpcId"),
        security_group_ids=tuple(sorted(group.text("GroupId") for group in raw.optional_parts("SecurityGroups"))),
        private_ip=raw.optional_text("PrivateIpAddress"),
        public_ip=raw.optional_text("PublicIpAddress"),
        ipv6_addresses=tuple(
            address.text("Ipv6Address")
            for interface in raw.optional_parts("NetworkInterfaces")
            for address in interface.optional_parts("Ipv6Addresses")
        ),
        profile_arn=raw.optional_part("IamInstanceProfile").optional_text("Arn"),
        metadata=MetadataOptions(
            endpoint_enabled=(metadata.optional_text("HttpEndpoint") or "enabled") == "enabled",
            tokens=_tokens(metadata),
        ),
    )


def _tokens(metadata: Answer) -> MetadataTokens:
    return metadata.word("HttpTokens", MetadataTokens) if metadata.has("HttpTokens") else MetadataTokens.OPTIONAL


def _registration(id_: str, raw: Answer) -> Registration:
    name = raw.optional_text("PlatformName") or ""
    return Registration(
        node_id=id_,
        ping=raw.word("PingStatus", PingStatus),
        last_ping=raw.optional_moment("LastPingDateTime"),
        agent_version=raw.optional_text("AgentVersion") or "",
        platform_family=_family(raw, name),
        platform=platform_in_words(name, raw.optional_text("PlatformVersion") or ""),
        computer_name=raw.optional_text("ComputerName") or "",
        ip_address=raw.optional_text("IPAddress"),
        iam_role=raw.optional_text("IamRole") if id_.startswith("mi-") else None,
        registered=raw.optional_moment("RegistrationDate"),
    )


def _family(raw: Answer, name: str) -> PlatformFamily:
    if raw.optional_text("PlatformType"):
        return raw.word("PlatformType", PlatformFamily)
    return PlatformFamily.WINDOWS if "Windows" in name else PlatformFamily.LINUX
