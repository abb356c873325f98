"""Which policy refused a request, by AWS's words, and what a scope that was refused says to do."""

from __future__ import annotations

import pytest

from ssmtui.evidence.aws.scope_errors import denying_policy_kind, scope_error
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.scope import ScopeName, ScopeProblem

USER = "User: arn:aws:sts::123456789012:assumed-role/Engineer/alex is not authorized to perform: ec2:DescribeInstances"
PARIS = ScopeName(None, "eu-west-3")


@pytest.mark.parametrize(
    ("said", "kind", "advice"),
    [
        (
            f"{USER} with an explicit deny in a service control policy",
            "service control policy",
            "Exclude this Region",
        ),
        (
            f"UnauthorizedOperation: You are not authorized to perform this operation. {USER} with an explicit deny in "
            "a service control policy. Encoded authorization failure message: abc",
            "service control policy",
            "A service control policy (SCP) of the organization denies ec2:DescribeInstances in eu-west-3",
        ),
        (
            f"{USER} because no service control policy allows the ec2:DescribeInstances action",
            "service control policy",
            "the administrators of the organization",
        ),
        (f"{USER} with an explicit deny in a resource control policy", "resource control policy", "resource control"),
        (
            f"{USER} because no permissions boundary allows the action",
            "permissions boundary",
            "the administrator of the boundary",
        ),
        (f"{USER} because no session policy allows the action", "session policy", "Choose another profile"),
        (
            f"{USER} because no VPC endpoint policy allows the action",
            "vpc endpoint policy",
            "the network administrator",
        ),
        (f"{USER} because no identity-based policy allows the action", "identity-based policy", "for this principal"),
        ("UnauthorizedOperation: You are not authorized to perform this operation.", "", "for this principal"),
    ],
)
def test_a_refusal_is_told_apart_by_the_policy_that_it_came_from(said: str, kind: str, advice: str) -> None:
    assert denying_policy_kind(said) == kind
    error = scope_error(PARIS, Unreadable("ec2:DescribeInstances", said), "Could not list nodes")
    assert error.problem is ScopeProblem.REFUSED
    assert advice in error.advice
    assert "ec2:DescribeInstances" in error.advice


def test_an_endpoint_of_ones_own_that_cannot_be_reached_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    unreachable = Unreadable(
        "", "ec2:DescribeInstances: Could not connect", ReadFailure.UNREACHABLE, "ec2:DescribeInstances"
    )
    assert "the proxy" in scope_error(PARIS, unreachable, "Could not list nodes").advice
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "https://vpce-0a1b-ec2.eu-west-3.vpce.amazonaws.com")
    assert "AWS_ENDPOINT_URL_EC2" in scope_error(PARIS, unreachable, "Could not list nodes").advice
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert "the proxy" in scope_error(PARIS, unreachable, "Could not list nodes").advice
