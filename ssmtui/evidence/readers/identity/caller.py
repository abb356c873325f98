"""Read which principal the caller's link is evaluated for, and the account's organization."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Aws, AwsError
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.identity import OrganizationId
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class JudgedCaller:
    """An IAM role or user of this account, by its ARN: one that IAM simulates."""

    principal: str

    @property
    def is_role(self) -> bool:
        """Whether it is a role."""
        return ":role/" in self.principal

    @property
    def name(self) -> str:
        """Its name, without a path."""
        return self.principal.rpartition("/")[2]


@derives
def judged_caller(scope: Scope) -> JudgedCaller | NotApplicable | Unreadable:
    """A principal of another account is unknown here: its policies are that account's to read."""
    principal = scope.judged_principal
    if principal is None:
        return NotApplicable(say("IAM simulates neither the account's root user nor a federated one"))
    if principal.split(":")[4] != scope.account:
        why = say("{arn} is of another account, and IAM simulates only principals of this one", arn=scope.judged_arn)
        return Unreadable("", why, ReadFailure.FAILED, "sts:GetCallerIdentity")
    return JudgedCaller(principal)


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
