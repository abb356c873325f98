"""Whether a role may use the key of the log bucket: IAM, the key's policy and its grants."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.checks.access import Access, access, is_bounded
from ssmtui.checks.resource_policies import resource_says
from ssmtui.language import say
from ssmtui.model.agent_requests import via_s3
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import Role
from ssmtui.model.permissions import EvaluationResult
from ssmtui.model.scope import Scope
from ssmtui.model.storage import BucketKeyGrants, BucketKeyPolicy
from ssmtui.model.truth import Truth


@dataclass(frozen=True, slots=True)
class BucketKeyAccess:
    """One role towards the key of the log bucket."""

    scope: Scope
    role: Role
    policy: BucketKeyPolicy | Absent | Moot | Unreadable
    grants: BucketKeyGrants | Absent | Moot | Unreadable

    def judge(self, answer: EvaluationResult) -> Access | None:
        """Whether the role may do that; None of another account's key that will not show its policy."""
        key_arn = answer.question.resource
        same_account = key_arn.split(":")[4:5] == [self.role.account]
        if not isinstance(self.policy, BucketKeyPolicy):
            unread = self.policy if isinstance(self.policy, Unreadable) else _not_read()
            return access(answer, unread, same_account=same_account) if same_account or not answer.allowed else None
        says = resource_says(
            self.policy.policy,
            say("the policy of the bucket's key"),
            "kms:GetKeyPolicy",
            scope=self.scope,
            role=self.role,
            action=answer.question.action,
            resource=key_arn,
            bounded=is_bounded(answer),
            # S3 asks KMS in the name of whoever writes.
            known={**dict(via_s3(self.scope)), "aws:ViaAWSService": "true"},
        )
        return access(answer, says, same_account=same_account, granted=self._granted(answer.question.action))

    def _granted(self, action: str) -> Truth | Unreadable:
        if isinstance(self.grants, BucketKeyGrants):
            return self.grants.allow(self.role.arn, action.partition(":")[2])
        return self.grants if isinstance(self.grants, Unreadable) else Truth.NO


def _not_read() -> Unreadable:
    why = say("the policy of the bucket's key, which could name the role, was not read")
    return Unreadable("kms:GetKeyPolicy", why)
