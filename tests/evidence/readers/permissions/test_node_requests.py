"""What a node's request may have besides what is known of it."""

from __future__ import annotations

import pytest

from ssmtui.evidence.readers.permissions.node_requests import NodeAtItsWay, perhaps_in_request
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.permissions import Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.request_origin import RequestOrigin
from ssmtui.model.standing import RunningNode
from tests.builders.fleet import a_node, a_scope

BUCKET = Question("s3:GetEncryptionConfiguration", "arn:aws:s3:::logs")
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
    node = NodeAtItsWay(RunningNode(a_node()), "a role", RequestOrigin(None), organization, RoleTags(()), None)
    assert perhaps_in_request(a_scope(), node, BUCKET, ()) == {**OURS, **more}
    assert perhaps_in_request(a_scope(), node, BUCKET, ("aws:resourceaccount",)) == more
