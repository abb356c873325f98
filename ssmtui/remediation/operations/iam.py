"""Write operations of IAM: roles, their policies, and instance profiles."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Call, Plan, json_text
from ssmtui.remediation.operations.resource_forms import (
    IN_ITS_STACK,
    NEW_ROLE,
    Arguments,
    BlockAddress,
    CloudFormationForm,
    NotExpressibleError,
    Properties,
    TerraformForm,
    imported_by,
    makes_role,
)
from ssmtui.remediation.operations.write_operation import (
    ChangeWriter,
    OutcomeCheck,
    Parameters,
    Response,
    Settlement,
    WriteOperation,
    value_at,
    value_is,
)


def _policy_text(parameters: Parameters) -> str:
    return json_text(json.loads(str(parameters["PolicyDocument"])))


def _document_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    found = _document(writer, parameters)
    if found is None:
        return Settlement.NOT_MADE
    # Another text is the old text or somebody's edit: reading it again would not help.
    return {} if found == _policy_text(parameters) else Settlement.UNKNOWN


def _document_is_gone(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _document(writer, parameters) is None else Settlement.NOT_MADE


def _policy_is_attached(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if parameters["PolicyArn"] in _attached(writer, parameters) else Settlement.NOT_MADE


def _policy_is_detached(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return Settlement.NOT_MADE if parameters["PolicyArn"] in _attached(writer, parameters) else {}


def _document(writer: ChangeWriter, parameters: Parameters) -> str | None:
    which = {"RoleName": parameters["RoleName"], "PolicyName": parameters["PolicyName"]}
    return value_at(writer.read("iam", "GetRolePolicy", which), "PolicyDocument")


def _attached(writer: ChangeWriter, parameters: Parameters) -> list[str]:
    answer = writer.read("iam", "ListAttachedRolePolicies", {"RoleName": parameters["RoleName"]})
    return (value_at(answer, "AttachedPolicies.*.PolicyArn") or "").splitlines()


def _role_is(*, there: bool) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        found = value_at(writer.read("iam", "GetRole", {"RoleName": parameters["RoleName"]}), "Role.Arn")
        return {} if (found is not None) is there else Settlement.NOT_MADE

    return look


def _role_of_profile_is(*, there: bool) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        which = {"InstanceProfileName": parameters["InstanceProfileName"]}
        roles = value_at(writer.read("iam", "GetInstanceProfile", which), "InstanceProfile.Roles.*.RoleName")
        if roles is None:
            return Settlement.UNKNOWN
        return {} if (parameters["RoleName"] in roles.splitlines()) is there else Settlement.NOT_MADE

    return look


def _import_id_of_policy(_call: Call, plan: Plan, arguments: Arguments) -> str:
    return f"{arguments['role']}:{arguments['name']}" if plan.before else ""


def _inline_policy(_call: Call, plan: Plan, values: Properties) -> Sequence[Properties]:
    if plan.before:
        raise NotExpressibleError(
            say("The role already has that inline policy, and CloudFormation cannot import inline policies.")
        )
    return ({**values, "PolicyDocument": json.loads(str(values["PolicyDocument"]))},)


def _role_with_policies(_call: Call, plan: Plan, values: Properties) -> Sequence[Properties]:
    trust: JSON = json.loads(str(values["AssumeRolePolicyDocument"]))
    attached: list[JSON] = [
        str(each.parameters["PolicyArn"]) for each in plan.calls if each.operation == "AttachRolePolicy"
    ]
    return ({**values, "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": attached},)


def _attached_to_role(_call: Call, plan: Plan, values: Properties) -> Sequence[Arguments]:
    """Reference a role of the same plan by its address, so that Terraform creates the role first."""
    role = BlockAddress("aws_iam_role.node.name") if makes_role(plan) else values["role"]
    return ({**values, "role": role},)


def _named_by_new_role(_call: Call, plan: Plan, _values: Properties) -> Sequence[Properties]:
    if makes_role(plan):
        return ()
    raise NotExpressibleError(
        say(
            "CloudFormation has no separate resource for an attached managed policy. Add the policy to "
            "ManagedPolicyArns of the AWS::IAM::Role in its stack."
        )
    )


def _with_path(call: Call, plan: Plan, values: Properties) -> Sequence[Properties]:
    path = plan.subject.id.partition(":role/")[2].removesuffix(str(call.parameters["RoleName"]))
    return ({**values, "path": f"/{path}"} if path else values,)


_INLINE = ("RoleName", "PolicyName")
_ATTACHED = ("RoleName", "PolicyArn")
_IN_PROFILE = ("InstanceProfileName", "RoleName")

IAM_OPERATIONS = (
    WriteOperation(
        "iam",
        "PutRolePolicy",
        (*_INLINE, "PolicyDocument"),
        _document_is_there,
        reads=("GetRolePolicy",),
        terraform=TerraformForm(
            "aws_iam_role_policy",
            "session_manager",
            {"PolicyName": "name", "RoleName": "role", "PolicyDocument": "policy"},
            import_id=_import_id_of_policy,
        ),
        cloudformation=CloudFormationForm(
            "AWS::IAM::RolePolicy",
            "SessionManagerPolicy",
            {"RoleName": "RoleName", "PolicyName": "PolicyName", "PolicyDocument": "PolicyDocument"},
            complete=_inline_policy,
        ),
        policy_document="PolicyDocument",
    ),
    WriteOperation("iam", "DeleteRolePolicy", _INLINE, _document_is_gone, reads=("GetRolePolicy",)),
    WriteOperation(
        "iam",
        "AttachRolePolicy",
        _ATTACHED,
        _policy_is_attached,
        reads=("ListAttachedRolePolicies",),
        terraform=TerraformForm(
            "aws_iam_role_policy_attachment",
            "session_manager",
            {"RoleName": "role", "PolicyArn": "policy_arn"},
            complete=_attached_to_role,
        ),
        cloudformation=CloudFormationForm(
            "AWS::IAM::Role", NEW_ROLE, {}, identifiers=_ATTACHED, complete=_named_by_new_role
        ),
    ),
    WriteOperation("iam", "DetachRolePolicy", _ATTACHED, _policy_is_detached, reads=("ListAttachedRolePolicies",)),
    WriteOperation(
        "iam",
        "CreateRole",
        ("RoleName", "Path", "AssumeRolePolicyDocument"),
        _role_is(there=True),
        reads=("GetRole",),
        terraform=TerraformForm(
            "aws_iam_role",
            "node",
            {"RoleName": "name", "Path": "path", "AssumeRolePolicyDocument": "assume_role_policy"},
        ),
        cloudformation=CloudFormationForm(
            "AWS::IAM::Role",
            NEW_ROLE,
            {
                "RoleName": "RoleName",
                "Path": "Path",
                "AssumeRolePolicyDocument": "AssumeRolePolicyDocument",
            },
            complete=_role_with_policies,
        ),
        policy_document="AssumeRolePolicyDocument",
    ),
    WriteOperation("iam", "DeleteRole", ("RoleName",), _role_is(there=False), reads=("GetRole",)),
    WriteOperation(
        "iam",
        "UpdateAssumeRolePolicy",
        ("RoleName", "PolicyDocument"),
        value_is("iam", "GetRole", ("RoleName",), "Role.AssumeRolePolicyDocument", _policy_text),
        reads=("GetRole",),
        terraform=TerraformForm(
            "aws_iam_role",
            "node",
            {"RoleName": "name", "PolicyDocument": "assume_role_policy"},
            import_id=imported_by("RoleName"),
            keep=True,
            complete=_with_path,
        ),
        cloudformation=IN_ITS_STACK,
        policy_document="PolicyDocument",
    ),
    WriteOperation(
        "iam",
        "AddRoleToInstanceProfile",
        _IN_PROFILE,
        _role_of_profile_is(there=True),
        reads=("GetInstanceProfile",),
        further_actions=("iam:PassRole",),
        terraform=TerraformForm(
            "aws_iam_instance_profile",
            "node",
            {"InstanceProfileName": "name", "RoleName": "role"},
            import_id=imported_by("InstanceProfileName"),
            keep=True,
        ),
        cloudformation=translatable(
            "Change the role in the AWS::IAM::InstanceProfile of the stack that created the profile."
        ),
    ),
    WriteOperation(
        "iam",
        "RemoveRoleFromInstanceProfile",
        _IN_PROFILE,
        _role_of_profile_is(there=False),
        reads=("GetInstanceProfile",),
    ),
)
