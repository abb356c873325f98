"""What an API call asks for: the IAM actions and the ARNs they are judged on.

Source: the Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation.stored_policies import find_key, find_role


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource that a caller must be allowed, with the condition keys that it alone has."""

    action: str
    resource: str = "*"
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """An API call with its parameters, by the names of the service's model."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    @property
    def partition(self) -> str:
        """The partition that the Region belongs to."""
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def texts(self, *names: str) -> tuple[str, ...]:
        """The values of the parameters of these names, one by one where they are lists."""
        given = [self.parameters[name] for name in names if name in self.parameters]
        return tuple(str(item) for value in given for item in (value if isinstance(value, list) else [value]))

    def text(self, *names: str) -> str:
        """The first of these parameters, or an empty text."""
        return next(iter(self.texts(*names)), "")


def action_of(call: Call) -> tuple[Need, ...]:
    """Every action the call needs; empty for sts:GetCallerIdentity, which no policy can refuse."""
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return ()
    if call.service == "iam-toolbox":
        return (Need(f"iam:{call.operation}"),)
    operation = _S3_ACTIONS.get(call.operation, call.operation) if call.service == "s3" else call.operation
    resources = _RESOURCES.get(call.service, _everything)(call) or ("*",)
    keys = _keys(call)
    needs = tuple(Need(f"{call.service}:{operation}", resource, keys) for resource in resources)
    return needs + _passed_roles(call) + _tags_on_creation(call)


def _tags_on_creation(call: Call) -> tuple[Need, ...]:
    """What EC2 asks for besides, of a call that gives tags to what it makes.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    """
    if call.service != "ec2":
        return ()
    keys = (("ec2:CreateAction", call.operation),)
    specified = call.parameters.get("TagSpecifications", ())
    return tuple(Need("ec2:CreateTags", call.arn("ec2", f"{each['ResourceType']}/*"), keys) for each in specified)


def node_arn(node_id: str, account: str, region: str) -> str:
    """The ARN that actions on a node are judged on: EC2's for instances, Systems Manager's for hybrid nodes."""
    service, kind = ("ssm", "managed-instance") if node_id.startswith("mi-") else ("ec2", "instance")
    return f"arn:{get_partition(region)}:{service}:{region}:{account}:{kind}/{node_id}"


def document_arn(name: str, account: str, region: str) -> str:
    """The ARN of a Systems Manager document; documents of AWS carry no account."""
    if name.startswith("arn:"):
        return name
    owner = "" if name.startswith("AWS") else account
    return f"arn:{get_partition(region)}:ssm:{region}:{owner}:document/{name}"


def log_lookup_arn(account: str, region: str) -> str:
    """What logs:DescribeLogGroups is judged on: no group in particular, so no statement scoped to one fits."""
    return f"arn:{get_partition(region)}:logs:{region}:{account}:log-group::log-stream:"


def log_group_arn(name: str, account: str, region: str) -> str:
    """What actions on a log group and its streams are judged on."""
    return f"arn:{get_partition(region)}:logs:{region}:{account}:log-group:{name}:log-stream:"


def _everything(_call: Call) -> tuple[str, ...]:
    return ()


def _keys(call: Call) -> tuple[tuple[str, str], ...]:
    if (call.service, call.operation) in {("iam", "AttachRolePolicy"), ("iam", "DetachRolePolicy")}:
        return (("iam:PolicyARN", call.text("PolicyArn")),)
    if (call.service, call.operation) == ("sts", "AssumeRole"):
        given = {"sts:ExternalId": call.text("ExternalId"), "sts:RoleSessionName": call.text("RoleSessionName")}
        return tuple((key, value) for key, value in given.items() if value)
    return ()


def _ssm(call: Call) -> tuple[str, ...]:
    if call.operation == "ListTagsForResource":
        return _tagged(call)
    documents = () if "Document" not in call.operation else call.texts("Name", "DocumentName")
    if call.operation in {"StartSession", "SendCommand"}:
        documents = call.texts("DocumentName")
    nodes = call.texts("Target", "InstanceId", "InstanceIds") + _asked_access_to(call)
    sessions = call.texts("SessionId")
    settings = call.texts("SettingId")
    return (
        *(node_arn(node, call.account, call.region) for node in nodes),
        *(document_arn(name, call.account, call.region) for name in documents),
        *(call.arn("ssm", f"session/{session}") for session in sessions),
        *(call.arn("ssm", f"opsitem/{request}") for request in call.texts("AccessRequestId")),
        *(s if s.startswith("arn:") else call.arn("ssm", f"servicesetting{s}") for s in settings),
    )


def _asked_access_to(call: Call) -> tuple[str, ...]:
    """The nodes of StartAccessRequest."""
    targets = call.parameters.get("Targets", ()) if call.operation == "StartAccessRequest" else ()
    return tuple(str(value) for target in targets for value in target.get("Values", ()))


def _ec2(call: Call) -> tuple[str, ...]:
    if call.operation.startswith("Describe") and call.operation != "DescribeVpcAttribute":
        return ()
    if call.operation == "GetManagedPrefixListEntries":
        # Lists of AWS have no account of a customer; which it is makes no difference to a caller.
        return (f"arn:{call.partition}:ec2:{call.region}:aws:prefix-list/{call.text('PrefixListId')}",)
    associated = call.text("AssociationId")
    if associated:
        held = ec2_backends[call.account][call.region].iam_instance_profile_associations.values()
        found = next((each.instance_id for each in held if each.association_id == associated), "*")
        return (call.arn("ec2", f"instance/{found}"),)
    kinds = {
        "InstanceId": "instance",
        "InstanceIds": "instance",
        "GroupId": "security-group",
        "VpcId": "vpc",
        "VpcEndpointId": "vpc-endpoint",
        "VpcEndpointIds": "vpc-endpoint",
        "SubnetId": "subnet",
        "SubnetIds": "subnet",
        "SecurityGroupIds": "security-group",
        "RouteTableIds": "route-table",
        "RouteTableId": "route-table",
        "NetworkAclId": "network-acl",
    }
    named = tuple(call.arn("ec2", f"{kind}/{value}") for name, kind in kinds.items() for value in call.texts(name))
    return (*named, call.arn("ec2", "vpc-endpoint/*")) if call.operation == "CreateVpcEndpoint" else named


def _tagged(call: Call) -> tuple[str, ...]:
    kind, id_ = call.text("ResourceType"), call.text("ResourceId")
    if kind == "Document":
        return (document_arn(id_, call.account, call.region),)
    return (node_arn(id_, call.account, call.region),) if kind == "ManagedInstance" else ()


def _iam(call: Call) -> tuple[str, ...]:
    def owned(resource: str) -> str:
        return f"arn:{call.partition}:iam::{call.account}:{resource}"

    source = call.text("PolicySourceArn")
    if source:
        return (source,)
    role_name = call.text("RoleName")
    if role_name and "InstanceProfile" not in call.operation:
        role = find_role(call.account, call.region, role_name)
        return (role.arn if role else owned(f"role{call.text('Path') or '/'}{role_name}"),)
    profile = call.text("InstanceProfileName")
    if profile:
        return (owned(f"instance-profile/{profile}"),)
    user = call.text("UserName")
    if user:
        return (owned(f"user/{user}"),)
    return call.texts("PolicyArn")


def _kms(call: Call) -> tuple[str, ...]:
    key_id = call.text("KeyId", "TargetKeyId")
    if not key_id or call.operation == "ListAliases":
        return ()
    key = find_key(call.account, call.region, key_id)
    if key is not None:
        return (key.arn,)
    return (key_id if key_id.startswith("arn:") else call.arn("kms", f"key/{key_id}"),)


def _s3(call: Call) -> tuple[str, ...]:
    bucket, key = call.text("Bucket"), call.text("Key")
    if not bucket:
        return ()
    return (f"arn:{call.partition}:s3:::{bucket}/{key}" if key else f"arn:{call.partition}:s3:::{bucket}",)


def _logs(call: Call) -> tuple[str, ...]:
    if call.operation == "DescribeLogGroups":
        return (log_lookup_arn(call.account, call.region),)
    if call.operation == "ListTagsForResource":
        return call.texts("resourceArn")
    group = call.text("logGroupName")
    return (log_group_arn(group, call.account, call.region) + call.text("logStreamName"),) if group else ()


def _passed_roles(call: Call) -> tuple[Need, ...]:
    role_name = ""
    if (call.service, call.operation) == ("ssm", "UpdateServiceSetting"):
        role_name = call.text("SettingValue") if "management-role" in call.text("SettingId") else ""
    if (call.service, call.operation) == ("iam", "AddRoleToInstanceProfile"):
        role_name = call.text("RoleName")
    if call.operation in {"AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"}:
        role_name = _role_in_profile(call)
    role = find_role(call.account, call.region, role_name) if role_name else None
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
    service = "ssm.amazonaws.com" if call.service == "ssm" else "ec2.amazonaws.com"
    return (Need("iam:PassRole", role.arn, (("iam:PassedToService", service),)),) if role else ()


def _role_in_profile(call: Call) -> str:
    wanted: Mapping[str, str] = call.parameters.get("IamInstanceProfile", {})
    name = wanted.get("Name") or wanted.get("Arn", "").rpartition("/")[2]
    profiles = iam_backends[call.account][call.partition].instance_profiles.values()
    found = next((each for each in profiles if each.name == name and each.roles), None)
    return str(found.roles[0].name) if found else ""


_RESOURCES: Final[dict[str, Callable[[Call], tuple[str, ...]]]] = {
    "ssm": _ssm,
    "ec2": _ec2,
    "iam": _iam,
    "kms": _kms,
    "s3": _s3,
    "logs": _logs,
    "sts": lambda call: call.texts("RoleArn"),
}

_S3_ACTIONS: Final = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "HeadObject": "GetObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
}
