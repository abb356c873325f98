"""Whose the resource of a request is, as condition keys tell it."""

from __future__ import annotations

import pytest

from ssmtui.iam_policy.patterns import Context
from ssmtui.model.request_context import owner_context, resource_account

OWN, OTHER = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("resource", "owner"),
    [
        (f"arn:aws:kms:eu-west-3:{OTHER}:key/k", OTHER),
        ("arn:aws:s3:::audit/*", None),
        ("arn:aws:ssm:eu-west-3::document/AWS-RunShellScript", OWN),
        ("*", OWN),
    ],
)
def test_an_owner_is_named_by_the_arn_or_is_ones_own_but_for_buckets(resource: str, owner: str | None) -> None:
    assert resource_account(resource, OWN) == owner


@pytest.mark.parametrize(
    ("owner", "organization", "known"),
    [
        (None, "o-1", {}),
        (OTHER, "o-1", {"aws:ResourceAccount": (OTHER,)}),
        (OWN, None, {"aws:ResourceAccount": (OWN,)}),
        (OWN, "", {"aws:ResourceAccount": (OWN,), "aws:ResourceOrgID": (), "aws:ResourceOrgPaths": ()}),
        (OWN, "o-1", {"aws:ResourceAccount": (OWN,), "aws:ResourceOrgID": ("o-1",)}),
    ],
)
def test_the_organization_is_known_of_what_is_ones_own(
    owner: str | None, organization: str | None, known: Context
) -> None:
    assert owner_context(owner, OWN, organization) == known
