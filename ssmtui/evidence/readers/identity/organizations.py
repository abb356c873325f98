"""The organization that the account is a member of: its id is a condition key of every request."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.identity import OrganizationId
from ssmtui.model.scope import Scope


def _account(scope: Scope) -> Hashable:
    return scope.account


@reads("organizations:DescribeOrganization", key=_account)
async def organization_id(aws: Aws, scope: Scope) -> OrganizationId | Absent:
    """Every account of an organization may ask for it."""
    try:
        answer = await aws.call("organizations", "DescribeOrganization")
    except AwsError as error:
        if error.code != "AWSOrganizationsNotInUseException":
            raise
        return Absent(say("an organization that the account is in"), "organizations:DescribeOrganization")
    return OrganizationId(answer.part("Organization").text("Id"))
