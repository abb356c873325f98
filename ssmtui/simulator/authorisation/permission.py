"""Return what permissions a call needs, whether its caller has them, and the error that AWS would return.

Source: the Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.evaluation import (
    AuthorizationRequest,
    Decision,
    Outcome,
    Policies,
    PolicyKind,
    ResourcePolicy,
    evaluate,
)
from ssmtui.simulator.authorisation.key_facts import Values, context_keys
from ssmtui.simulator.authorisation.policies import Context, Principal
from ssmtui.simulator.authorisation.resource_keys import resource_keys
from ssmtui.simulator.authorisation.stored_policies import (
    bucket_policy,
    find_key,
    find_role,
    key_policy,
    owner_of_bucket,
    policies_of,
    principal_of,
    trust_policy,
)


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a call needs: one action on one resource, with its own condition keys."""

    action: str
    resource: str = "*"
    keys: tuple[tuple[str, Values], ...] = ()


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
        """The partition of the Region."""
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return the values of the parameters of these names; the items of lists one by one."""
        given = [self.parameters[name] for name in names if name in self.parameters]
        return tuple(str(item) for value in given for item in (value if isinstance(value, list) else [value]))

    def text(self, *names: str) -> str:
        """Return the first of these parameters, or an empty text."""
        return next(iter(self.texts(*names)), "")


def action_of(call: Call) -> tuple[Need, ...]:
    """Return every permission that a call needs; none for sts:GetCallerIdentity, which no policy can refuse."""
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
    """Return the extra permissions for an EC2 call that tags the resources that it creates.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    """
    if call.service != "ec2":
        return ()
    keys = (("ec2:CreateAction", call.operation),)
    specified = call.parameters.get("TagSpecifications", ())
    return tuple(Need("ec2:CreateTags", call.arn("ec2", f"{each['ResourceType']}/*"), keys) for each in specified)


def node_arn(node_id: str, account: str, region: str) -> str:
    """Return the ARN for actions on a node: EC2's for instances, Systems Manager's for hybrid nodes."""
    service, kind = ("ssm", "managed-instance") if node_id.startswith("mi-") else ("ec2", "instance")
    return f"arn:{get_partition(region)}:{service}:{region}:{account}:{kind}/{node_id}"


def document_arn(name: str, account: str, region: str) -> str:
    """Return the ARN of a Systems Manager document; documents of AWS have no account."""
    if name.startswith("arn:"):
        return name
    owner = "" if name.startswith("AWS") else account
    return f"arn:{get_partition(region)}:ssm:{region}:{owner}:document/{name}"


def log_lookup_arn(account: str, region: str) -> str:
    """Return the ARN for logs:DescribeLogGroups: no particular group, so a statement scoped to one does not match."""
    return f"arn:{get_partition(region)}:logs:{region}:{account}:log-group::log-stream:"


def log_group_arn(name: str, account: str, region: str) -> str:
    """Return the ARN for actions on a log group and its streams."""
    return f"arn:{get_partition(region)}:logs:{region}:{account}:log-group:{name}:log-stream:"


def _everything(_call: Call) -> tuple[str, ...]:
    return ()


def _keys(call: Call) -> tuple[tuple[str, Values], ...]:
    if call.service == "kms":
        return context_keys(call.parameters.get("EncryptionContext") or {})
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
    """Return the nodes of StartAccessRequest."""
    targets = call.parameters.get("Targets", ()) if call.operation == "StartAccessRequest" else ()
    return tuple(str(value) for target in targets for value in target.get("Values", ()))


def _ec2(call: Call) -> tuple[str, ...]:
    if call.operation.startswith("Describe") and call.operation != "DescribeVpcAttribute":
        return ()
    if call.operation == "GetManagedPrefixListEntries":
        # Lists of AWS belong to no customer's account; the account in the ARN makes no difference to a caller.
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
    if (call.service, call.operation) == ("ssm", "CreateActivation"):
        role_name = call.text("IamRole")
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """An access-denied error, independent of the protocol of its service."""

    code: str
    status: int
    message: str


def refusal(service: str, caller_arn: str, need: Need, decision: Decision, authorization_id: str = "") -> Refusal:
    """Return the error for a refused request; with an id, if the service gives one."""
    sentence = f"User: {caller_arn} is not authorized to perform: {need.action}"
    shown = _shown(service, need.resource)
    if shown:
        sentence += f" on resource: {shown}"
    reason = _reason(need.action, decision)
    sentence += f"{' ' if reason else ''}{reason}{_directions(authorization_id)}"
    if service == "ec2":
        return Refusal("UnauthorizedOperation", 403, f"You are not authorized to perform this operation. {sentence}")
    if service in {"iam", "sts", "s3"}:
        return Refusal("AccessDenied", 403, sentence)
    return Refusal("AccessDeniedException", 400, sentence)


def _reason(action: str, decision: Decision) -> str:
    kind = decision.refused_by or PolicyKind.IDENTITY
    if decision.outcome is Outcome.EXPLICIT_DENY:
        article = "an" if kind is PolicyKind.IDENTITY else "a"
        named = next((each.arn for each in decision.matched if each.kind is kind and each.arn), "")
        return f"with an explicit deny in {article} {kind}" + (f": {named}" if named else "")
    if (action, kind) == ("sts:AssumeRole", PolicyKind.RESOURCE):
        # AWS does not say what a role's trust policy lacks.
        return ""
    return f"because no {kind} allows the {action} action"


def _directions(authorization_id: str) -> str:
    """Return where the refusal can be looked up. The console's link is to us-east-1 for every Region."""
    if not authorization_id:
        return ""
    console = "https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/"
    return (
        f". Go to {console}{authorization_id} for complete details, or call the GetRequestAuthorizationDetails API "
        f"with the following authorization id: {authorization_id}"
    )


def _shown(service: str, resource: str) -> str:
    """Return how a service writes the resource: IAM by kind and name, S3 in quotes, EC2 not at all if there is none."""
    if resource == "*":
        return "" if service == "ec2" else "*"
    if service == "s3":
        return f'"{resource}"'
    if service == "iam" and ":policy/" in resource:
        return f"policy {resource}"
    for kind in ("role", "instance-profile", "user"):
        if service == "iam" and f":{kind}/" in resource:
            return f"{kind.replace('-', ' ')} {resource.rpartition('/')[2]}"
    return resource


# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html
KEPT_FOR: Final = timedelta(hours=24)
SERVICES_WITH_IDS: Final = frozenset({"iam"})
"""The services whose refusals have an id; AWS adds services one by one."""

HOME_OF_IAM: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of IAM's endpoint in each partition; its refusals are stored there."""

_ID_DIGITS: Final = string.digits + string.ascii_lowercase
_ID_LENGTH: Final = 25


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A refused request: Region, time, action and condition keys, and every policy that applied."""

    region: str
    at: datetime
    need: Need
    decision: Decision
    policies: Policies
    keys: Mapping[str, Values]


_refused_requests: dict[str, RefusedRequest] = {}


def store_refused_request(record: RefusedRequest) -> str:
    """Store a refused request; return the id by which it can be looked up."""
    number = int.from_bytes(hashlib.sha256(str(len(_refused_requests)).encode()).digest())
    id_ = ""
    while len(id_) < _ID_LENGTH:
        number, digit = divmod(number, len(_ID_DIGITS))
        id_ += _ID_DIGITS[digit]
    _refused_requests[id_] = record
    return id_


def find_refused_request(id_: str, region: str) -> RefusedRequest | None:
    """Return the refused request of an id in a Region; None if there is none, or it has expired."""
    record = _refused_requests.get(id_)
    if record is None or record.region != region or datetime.now(UTC) - record.at > KEPT_FOR:
        return None
    return record


def age_refused_requests(by: timedelta) -> None:
    """Make every stored refused request older by this time."""
    for id_, record in _refused_requests.items():
        _refused_requests[id_] = replace(record, at=record.at - by)


def forget_refused_requests() -> None:
    """Forget all refused requests."""
    _refused_requests.clear()


ACCESS_CHECK: Final = "ssm:SessionDocumentAccessCheck"
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"

_ABOUT_NODES: Final = frozenset({"StartSession", "StartAccessRequest"})


def completed_needs(call: Call, needs: tuple[Need, ...], policies: Policies) -> tuple[Need, ...]:
    """Return the needs of a call, with those that depend on the caller's own policies."""
    if call.service != "ssm" or call.operation not in _ABOUT_NODES:
        return needs
    completed = tuple(replace(need, keys=(*need.keys, *_target_keys(call, need))) for need in needs)
    if call.operation == "StartSession" and not call.text("DocumentName") and checks_documents(policies):
        arn = document_arn(DEFAULT_DOCUMENT, call.account, call.region)
        return (*completed, Need("ssm:StartSession", arn, ((ACCESS_CHECK, "true"),)))
    return completed


def checks_documents(policies: Policies) -> bool:
    """Return whether a policy of the caller requires a check of the session's document."""
    return any(
        condition.key.lower() == ACCESS_CHECK.lower()
        for policy in policies.identity
        for statement in policy.statements
        for condition in statement.conditions
    )


def tags_of_node(account: str, region: str, node_id: str) -> Mapping[str, str]:
    """Return the tags of an instance or of a hybrid node."""
    for reservation in ec2_backends[account][region].reservations.values():
        for instance in reservation.instances:
            if instance.id == node_id:
                return {str(tag["key"]): str(tag["value"]) for tag in instance.get_tags()}
    return state.hidden(account, region).hybrid_node_tags.get(node_id, {})


def _target_keys(call: Call, need: Need) -> Iterator[tuple[str, str]]:
    yield ACCESS_CHECK, "true"
    if ":document/" not in need.resource:
        node_id = need.resource.rpartition("/")[2]
        for name, value in tags_of_node(call.account, call.region, node_id).items():
            yield f"ssm:resourceTag/{name}", value


CALLER_REQUEST_KEYS: Final[Mapping[str, str]] = {"aws:SourceIp": "203.0.113.10"}
"""The caller's source address: an address of TEST-NET-3 (RFC 5737)."""

_UNDER_RESOURCE_CONTROL: Final = frozenset({"s3", "sts", "kms", "sqs", "secretsmanager"})


def authorise(caller_arn: str, call: Call) -> Refusal | None:
    """Return None if the caller is allowed to make this call, else the error of AWS."""
    principal = principal_of(caller_arn)
    expected = call.text("ExpectedBucketOwner") if call.service == "s3" else ""
    owner = owner_of_bucket(call.text("Bucket"), call.partition) if expected else None
    if owner is not None and owner != expected:
        return Refusal("AccessDenied", 403, "Access Denied")
    held = policies_of(principal)
    for need in completed_needs(call, action_of(call), held):
        policies = _all_policies(principal, need, call.region, held)
        own = request_keys(principal, call.region, need)
        keys = {**own, **CALLER_REQUEST_KEYS, **_of_resource(principal, need, call.region), **dict(need.keys)}
        decision = evaluate(AuthorizationRequest(principal, need.action, need.resource, Context.of(keys)), policies)
        if not decision.allowed:
            id_ = ""
            if call.service in SERVICES_WITH_IDS:
                remembered = keys | {"aws:PrincipalArn": principal.arn}
                id_ = store_refused_request(
                    RefusedRequest(HOME_OF_IAM[call.partition], datetime.now(UTC), need, decision, policies, remembered)
                )
            return refusal(call.service, caller_arn, need, decision, id_)
    return None


def permission(
    principal: Principal,
    need: Need,
    region: str,
    policies: Policies | None = None,
    keys: Mapping[str, str] = CALLER_REQUEST_KEYS,
) -> Decision:
    """Return whether a principal is allowed to do something, including key and bucket policies.

    `policies` replaces the principal's own, so that repeated callers collect them only once. `keys` are the condition
    keys that describe the origin of the request.
    """
    held = policies_of(principal) if policies is None else policies
    own = request_keys(principal, region, need)
    context = Context.of({**own, **keys, **_of_resource(principal, need, region), **dict(need.keys)})
    request = AuthorizationRequest(principal, need.action, need.resource, context)
    return evaluate(request, _all_policies(principal, need, region, held))


def _all_policies(principal: Principal, need: Need, region: str, held: Policies) -> Policies:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    on_resources = held.resource_control if need.action.partition(":")[0] in _UNDER_RESOURCE_CONTROL else ()
    return replace(held, resource=_resource_policy(principal, need, region), resource_control=on_resources)


def request_keys(principal: Principal, region: str, need: Need) -> dict[str, str]:
    """Return the condition keys of every request to a Region for a permission."""
    keys = {"aws:RequestedRegion": region, "aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    if not principal.account:
        return keys
    owner = _owner(principal, need, region)
    keys |= {"aws:ResourceAccount": owner, "kms:CallerAccount": principal.account}
    if need.action.startswith("s3:"):
        keys["s3:ResourceAccount"] = owner
    member_of = state.control_policies_of(principal.account).organization
    owned_by = state.control_policies_of(owner).organization
    if member_of:
        keys["aws:PrincipalOrgID"] = member_of
    return keys | {"aws:ResourceOrgID": owned_by} if owned_by else keys


def _owner(principal: Principal, need: Need, region: str) -> str:
    """Return the account that owns the resource of a permission; for new resources, the principal's."""
    parts = need.resource.split(":", 5)
    if len(parts) < 6:
        return principal.account
    if parts[2] == "s3":
        return owner_of_bucket(parts[5].partition("/")[0], get_partition(region)) or principal.account
    return parts[4] or principal.account


def _of_resource(principal: Principal, need: Need, region: str) -> dict[str, Values]:
    """Return the condition keys about the resource that a permission is for."""
    return resource_keys(principal.account, region, need.action, need.resource)


def _resource_policy(principal: Principal, need: Need, region: str) -> ResourcePolicy | None:
    if need.action.startswith("kms:") and ":key/" in need.resource:
        return key_policy(principal.account, region, need.resource, principal, dict(need.keys))
    if need.action.startswith("s3:") and need.resource.startswith("arn:"):
        bucket_name = need.resource.split(":", 5)[5].partition("/")[0]
        return bucket_policy(principal.account, bucket_name, get_partition(region))
    if need.action == "sts:AssumeRole" and need.resource.startswith("arn:"):
        return trust_policy(need.resource)
    return None
