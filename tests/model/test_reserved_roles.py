"""Which roles nobody in an account can change, by their ARNs."""

from __future__ import annotations

import pytest

from ssmtui.model.identity import is_reserved, linked_service, permission_set_name

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
    ("arn", "service", "reserved"),
    [
        (
            "arn:aws:iam::123456789012:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM",
            "ssm.amazonaws.com",
            True,
        ),
        (f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/{OF_SET}", None, True),
        ("arn:aws:iam::123456789012:role/service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole", None, False),
        ("arn:aws:iam::123456789012:role/web", None, False),
    ],
)
def test_only_roles_of_services_and_of_identity_center_cannot_be_changed(
    arn: str, service: str | None, *, reserved: bool
) -> None:
    assert (linked_service(arn), is_reserved(arn)) == (service, reserved)
