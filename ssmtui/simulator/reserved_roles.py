"""What IAM refuses of roles that are AWS's own, whatever the caller may do."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator.authorisation.collect import find_role
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError

_PATHS: Final = ("/aws-service-role/", "/aws-reserved/")
_WRITES: Final = frozenset(
    {
        "AttachRolePolicy",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
    }
)


def refuse_change_of_reserved(call: ApiCall) -> None:
    """Raise AwsError for a change of a service-linked role, or of one that IAM Identity Center made.

    Texts: https://repost.aws/knowledge-center/identity-center-aws-reserved-sso
    """
    if call.service != "iam" or call.operation not in _WRITES:
        return
    role = find_role(call.account, call.region, str(call.parameters.get("RoleName", "")))
    if role is not None and str(role.path).startswith(_PATHS):
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS",
        )
