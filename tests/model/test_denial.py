"""What a refusal's text tells of itself, in the words that AWS uses (and that people paste)."""

from __future__ import annotations

import pytest

from ssmtui.model.access_denied import Denial, parse_denial, parse_denials, strip_lookup_hint

ALEX = "arn:aws:sts::123456789012:assumed-role/Engineer/alex"
SCP = "arn:aws:organizations::999999999999:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
RCP = "arn:aws:organizations::999999999999:policy/o-qv5af4abcd/resource_control_policy/p-7hgnabcd"
BOUNDARY = "arn:aws:iam::123456789012:policy/team/DeveloperBoundary"
ID = "b5m5v5taprqh3yoluoo4dyw0w"
DIRECTIONS = (
    f"Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/{ID} for complete"
    f" details, or call the GetRequestAuthorizationDetails API with the following authorization id: {ID}"
)


def _refusal(action: str, resource: str, reason: str) -> str:
    return f"User: {ALEX} is not authorized to perform: {action} on resource: {resource} {reason}"


@pytest.mark.parametrize(
    ("reason", "kind", "explicit", "policy"),
    [
        (f"with an explicit deny in a service control policy: {SCP}", "service control policy", True, SCP),
        (f"with an explicit deny in a service control policy: {SCP}.", "service control policy", True, SCP),
        (f"with an explicit deny in a resource control policy: {RCP}", "resource control policy", True, RCP),
        (
            f"with an explicit deny in a permissions boundary: {BOUNDARY}. Encoded",
            "permissions boundary",
            True,
            BOUNDARY,
        ),
        (f"with an explicit deny in an identity-based policy: {BOUNDARY}", "identity-based policy", True, BOUNDARY),
        ("with an explicit deny in a session policy", "session policy", True, ""),
        ("with an explicit deny in a resource-based policy", "resource-based policy", True, ""),
        ("because no VPC endpoint policy allows the ssm:GetDocument action", "vpc endpoint policy", False, ""),
        ("because no identity-based policy allows the ssm:GetDocument action", "identity-based policy", False, ""),
        ("", "", None, ""),
    ],
)
def test_the_policy_that_denied_is_read(reason: str, kind: str, explicit: bool | None, policy: str) -> None:  # noqa: FBT001
    document = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"
    assert parse_denial(_refusal("ssm:GetDocument", document, reason)) == Denial(
        "ssm:GetDocument", document, ALEX, kind, explicit, policy, region="eu-west-3"
    )


def test_the_region_is_the_resources_and_not_that_of_the_console_link() -> None:
    key = "arn:aws:kms:eu-west-3:123456789012:key/0a1b"
    denial = parse_denial(
        _refusal("kms:DescribeKey", key, f"with an explicit deny in a service control policy. {DIRECTIONS}")
    )
    assert denial is not None
    assert (denial.region, denial.authorization_id) == ("eu-west-3", ID)


def test_iam_names_a_role_without_its_arn_and_answers_for_a_whole_partition() -> None:
    said = _refusal(
        "iam:GetRole", "role web", f"because no identity-based policy allows the iam:GetRole action. {DIRECTIONS}"
    )
    denial = parse_denial(said)
    assert denial == Denial("iam:GetRole", "role web", ALEX, "identity-based policy", False, "", ID)
    assert denial.is_global


def test_an_id_is_read_from_the_link_alone_and_from_the_sentence_alone() -> None:
    link, sentence = DIRECTIONS.split(", or ")
    for directions in (link, sentence):
        denial = parse_denial(_refusal("iam:GetRole", "role web", f"because no … . {directions}"))
        assert denial is not None
        assert denial.authorization_id == ID


@pytest.mark.parametrize(
    "id_", ["../../etc/passwd", "abc", "UPPER1234567890", "abcdef\x1b[2J", f"{ID}/policy?x=", "a" * 200]
)
def test_what_is_no_id_of_aws_is_not_taken_for_one(id_: str) -> None:
    denial = parse_denial(_refusal("iam:GetRole", "role web", f"with the following authorization id: {id_}"))
    assert denial is not None
    assert denial.authorization_id in {"", "abcdef"}


def test_every_refusal_of_a_paste_is_told_once() -> None:
    first = _refusal(
        "ssm:StartSession",
        "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a",
        f"with an explicit deny in a service control policy: {SCP}",
    )
    second = _refusal(
        "ssm:TerminateSession",
        "arn:aws:ssm:eu-west-3:123456789012:session/alex-0a",
        "because no session policy allows it",
    )
    told = parse_denials(f"{first} {second} {first}")
    assert [(denial.action, denial.kind) for denial in told] == [
        ("ssm:StartSession", "service control policy"),
        ("ssm:TerminateSession", "session policy"),
    ]


def test_a_text_that_is_no_refusal_tells_nothing() -> None:
    assert parse_denials("") == ()
    assert parse_denial("You are not authorized to perform this operation.") is None
    assert parse_denial(f"Error creating role {ID}") is None


def test_where_a_refusal_can_be_looked_up_is_left_out_of_the_sentence() -> None:
    said = _refusal("iam:GetRole", "role web", "because no identity-based policy allows the iam:GetRole action")
    assert strip_lookup_hint(f"{said}. {DIRECTIONS}") == said
    assert strip_lookup_hint(f"{said}. Encoded authorization failure message: l26LbhSr-THs_b") == said
    assert strip_lookup_hint(said) == said
