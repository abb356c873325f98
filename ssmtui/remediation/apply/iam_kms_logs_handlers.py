"""Handlers of IAM, KMS and CloudWatch Logs operations."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.model.plan import JSON, json_text
from ssmtui.remediation.apply.operation_handler import (
    ChangeWriter,
    OperationHandler,
    OutcomeCheck,
    Parameters,
    Response,
    Settlement,
    handler_of_single_call,
    value_at,
)


def _document_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    found = _document(writer, parameters)
    if found is None:
        return Settlement.NOT_MADE
    # Another text is the one of before, or somebody's since: reading it once more would not tell.
    return {} if found == json_text(json.loads(str(parameters["PolicyDocument"]))) else Settlement.UNKNOWN


def _document_is_gone(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _document(writer, parameters) is None else Settlement.NOT_MADE


def _trust_is_as_wanted(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    found = value_at(
        writer.read("iam", "GetRole", {"RoleName": parameters["RoleName"]}), "Role.AssumeRolePolicyDocument"
    )
    if found is None:
        return Settlement.UNKNOWN
    return {} if found == json_text(json.loads(str(parameters["PolicyDocument"]))) else Settlement.NOT_MADE


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


ROLE_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("iam", "PutRolePolicy"): handler_of_single_call("iam", "PutRolePolicy", _document_is_there),
    ("iam", "DeleteRolePolicy"): handler_of_single_call("iam", "DeleteRolePolicy", _document_is_gone),
    ("iam", "CreateRole"): handler_of_single_call("iam", "CreateRole", _role_is(there=True)),
    ("iam", "DeleteRole"): handler_of_single_call("iam", "DeleteRole", _role_is(there=False)),
    ("iam", "AttachRolePolicy"): handler_of_single_call("iam", "AttachRolePolicy", _policy_is_attached),
    ("iam", "DetachRolePolicy"): handler_of_single_call("iam", "DetachRolePolicy", _policy_is_detached),
    ("iam", "UpdateAssumeRolePolicy"): handler_of_single_call("iam", "UpdateAssumeRolePolicy", _trust_is_as_wanted),
}


def _key_is(*wanted: str, was: str) -> OutcomeCheck:
    def look(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
        answer = writer.read("kms", "DescribeKey", {"KeyId": parameters["KeyId"]})
        state = value_at(answer, "KeyMetadata.KeyState")
        if state in wanted:
            return {}
        return Settlement.NOT_MADE if state == was else Settlement.UNKNOWN

    return look


def _group_is_there(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _streams(writer, parameters) is not None else Settlement.NOT_MADE


def _group_is_gone(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return {} if _streams(writer, parameters) is None else Settlement.NOT_MADE


def _streams(writer: ChangeWriter, parameters: Parameters) -> Response | None:
    return writer.read("logs", "DescribeLogStreams", {"logGroupName": parameters["logGroupName"], "limit": 1})


def _group_has_the_key(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    wanted = parameters["kmsKeyId"]
    key = _key_of_group(writer, parameters)
    if key == wanted:
        return {}
    # Another key than the wanted one may be the former one, or somebody else's.
    return Settlement.UNKNOWN if key else Settlement.NOT_MADE


def _group_has_no_key(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    return Settlement.NOT_MADE if _key_of_group(writer, parameters) else {}


def _key_of_group(writer: ChangeWriter, parameters: Parameters) -> str | None:
    named: dict[str, JSON] = {"logGroupNamePrefix": parameters["logGroupName"], "limit": 1}
    answer = writer.read("logs", "DescribeLogGroups", named)
    # Groups come sorted by their names: of all that begin with it, the name itself is first.
    there = value_at(answer, "logGroups.0.logGroupName") == parameters["logGroupName"]
    return value_at(answer, "logGroups.0.kmsKeyId") if there else None


def _has_tags(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    wanted = set(str(value_at(parameters["Tags"], "*.TagKey+TagValue")).splitlines())
    return {} if wanted <= _tags(writer, parameters, "TagKey+TagValue") else Settlement.NOT_MADE


def _lacks_tags(writer: ChangeWriter, parameters: Parameters) -> Response | Settlement:
    names = set(str(value_at(parameters["TagKeys"], "*")).splitlines())
    return Settlement.NOT_MADE if names & _tags(writer, parameters, "TagKey") else {}


def _tags(writer: ChangeWriter, parameters: Parameters, path: str) -> set[str]:
    answer = writer.read("kms", "ListResourceTags", {"KeyId": parameters["KeyId"]})
    return set((value_at(answer, f"Tags.*.{path}") or "").splitlines())


STORAGE_HANDLERS: Mapping[tuple[str, str], OperationHandler] = {
    ("kms", "EnableKey"): handler_of_single_call("kms", "EnableKey", _key_is("Enabled", was="Disabled")),
    ("kms", "DisableKey"): handler_of_single_call("kms", "DisableKey", _key_is("Disabled", was="Enabled")),
    ("kms", "CancelKeyDeletion"): handler_of_single_call(
        "kms", "CancelKeyDeletion", _key_is("Disabled", "Enabled", was="PendingDeletion")
    ),
    ("kms", "TagResource"): handler_of_single_call("kms", "TagResource", _has_tags),
    ("kms", "UntagResource"): handler_of_single_call("kms", "UntagResource", _lacks_tags),
    ("logs", "AssociateKmsKey"): handler_of_single_call("logs", "AssociateKmsKey", _group_has_the_key),
    ("logs", "DisassociateKmsKey"): handler_of_single_call("logs", "DisassociateKmsKey", _group_has_no_key),
    ("logs", "CreateLogGroup"): handler_of_single_call("logs", "CreateLogGroup", _group_is_there),
    ("logs", "DeleteLogGroup"): handler_of_single_call("logs", "DeleteLogGroup", _group_is_gone),
}
