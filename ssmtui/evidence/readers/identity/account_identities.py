"""The instance profiles and roles of the account: read only where somebody is about to choose one."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.identity import profile_in, role_in
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.identity import AccountProfiles, AccountRoles
from ssmtui.model.scope import Scope

_A_PAGE = 1000


def _account(scope: Scope) -> Hashable:
    return scope.account


@reads("iam:ListInstanceProfiles", key=_account)
async def account_profiles(aws: Aws, scope: Scope) -> AccountProfiles:
    """Every instance profile, with the role in it."""
    found = [
        profile_in(raw)
        async for page in aws.pages("iam", "ListInstanceProfiles", MaxItems=_A_PAGE)
        for raw in page.parts("InstanceProfiles")
    ]
    return AccountProfiles(tuple(sorted(found, key=lambda each: each.profile.name)))


@reads("iam:ListRoles", key=_account)
async def account_roles(aws: Aws, scope: Scope) -> AccountRoles:
    """Every role."""
    pages = aws.pages("iam", "ListRoles", MaxItems=_A_PAGE)
    found = [role_in(raw) async for page in pages for raw in page.parts("Roles")]
    return AccountRoles(tuple(sorted(found, key=lambda each: each.name)))
