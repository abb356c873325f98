"""How a role's policies are written, and read back where the answer was lost."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.model.plan import json_text


def _document_is_there(writer: Writing, parameters: Parameters) -> Response | Settled:
    found = _document(writer, parameters)
    if found is None:
        return Settled.NOT_MADE
    # Another text is the one of before, or somebody's since: reading it once more would not tell.
    return {} if found == json_text(json.loads(str(parameters["PolicyDocument"]))) else Settled.UNKNOWN


def _document_is_gone(writer: Writing, parameters: Parameters) -> Response | Settled:
    return {} if _document(writer, parameters) is None else Settled.NOT_MADE


def _trust_is_as_wanted(writer: Writing, parameters: Parameters) -> Response | Settled:
    found = value_at(
        writer.read("iam", "GetRole", {"RoleName": parameters["RoleName"]}), "Role.AssumeRolePolicyDocument"
    )
    if found is None:
        return Settled.UNKNOWN
    return {} if found == json_text(json.loads(str(parameters["PolicyDocument"]))) else Settled.NOT_MADE


def _policy_is_attached(writer: Writing, parameters: Parameters) -> Response | Settled:
    return {} if parameters["PolicyArn"] in _attached(writer, parameters) else Settled.NOT_MADE


def _policy_is_detached(writer: Writing, parameters: Parameters) -> Response | Settled:
    return Settled.NOT_MADE if parameters["PolicyArn"] in _attached(writer, parameters) else {}


def _document(writer: Writing, parameters: Parameters) -> str | None:
    which = {"RoleName": parameters["RoleName"], "PolicyName": parameters["PolicyName"]}
    return value_at(writer.read("iam", "GetRolePolicy", which), "PolicyDocument")


def _attached(writer: Writing, parameters: Parameters) -> list[str]:
    answer = writer.read("iam", "ListAttachedRolePolicies", {"RoleName": parameters["RoleName"]})
    return (value_at(answer, "AttachedPolicies.*.PolicyArn") or "").splitlines()


def _role_is(*, there: bool) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Response | Settled:
        found = value_at(writer.read("iam", "GetRole", {"RoleName": parameters["RoleName"]}), "Role.Arn")
        return {} if (found is not None) is there else Settled.NOT_MADE

    return look


ROLE_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("iam", "PutRolePolicy"): sent_once("iam", "PutRolePolicy", _document_is_there),
    ("iam", "DeleteRolePolicy"): sent_once("iam", "DeleteRolePolicy", _document_is_gone),
    ("iam", "CreateRole"): sent_once("iam", "CreateRole", _role_is(there=True)),
    ("iam", "DeleteRole"): sent_once("iam", "DeleteRole", _role_is(there=False)),
    ("iam", "AttachRolePolicy"): sent_once("iam", "AttachRolePolicy", _policy_is_attached),
    ("iam", "DetachRolePolicy"): sent_once("iam", "DetachRolePolicy", _policy_is_detached),
    ("iam", "UpdateAssumeRolePolicy"): sent_once("iam", "UpdateAssumeRolePolicy", _trust_is_as_wanted),
}
