"""What patterns of ARNs fit, where the tables of policies in `tests/policy_cases` do not look."""

from __future__ import annotations

import pytest

from ssmtui.iam_policy.patterns import VariableValues, resource_matches
from ssmtui.iam_policy.truth import Truth

NOTHING = VariableValues({})
KEY = "arn:aws:kms:eu-west-3:123456789012:key/k"
YES, PERHAPS, NO = Truth.YES, Truth.PERHAPS, Truth.NO


@pytest.mark.parametrize(
    ("pattern", "means"),
    [("*", YES), ("**", YES), ("?", NO), ("arn:aws:kms:*", NO), ("", NO)],
)
def test_all_resources_are_meant_by_a_star_alone(pattern: str, means: Truth) -> None:
    assert resource_matches(pattern, "*", NOTHING) is means


@pytest.mark.parametrize(
    ("pattern", "means"),
    [
        ("arn:aws:kms:eu-west-3:123456789012:key/${aws:username}", YES),
        ("arn:aws:kms:eu-west-3:123456789012:key/${aws:PrincipalTag/team}", PERHAPS),
        ("arn:aws:kms:eu-west-3:123456789012:key/${aws:username}s", NO),
        ("arn:aws:kms:eu-west-3:${aws:PrincipalAccount}:key/k", PERHAPS),
    ],
)
def test_a_variable_stands_for_its_value_and_only_in_the_last_part_for_sure(pattern: str, means: Truth) -> None:
    filling = VariableValues({"aws:username": ("k",), "aws:PrincipalAccount": ("123456789012",)})
    assert resource_matches(pattern, KEY, filling) is means
