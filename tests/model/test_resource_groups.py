"""Which resources policies can tell apart."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from ssmtui.iam_policy.document import Policy, parse_policy
from ssmtui.iam_policy.resource_groups import MAX_COMPARISONS, group_resources

START, DECRYPT = "ssm:StartSession", "kms:Decrypt"
PREFIX = "arn:aws:ec2:eu-west-3:123456789012:instance/i-"
HYBRID = "arn:aws:ssm:eu-west-3:123456789012:managed-instance/mi-"
ARNS = tuple(f"{PREFIX}{number}" for number in ("0a1", "0a2", "0b1"))
FIRST, SECOND, THIRD = ARNS
Groups = set[tuple[str, ...]]


def policy(resource: object, action: str = "ssm:*", element: str = "Resource", **more: object) -> Policy:
    statement = {"Effect": "Allow", "Action": action, element: resource, **more}
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param([], {ARNS}, id="no policy"),
        pytest.param([policy("*")], {ARNS}, id="everything"),
        pytest.param([policy("arn:aws:ec2:*:*:instance/*")], {ARNS}, id="all instances"),
        pytest.param([policy(f"{PREFIX}*")], {ARNS}, id="all ids of instances"),
        pytest.param([policy("arn:aws:ec2:*")], {ARNS}, id="a short pattern"),
        pytest.param([policy(["arn:aws:ssm:*:*:document/x", "arn:aws:s3:::logs/*"])], {ARNS}, id="other resources"),
        pytest.param([policy("arn:*:s3:::logs/*")], {ARNS}, id="other resources of any partition"),
        pytest.param([policy("arn:aws:ssm:*:*:session/${aws:userid}-*")], {ARNS}, id="a variable elsewhere"),
        pytest.param([policy(SECOND, action="kms:*")], {ARNS}, id="one node, for another action"),
        pytest.param([policy("*", Condition={"Bool": {"ssm:resourceTag/a": "true"}})], {ARNS}, id="a condition"),
        pytest.param([policy(SECOND)], {(FIRST, THIRD), (SECOND,)}, id="one node"),
        pytest.param([policy("*"), policy(SECOND, Effect="Deny")], {(FIRST, THIRD), (SECOND,)}, id="one node denied"),
        pytest.param([policy(SECOND, element="NotResource")], {(FIRST, THIRD), (SECOND,)}, id="all but one node"),
        pytest.param([policy(f"{PREFIX}0a*")], {(FIRST, SECOND), (THIRD,)}, id="some nodes"),
        pytest.param([policy("arn:aws:ec2:*:*:instance/*1")], {(FIRST, THIRD), (SECOND,)}, id="by the end"),
        pytest.param([policy("arn:aws:ec2:*:*:*-0a?")], {(FIRST, SECOND), (THIRD,)}, id="by the start"),
        pytest.param([policy(f"*{PREFIX}0b1"), policy("*:instance/*")], None, id="not documented"),
        pytest.param([policy("arn:aws:ec2:*:*:instance/${aws:PrincipalTag/node}")], None, id="a variable decides"),
    ],
)
def test_resources_are_told_apart_by_what_statements_name(policies: Sequence[Policy], expected: Groups | None) -> None:
    found = group_resources(policies, [START], ARNS)
    assert (found if found is None else set(found)) == expected


def test_a_statement_about_all_other_actions_counts() -> None:
    all_but_keys = {"Effect": "Deny", "NotAction": "kms:*", "Resource": FIRST}
    held = [parse_policy(json.dumps({"Version": "2012-10-17", "Statement": all_but_keys}))]
    assert group_resources(held, [DECRYPT], ARNS) == (ARNS,)
    assert group_resources(held, [DECRYPT, START], ARNS) == ((FIRST,), (SECOND, THIRD))


def test_kinds_of_resources_are_groups_of_their_own() -> None:
    hybrid = (f"{HYBRID}1", f"{HYBRID}2")
    assert group_resources([policy("*")], [START], (*ARNS, *hybrid)) == (ARNS, hybrid)


def test_thousands_of_comparisons_are_not_made() -> None:
    many = [f"{PREFIX}{number}" for number in range(MAX_COMPARISONS)]
    assert group_resources([policy(f"{PREFIX}1*")], [START], many) is not None
    assert group_resources([policy([f"{PREFIX}1*", f"{PREFIX}2*"])], [START], many) is None


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::logs", "arn:aws:logs:eu-west-3:1:log-group:a/b"])
def test_what_is_no_node_is_not_grouped(resource: str) -> None:
    assert group_resources([policy("*")], [START], [resource]) is None
