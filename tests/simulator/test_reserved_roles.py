"""Roles of AWS's own: IAM refuses their change to everybody, and lets other roles be changed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.administrator import administrator

LINKED, CORE = "AWSServiceRoleForAmazonSSM", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def test_a_role_that_is_linked_to_a_service_cannot_be_changed(aws: SimulatedAws) -> None:
    aws.load("role-protected")
    iam = administrator(aws, "iam")
    with pytest.raises(ClientError, match=f"protected role '{LINKED}'") as refused:
        iam.put_role_policy(RoleName=LINKED, PolicyName="more", PolicyDocument='{"Statement": []}')
    assert refused.value.response["Error"]["Code"] == "UnmodifiableEntity"
    iam.attach_role_policy(RoleName="web", PolicyArn=CORE)
