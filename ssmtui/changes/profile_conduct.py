"""How instance profiles are filled, given to instances and taken off them, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Response, Writing, value_at
from ssmtui.model.plan import JSON

_ARN = "IamInstanceProfileAssociations.0.IamInstanceProfile.Arn"


def _associations(writer: Writing, which: Mapping[str, JSON]) -> Response | None:
    return writer.read("ec2", "DescribeIamInstanceProfileAssociations", which)


def _of_instance(writer: Writing, parameters: Parameters) -> Response | Settled:
    filters: JSON = [
        {"Name": "instance-id", "Values": [parameters["InstanceId"]]},
        {"Name": "state", "Values": ["associating", "associated"]},
    ]
    arn = value_at(_associations(writer, {"Filters": filters}), _ARN)
    if arn is None:
        return Settled.NOT_MADE
    return {} if _is_named(arn, parameters) else Settled.UNKNOWN


def _is_over(writer: Writing, parameters: Parameters) -> Response | Settled:
    answer = _associations(writer, {"AssociationIds": [parameters["AssociationId"]]})
    state = value_at(answer, "IamInstanceProfileAssociations.0.State")
    return {} if state in (None, "disassociating", "disassociated") else Settled.NOT_MADE


def _of_association(writer: Writing, parameters: Parameters) -> Response | Settled:
    arn = value_at(_associations(writer, {"AssociationIds": [parameters["AssociationId"]]}), _ARN)
    if arn is None:
        return Settled.UNKNOWN
    return {} if _is_named(arn, parameters) else Settled.NOT_MADE


def _is_named(arn: str, parameters: Parameters) -> bool:
    return arn.rpartition("/")[2] == value_at(parameters["IamInstanceProfile"], "Name")


def _role_is(*, there: bool) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Response | Settled:
        which = {"InstanceProfileName": parameters["InstanceProfileName"]}
        roles = value_at(writer.read("iam", "GetInstanceProfile", which), "InstanceProfile.Roles.*.RoleName")
        if roles is None:
            return Settled.UNKNOWN
        return {} if (parameters["RoleName"] in roles.splitlines()) is there else Settled.NOT_MADE

    return look


PROFILE_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ec2", "AssociateIamInstanceProfile"): sent_once("ec2", "AssociateIamInstanceProfile", _of_instance),
    ("ec2", "DisassociateIamInstanceProfile"): sent_once("ec2", "DisassociateIamInstanceProfile", _is_over),
    ("ec2", "ReplaceIamInstanceProfileAssociation"): sent_once(
        "ec2", "ReplaceIamInstanceProfileAssociation", _of_association
    ),
    ("iam", "AddRoleToInstanceProfile"): sent_once("iam", "AddRoleToInstanceProfile", _role_is(there=True)),
    ("iam", "RemoveRoleFromInstanceProfile"): sent_once("iam", "RemoveRoleFromInstanceProfile", _role_is(there=False)),
}
