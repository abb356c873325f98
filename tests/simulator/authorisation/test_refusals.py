"""The exact words of a refusal, by service."""

from __future__ import annotations

import pytest

from ssmtui.simulator.authorisation import Decision, Need, Outcome, PolicyKind, Refusal, refusal

CALLER = "arn:aws:sts::123456789012:assumed-role/Engineer/alex"
IMPLICIT = Decision(Outcome.IMPLICIT_DENY, refused_by=PolicyKind.IDENTITY)


@pytest.mark.parametrize(
    ("service", "need", "expected"),
    [
        (
            "ssm",
            Need("ssm:TerminateSession", "arn:aws:ssm:eu-west-3:123456789012:session/alex-0a1"),
            Refusal(
                "AccessDeniedException",
                400,
                f"User: {CALLER} is not authorized to perform: ssm:TerminateSession on resource: "
                "arn:aws:ssm:eu-west-3:123456789012:session/alex-0a1 because no identity-based policy allows the "
                "ssm:TerminateSession action",
            ),
        ),
        (
            "ssm",
            Need("ssm:DescribeInstanceProperties"),
            Refusal(
                "AccessDeniedException",
                400,
                f"User: {CALLER} is not authorized to perform: ssm:DescribeInstanceProperties on resource: * because "
                "no identity-based policy allows the ssm:DescribeInstanceProperties action",
            ),
        ),
        (
            "ec2",
            Need("ec2:DescribeInstances"),
            Refusal(
                "UnauthorizedOperation",
                403,
                f"You are not authorized to perform this operation. User: {CALLER} is not authorized to perform: "
                "ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action",
            ),
        ),
        (
            "iam",
            Need("iam:GetRole", "arn:aws:iam::123456789012:role/services/api"),
            Refusal(
                "AccessDenied",
                403,
                f"User: {CALLER} is not authorized to perform: iam:GetRole on resource: role api because no "
                "identity-based policy allows the iam:GetRole action",
            ),
        ),
        (
            "s3",
            Need("s3:GetEncryptionConfiguration", "arn:aws:s3:::audit"),
            Refusal(
                "AccessDenied",
                403,
                f"User: {CALLER} is not authorized to perform: s3:GetEncryptionConfiguration on resource: "
                '"arn:aws:s3:::audit" because no identity-based policy allows the s3:GetEncryptionConfiguration action',
            ),
        ),
    ],
)
def test_implicit_denials(service: str, need: Need, expected: Refusal) -> None:
    assert refusal(service, CALLER, need, IMPLICIT) == expected


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (PolicyKind.IDENTITY, "with an explicit deny in an identity-based policy"),
        (PolicyKind.SERVICE_CONTROL, "with an explicit deny in a service control policy"),
        (PolicyKind.BOUNDARY, "with an explicit deny in a permissions boundary"),
        (PolicyKind.RESOURCE, "with an explicit deny in a resource-based policy"),
        (PolicyKind.ENDPOINT, "with an explicit deny in a VPC endpoint policy"),
        (PolicyKind.RESOURCE_CONTROL, "with an explicit deny in a resource control policy"),
    ],
)
def test_explicit_denials_name_the_kind_of_policy(kind: PolicyKind, ending: str) -> None:
    decision = Decision(Outcome.EXPLICIT_DENY, refused_by=kind)
    assert refusal("ssm", CALLER, Need("ssm:StartSession"), decision).message.endswith(ending)


def test_a_missing_allow_names_the_kind_of_policy_that_lacks_it() -> None:
    decision = Decision(Outcome.IMPLICIT_DENY, refused_by=PolicyKind.BOUNDARY)
    message = refusal("kms", CALLER, Need("kms:Decrypt", "arn:aws:kms:eu-west-3:1:key/1"), decision).message
    assert message.endswith("because no permissions boundary allows the kms:Decrypt action")
