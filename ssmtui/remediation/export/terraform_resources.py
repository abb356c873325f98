"""The Terraform resources that API calls correspond to, and HCL text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Call, Plan
from ssmtui.remediation.export.cli_steps import known_beforehand, tags_on_creation
from ssmtui.remediation.export.request import NotExpressibleError, is_visible

_INDENT = "  "
_CHOMP = "chomp("


@dataclass(frozen=True, slots=True)
class BlockAddress:
    """The address of a block (`aws_iam_role.node`), or one of its attributes; made of names of ours."""

    text: str


@dataclass(frozen=True, slots=True)
class HclBlock:
    """A block: its type, its labels, its arguments in order, and the blocks in it."""

    kind: str
    labels: tuple[str, ...]
    arguments: Mapping[str, JSON | BlockAddress]
    blocks: tuple[HclBlock, ...] = ()


def block_lines(block: HclBlock, depth: int = 0) -> Iterator[str]:
    """The lines of a block."""
    indent = _INDENT * depth
    labels = "".join(f' "{label}"' for label in block.labels)
    yield f"{indent}{block.kind}{labels} {{"
    for group in _aligned(block.arguments):
        widest = max(len(name) for name, _ in group)
        for name, written in group:
            yield f"{indent}{_INDENT}{name:<{widest}} = {written}"
    for inner in block.blocks:
        yield ""
        yield from block_lines(inner, depth + 1)
    yield f"{indent}}}"


def _aligned(arguments: Mapping[str, JSON | BlockAddress]) -> Iterator[Sequence[tuple[str, str]]]:
    """Split arguments into runs whose equals signs `terraform fmt` aligns.

    A value of several lines ends a run. Its first line belongs to the run unless that line leaves a bracket open.
    """
    run: list[tuple[str, str]] = []
    for name, value in arguments.items():
        written = hcl_value(value)
        if written.startswith(_CHOMP):
            if run:
                yield run
            yield [(name, written)]
            run = []
            continue
        run.append((name, written))
        if "\n" in written:
            yield run
            run = []
    if run:
        yield run


def hcl_value(value: JSON | BlockAddress) -> str:
    """One value. A text of several lines becomes a here-document, with every byte of it."""
    match value:
        case BlockAddress(text):
            return text
        case str() if "\n" in value and is_visible(value):
            return _here_document(value)
        case str():
            return _quoted(value)
        case Mapping():
            members = ", ".join(f"{_quoted(name)} = {hcl_value(each)}" for name, each in value.items())
            return f"{{ {members} }}"
        case Sequence():
            return f"[{', '.join(hcl_value(each) for each in value)}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    # Strings are escaped as in JSON, but that a character beyond the first plane has one escape of eight digits.
    written = "".join(_escaped(each) for each in text)
    return f'"{_unexpanded(written)}"'


def _escaped(character: str) -> str:
    if character in '"\\\n' or is_visible(character):
        return json.dumps(character, ensure_ascii=False)[1:-1]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _unexpanded(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _here_document(text: str) -> str:
    """A here-document always ends in a newline: where the text does not, `chomp` takes it away."""
    whole = text.endswith("\n")
    body = _unexpanded(text[:-1] if whole else text)
    end = "EOT"
    while any(line.strip() == end for line in body.split("\n")):
        end += "_"
    document = f"<<{end}\n{body}\n{end}"
    return document if whole else f"{_CHOMP}{document}\n)"


PROVIDER = Path(__file__).with_name("provider_arguments.json")
"""The arguments of each resource type that is used here, from the provider's schema: `make provider` writes it."""


@dataclass(frozen=True, slots=True)
class ProviderArguments:
    """The arguments of a resource type: those that a configuration must set, and those that it can set."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


@cache
def provider_arguments() -> Mapping[str, ProviderArguments]:
    """Return the arguments of each resource type that is used here."""
    resources = json.loads(PROVIDER.read_text(encoding="utf-8"))["resources"]
    return {
        type_: ProviderArguments(tuple(each["required"]), tuple(each["optional"])) for type_, each in resources.items()
    }


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. `label` is what we call it; `import_id` is empty where it is new.

    `keep` says that it must not be replaced.
    """

    type: str
    label: str
    arguments: Mapping[str, JSON | BlockAddress]
    import_id: str = ""
    keep: bool = False
    blocks: tuple[HclBlock, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def left_alone(self) -> tuple[str, ...]:
        """The arguments of an imported resource that the plan does not set.

        Terraform would set each of them to the provider's default: all of them are ignored.
        """
        if not self.import_id:
            return ()
        return tuple(name for name in provider_arguments()[self.type].optional if name not in self.arguments)

    def is_same_thing(self, other: Resource) -> bool:
        """Whether both describe one thing that is there, so that their arguments belong together."""
        return bool(self.import_id) and (self.type, self.import_id) == (other.type, other.import_id)

    def with_arguments_of(self, other: Resource) -> Resource:
        """It, with the other's arguments besides its own."""
        return replace(self, arguments={**self.arguments, **other.arguments})


Expression = Callable[[Call, Plan], Sequence[Resource]]

# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
_INLINE_RULES = translatable(
    "If the security group is in a Terraform configuration with inline rules (ingress or egress blocks of its "
    "aws_security_group), add the rule there instead. Terraform removes rules that are not among the inline rules."
)


def _text(call: Call, name: str) -> str:
    return str(known_beforehand(name, call.parameters.get(name, "")))


def _json(call: Call, *names: tuple[str, str]) -> dict[str, JSON]:
    """Arguments by the provider's names, of those parameters that the call has."""
    found: dict[str, JSON] = {}
    for parameter, argument in names:
        if parameter in call.parameters:
            found[argument] = known_beforehand(parameter, call.parameters[parameter])
    return found


def _document(call: Call, _plan: Plan) -> Sequence[Resource]:
    is_new = call.operation == "CreateDocument"
    arguments = {
        "name": _text(call, "Name"),
        "document_type": "Session",
        "document_format": _text(call, "DocumentFormat") or "JSON",
        "content": _text(call, "Content"),
    }
    return (
        Resource(
            "aws_ssm_document",
            "session_preferences",
            arguments,
            import_id="" if is_new else _text(call, "Name"),
            keep=not is_new,
        ),
    )


def _nothing(_call: Call, _plan: Plan) -> Sequence[Resource]:
    return ()


def _role_policy(call: Call, plan: Plan) -> Sequence[Resource]:
    arguments = _json(call, ("PolicyName", "name"), ("RoleName", "role"), ("PolicyDocument", "policy"))
    import_id = f"{_text(call, 'RoleName')}:{_text(call, 'PolicyName')}" if plan.before else ""
    return (Resource("aws_iam_role_policy", "session_manager", arguments, import_id),)


def _attachment(call: Call, plan: Plan) -> Sequence[Resource]:
    arguments = {"role": _role_of(call, plan), **_json(call, ("PolicyArn", "policy_arn"))}
    return (Resource("aws_iam_role_policy_attachment", "session_manager", arguments),)


def _role_of(call: Call, plan: Plan) -> JSON | BlockAddress:
    """The role of a call: by its address where the plan makes it, so that Terraform makes it first."""
    return BlockAddress("aws_iam_role.node.name") if _makes_a_role(plan) else _text(call, "RoleName")


def _makes_a_role(plan: Plan) -> bool:
    return any(call.operation == "CreateRole" for call in plan.calls)


def _role(call: Call, _plan: Plan) -> Sequence[Resource]:
    arguments = _json(call, ("RoleName", "name"), ("Path", "path"), ("AssumeRolePolicyDocument", "assume_role_policy"))
    return (Resource("aws_iam_role", "node", arguments),)


def _trust(call: Call, plan: Plan) -> Sequence[Resource]:
    arguments = _json(call, ("RoleName", "name"), ("PolicyDocument", "assume_role_policy"))
    name = _text(call, "RoleName")
    path = plan.subject.id.partition(":role/")[2].removesuffix(name)
    if path:
        arguments["path"] = f"/{path}"
    return (Resource("aws_iam_role", "node", arguments, import_id=name, keep=True),)


def _instance_profile(call: Call, plan: Plan) -> Sequence[Resource]:
    arguments = _json(call, ("InstanceProfileName", "name"), ("Path", "path"), ("RoleName", "role"))
    made = any(each.operation == "CreateInstanceProfile" for each in plan.calls)
    if made and call.operation == "AddRoleToInstanceProfile":
        return ()  # the profile that is created names the role, below
    if call.operation == "CreateInstanceProfile":
        added = next((each for each in plan.calls if each.operation == "AddRoleToInstanceProfile"), None)
        arguments = {**arguments, **(_json(added, ("RoleName", "role")) if added is not None else {})}
        return (Resource("aws_iam_instance_profile", "node", arguments),)
    name = _text(call, "InstanceProfileName")
    return (Resource("aws_iam_instance_profile", "node", arguments, import_id=name, keep=True),)


def _group_rule(type_: str) -> Expression:
    def rules(call: Call, _plan: Plan) -> Sequence[Resource]:
        permissions = call.parameters["IpPermissions"]
        if not isinstance(permissions, Sequence):
            raise NotExpressibleError(say("The rules of this call are of an unknown form."))
        peers = [
            {"security_group_id": _text(call, "GroupId"), **_ports(permission), argument: each[member]}
            for permission in permissions
            if isinstance(permission, Mapping)
            for listed, member, argument in _PEERS
            for each in _members(permission, listed)
        ]
        remarks = (say(_INLINE_RULES),)
        return [
            Resource(type_, "https", arguments, remarks=() if number else remarks)
            for number, arguments in enumerate(peers)
        ]

    return rules


_PEERS = (
    ("IpRanges", "CidrIp", "cidr_ipv4"),
    ("Ipv6Ranges", "CidrIpv6", "cidr_ipv6"),
    ("PrefixListIds", "PrefixListId", "prefix_list_id"),
    ("UserIdGroupPairs", "GroupId", "referenced_security_group_id"),
)


def _ports(permission: Mapping[str, JSON]) -> dict[str, JSON]:
    names = {"IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port"}
    return {argument: permission[name] for name, argument in names.items() if name in permission}


def _members(permission: Mapping[str, JSON], name: str) -> list[Mapping[str, JSON]]:
    listed = permission.get(name, ())
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list | tuple) else []


def _vpc(call: Call, _plan: Plan) -> Sequence[Resource]:
    names = {"EnableDnsSupport": "enable_dns_support", "EnableDnsHostnames": "enable_dns_hostnames"}
    arguments: dict[str, JSON] = {}
    for name, argument in names.items():
        value = call.parameters.get(name)
        if isinstance(value, Mapping):
            arguments[argument] = value["Value"]
    return (Resource("aws_vpc", "nodes", arguments, import_id=_text(call, "VpcId"), keep=True),)


def _endpoint(call: Call, _plan: Plan) -> Sequence[Resource]:
    arguments = _json(
        call,
        ("VpcId", "vpc_id"),
        ("ServiceName", "service_name"),
        ("VpcEndpointType", "vpc_endpoint_type"),
        ("SubnetIds", "subnet_ids"),
        ("SecurityGroupIds", "security_group_ids"),
        ("RouteTableIds", "route_table_ids"),
        ("PrivateDnsEnabled", "private_dns_enabled"),
        ("PolicyDocument", "policy"),
    )
    tags = {str(each["Key"]): each["Value"] for each in tags_on_creation(call)}
    return (Resource("aws_vpc_endpoint", "session_manager", arguments | ({"tags": tags} if tags else {})),)


def _state(state: str) -> Expression:
    def instances(call: Call, _plan: Plan) -> Sequence[Resource]:
        listed = call.parameters.get("InstanceIds", ())
        ids = listed if isinstance(listed, list | tuple) else ()
        return [
            Resource("aws_ec2_instance_state", "node", {"instance_id": str(each), "state": state}, str(each))
            for each in ids
        ]

    return instances


def _key(call: Call, _plan: Plan) -> Sequence[Resource]:
    key_id = _text(call, "KeyId").rpartition("/")[2]
    return (Resource("aws_kms_key", "session", {"is_enabled": True}, import_id=key_id, keep=True),)


def _log_group(call: Call, _plan: Plan) -> Sequence[Resource]:
    arguments = _json(call, ("logGroupName", "name"), ("kmsKeyId", "kms_key_id"))
    is_new = call.operation == "CreateLogGroup"
    import_id = "" if is_new else _text(call, "logGroupName")
    return (Resource("aws_cloudwatch_log_group", "sessions", arguments, import_id, keep=not is_new),)


def _setting(call: Call, plan: Plan) -> Sequence[Resource]:
    setting = _text(call, "SettingId")
    scope = plan.scope
    arn = setting if setting.startswith("arn:") else scope.arn("ssm", f"servicesetting/{setting.strip('/')}")
    arguments: dict[str, JSON | BlockAddress] = {"setting_id": arn, "setting_value": _text(call, "SettingValue")}
    # The role is of use to nodes only after its policy is attached, and the attachment depends on the role.
    attached = sum(each.operation == "AttachRolePolicy" for each in plan.calls)
    if attached:
        address = "aws_iam_role_policy_attachment.session_manager"
        needed = (address, *(f"{address}_{number}" for number in range(2, attached + 1)))
        arguments["depends_on"] = BlockAddress(f"[{', '.join(needed)}]")
    elif _makes_a_role(plan):
        arguments["depends_on"] = BlockAddress("[aws_iam_role.node]")
    return (Resource("aws_ssm_service_setting", "nodes", arguments, import_id=arn),)


RESOURCES_BY_OPERATION: Mapping[tuple[str, str], Expression] = {
    ("ssm", "CreateDocument"): _document,
    ("ssm", "UpdateDocument"): _document,
    # The provider makes the version that it writes the default one.
    ("ssm", "UpdateDocumentDefaultVersion"): _nothing,
    ("ssm", "UpdateServiceSetting"): _setting,
    ("iam", "PutRolePolicy"): _role_policy,
    ("iam", "AttachRolePolicy"): _attachment,
    ("iam", "CreateRole"): _role,
    ("iam", "UpdateAssumeRolePolicy"): _trust,
    ("iam", "CreateInstanceProfile"): _instance_profile,
    ("iam", "AddRoleToInstanceProfile"): _instance_profile,
    ("ec2", "AuthorizeSecurityGroupIngress"): _group_rule("aws_vpc_security_group_ingress_rule"),
    ("ec2", "AuthorizeSecurityGroupEgress"): _group_rule("aws_vpc_security_group_egress_rule"),
    ("ec2", "ModifyVpcAttribute"): _vpc,
    ("ec2", "CreateVpcEndpoint"): _endpoint,
    ("ec2", "StartInstances"): _state("running"),
    ("ec2", "StopInstances"): _state("stopped"),
    ("kms", "EnableKey"): _key,
    ("logs", "CreateLogGroup"): _log_group,
    ("logs", "AssociateKmsKey"): _log_group,
}

REASONS_NOT_EXPRESSIBLE: Mapping[tuple[str, str], str] = {
    ("kms", "CancelKeyDeletion"): translatable("Terraform has no resource that cancels the deletion of a key."),
    ("kms", "TagResource"): translatable(
        "A tag of a key is one of the arguments of the aws_kms_key that made it (tags), and no resource of its own."
    ),
    ("ec2", "RebootInstances"): translatable("A reboot is no state that Terraform could describe."),
    ("ssm", "SendCommand"): translatable("A command that runs once is no state that Terraform could describe."),
    ("ssm", "TerminateSession"): translatable("The end of a session is no state that Terraform could describe."),
    ("ec2", "ModifyInstanceMetadataOptions"): translatable(
        "The metadata options are arguments of the aws_instance that made the instance (metadata_options), and no "
        "resource of their own."
    ),
    ("ec2", "AssociateIamInstanceProfile"): translatable(
        "The instance profile is an argument of the aws_instance that made the instance (iam_instance_profile), and "
        "no resource of its own."
    ),
    ("ec2", "ReplaceIamInstanceProfileAssociation"): translatable(
        "The instance profile is an argument of the aws_instance that made the instance (iam_instance_profile), and "
        "no resource of its own."
    ),
    ("ec2", "ModifyVpcEndpoint"): translatable(
        "Private DNS is an argument of the aws_vpc_endpoint that made the endpoint (private_dns_enabled); importing "
        "it takes the endpoint's service and VPC, which this change does not name."
    ),
    ("ssm", "ResetServiceSetting"): translatable(
        "A setting that is reset is no resource: take its resource away instead."
    ),
}
"""Why Terraform has no words for an operation."""
