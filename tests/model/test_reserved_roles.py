"""Which roles nobody in an account can change, by their ARNs."""

from __future__ import annotations

import pytest

from ssmtui.model.identity import is_reserved, keeping_service, linked_service, permission_set_name

ROLES = "arn:aws:iam::123456789012:role"
OF_SET = "AWSReservedSSO_Data_Admins_0123456789abcdef"


@pytest.mark.parametrize(
    ("arn", "permission_set"),
    [
        (f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-3/{OF_SET}", "Data_Admins"),
        (f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/{OF_SET}", "Data_Admins"),
        (f"arn:aws-cn:iam::123456789012:role/{OF_SET}", "Data_Admins"),
        (f"arn:aws:sts::123456789012:assumed-role/{OF_SET}/jane@acme.example", "Data_Admins"),
        ("arn:aws:iam::123456789012:role/Engineer", None),
        ("arn:aws:iam::123456789012:user/AWSReservedSSO_x_0123456789abcdef", None),
        ("arn:aws:sts::123456789012:assumed-role/Engineer/AWSReservedSSO_x_0123456789abcdef", None),
    ],
)
def test_a_role_of_identity_center_names_its_permission_set(arn: str, permission_set: str | None) -> None:
    assert permission_set_name(arn) == permission_set


@pytest.mark.parametrize(
    ("path", "linked", "keeper"),
    [
        ("aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM", "ssm.amazonaws.com", "ssm.amazonaws.com"),
        ("aws-service-role/AWSServiceRoleForSomething", "", ""),
        (f"aws-reserved/sso.amazonaws.com/{OF_SET}", None, "sso.amazonaws.com"),
        (f"aws-reserved/sso.amazonaws.com/eu-west-3/{OF_SET}", None, "sso.amazonaws.com"),
        (OF_SET, None, "sso.amazonaws.com"),
        ("aws-reserved/ssm.amazonaws.com/AWSSystemsManagerDefaultEC2", None, "ssm.amazonaws.com"),
        ("aws-reserved/Something", None, ""),
        ("service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole", None, None),
        ("web", None, None),
    ],
)
def test_only_its_service_can_change_a_reserved_role(path: str, linked: str | None, keeper: str | None) -> None:
    arn = f"{ROLES}/{path}"
    assert (linked_service(arn), keeping_service(arn), is_reserved(arn)) == (linked, keeper, keeper is not None)
