"""Whose permissions the caller's link is about: who asks, or the principal that is named instead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.evidence.readers.caller import CallerIdentity, JudgedCaller
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.permissions import CallerInSessions
from ssmtui.model.scope import OtherPrincipal
from tests.builders.fleet import ACCOUNT, a_scope
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws, refused

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops/Support"
USER = f"arn:aws:iam::{ACCOUNT}:user/ops/sam"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Support/sam"


def on_behalf_of(arn: str, principal: str) -> object:
    return replace(a_scope(), judged=OtherPrincipal(arn, principal))


def iam(**answers: object) -> FakeAws:
    role = {
        "Path": "/",
        "RoleName": "Support",
        "RoleId": "AROASUPPORTSUPPORT01",
        "Arn": ROLE,
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    user = {
        "Path": "/ops/",
        "UserName": "sam",
        "UserId": "AIDASAMSAMSAMSAMSAM1",
        "Arn": USER,
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    return FakeAws(**{"iam_GetRole": {"Role": role}, "iam_GetUser": {"User": user}, **answers})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arn", "principal", "expected"),
    [
        (ROLE, ROLE, CallerIdentity("AROASUPPORTSUPPORT01:session", "session", is_user=False, of_any_session=True)),
        (SESSION, ROLE, CallerIdentity("AROASUPPORTSUPPORT01:sam", "sam", is_user=False)),
        (USER, USER, CallerIdentity("AIDASAMSAMSAMSAMSAM1", "sam", is_user=True)),
    ],
)
async def test_the_sessions_of_another_are_named_as_aws_would_name_them(
    arn: str, principal: str, expected: CallerIdentity
) -> None:
    scope = on_behalf_of(arn, principal)
    assert await fact(iam(), JudgedCaller, None, scope) == JudgedCaller(principal)
    assert await fact(iam(), CallerIdentity, None, scope) == expected


async def test_a_user_that_may_not_be_looked_up_is_unknown_and_names_the_action() -> None:
    found = await fact(iam(iam_GetUser=refused("iam:GetUser")), CallerInSessions, None, on_behalf_of(USER, USER))
    assert isinstance(found, Unreadable)
    assert found.action == "iam:GetUser"


async def test_another_accounts_principal_is_unknown_and_nobody_is_asked() -> None:
    arn = "arn:aws:iam::210987654321:role/Support"
    aws = FakeAws()
    found = await fact(aws, CallerInSessions, None, on_behalf_of(arn, arn))
    assert isinstance(found, Unreadable)
    assert (found.action, arn in found.why, aws.asked) == ("", True, [])


async def test_nothing_is_asked_of_the_root_user() -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    aws = FakeAws()
    assert isinstance(
        await fact(aws, CallerInSessions, None, replace(a_scope(), caller=root, principal=None)), NotApplicable
    )
    assert aws.asked == []
