"""Whether just-in-time node access is in use: only an approval policy of the account lets anybody be granted access.

https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-just-in-time-node-access.html
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.access_requests import JustInTimeAccess
from ssmtui.model.answers import Moot
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

_A_PAGE = 50
_KINDS = ["ManualApprovalPolicy", "AutoApprovalPolicy"]


@dataclass(frozen=True, slots=True)
class ApprovalPolicies:
    """The names of the account's approval policies in the Region, sorted."""

    names: tuple[str, ...]


def _region(scope: Scope, key: Key) -> Hashable:
    return scope.region


@reads("ssm:ListDocuments", key=_region)
async def approval_policies(aws: Aws, scope: Scope, key: Key) -> ApprovalPolicies:
    """One listing a Region, where sessions are encrypted with a key."""
    filters = [{"Key": "DocumentType", "Values": _KINDS}, {"Key": "Owner", "Values": ["Self"]}]
    names = [
        raw.text("Name")
        async for page in aws.pages("ssm", "ListDocuments", Filters=filters, MaxResults=_A_PAGE)
        for raw in page.parts("DocumentIdentifiers")
    ]
    return ApprovalPolicies(tuple(sorted(names)))


@derives
def just_in_time_access(scope: Scope, key: Key, policies: ApprovalPolicies) -> JustInTimeAccess | Moot:
    """KMS shows the tags of a key in its own account only, so that another account's is no question here."""
    if not policies.names:
        return Moot(say("no approval policy grants just-in-time node access in this Region"))
    if key.account != scope.account:
        return Moot(say("the session key is of another account, which alone can read its tags"))
    return JustInTimeAccess(policies.names)
