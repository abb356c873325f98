from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ssmtui.evidence.readers.role_policies import attached_policies, own_grants
from ssmtui.model.identity import AttachedPolicies, OwnGrants
from ssmtui.model.plan import JSON, json_text
from tests.builders.identity import ROLE_ARN, a_node_role
from tests.evidence.fake_aws import Canned, FakeAws

STATEMENT: dict[str, JSON] = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": ["*"]}
DOCUMENT: dict[str, JSON] = {"Version": "2012-10-17", "Statement": [STATEMENT]}


@pytest.mark.parametrize("sent", [json.dumps(DOCUMENT), quote(json.dumps(DOCUMENT))])
async def test_only_the_inline_policies_that_ssmtui_wrote_are_read(sent: str) -> None:
    policy = {"RoleName": "web", "PolicyName": "ssmtui-session-key", "PolicyDocument": sent}
    names: list[Canned] = [
        {"PolicyNames": ["theirs"], "IsTruncated": True, "Marker": "1"},
        {"PolicyNames": ["ssmtui-session-key"], "IsTruncated": False},
    ]
    aws = FakeAws(iam_ListRolePolicies=names, iam_GetRolePolicy=policy)
    found = await own_grants(aws, a_node_role())
    assert found == OwnGrants(ROLE_ARN, (("ssmtui-session-key", json_text(DOCUMENT)),))
    assert aws.parameters("iam:GetRolePolicy") == [{"RoleName": "web", "PolicyName": "ssmtui-session-key"}]
    assert found.document("ssmtui-log-group-write") is None


async def test_attached_policies_are_told_in_order() -> None:
    arns = [f"arn:aws:iam::aws:policy/{name}" for name in ("Zoo-policy", "A-policy")]
    attached = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]
    aws = FakeAws(iam_ListAttachedRolePolicies={"AttachedPolicies": attached, "IsTruncated": False})
    assert await attached_policies(aws, a_node_role()) == AttachedPolicies(ROLE_ARN, tuple(reversed(arns)))
