"""What a node's request may have besides what is known of it."""

from __future__ import annotations

from collections.abc import Set as Keys

import pytest

from ssmtui.evidence.readers.request_context import (
    NodeAtItsWay,
    combined_context,
    possible_context,
)
from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.permissions import Question
from ssmtui.model.request_context import RequestOrigin
from tests.builders.fleet import a_node, a_scope

BUCKET = Question("s3:GetEncryptionConfiguration", "arn:aws:s3:::logs")
TAGS = RoleTags(())
OURS: Context = {"aws:ResourceAccount": (a_scope().account,)}


@pytest.mark.parametrize(
    ("organization", "more"),
    [
        pytest.param(OrganizationId("o-1"), {"aws:ResourceOrgID": ("o-1",)}, id="told"),
        pytest.param(Unreadable("organizations:DescribeOrganization", "refused"), {}, id="not told"),
        pytest.param(Absent("an organization", "organizations:DescribeOrganization"), {}, id="none is told of"),
    ],
)
def test_a_bucket_whose_owner_nobody_tells_may_be_the_accounts_own(
    organization: OrganizationId | Absent | Unreadable, more: Context
) -> None:
    node = NodeAtItsWay("a role", RequestOrigin(None), organization, RoleTags(()), None)
    assert possible_context(a_scope(), node, BUCKET, ()) == {**OURS, **more}
    assert possible_context(a_scope(), node, BUCKET, ("aws:resourceaccount",)) == more


@pytest.mark.parametrize(
    ("asked", "also"),
    [
        pytest.param((), None, id="nothing is withheld"),
        pytest.param(("aws:sourceip",), None, id="nor by what it has in no case"),
        pytest.param(("aws:ResourceOrgID",), frozenset(), id="whose the resource is"),
        pytest.param(("aws:UserAgent",), {"aws:UserAgent"}, id="what every request has"),
        pytest.param(("aws:UserAgent", "aws:ResourceAccount"), {"aws:UserAgent"}, id="one of each"),
    ],
)
def test_what_is_left_open_for_its_own_policies_is_told_together_with_whose_the_resource_may_be(
    asked: tuple[str, ...], also: Keys[str] | None
) -> None:
    organization = OrganizationId("o-1")
    node = NodeAtItsWay("arn:aws:iam::1:role/a", RequestOrigin(None), organization, TAGS, None)
    told = combined_context(a_scope(), node, a_node(), BUCKET, asked)
    of_owner = {**OURS, "aws:ResourceOrgID": ("o-1",)}
    if also is None:
        assert told == {}
    else:
        assert {key: values for key, values in told.items() if key in of_owner} == of_owner
        assert told.keys() - of_owner.keys() == also
