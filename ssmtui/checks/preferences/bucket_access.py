"""The log bucket as a role meets it: IAM's answer, the bucket's policy, and whose bucket it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssmtui.checks.access import Access, access, is_bounded
from ssmtui.checks.resource_policies import NOTHING_MORE, ResourceSays, resource_says
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.identity import Role
from ssmtui.model.permissions import EvaluationResult
from ssmtui.model.policy_reading import Truth
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketPolicy

_SOURCE = "s3:GetBucketPolicy"


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """One role towards the log bucket."""

    scope: Scope
    role: Role
    bucket: Bucket | Unreadable
    policy: BucketPolicy | Absent | Unreadable

    @property
    def foreign(self) -> bool:
        """Whether the bucket is another account's."""
        return isinstance(self.bucket, Bucket) and self.bucket.foreign

    def judge(
        self, action: str, resource: str, answer: EvaluationResult | Unreadable, known: Mapping[str, str] = NOTHING_MORE
    ) -> Access:
        """Whether the role may do that. `known` are values of condition keys of the request."""
        says = self._says(action, resource, known, is_bounded(answer))
        judged = access(answer, says, same_account=not self.foreign)
        if self.foreign and judged.confidence is Confidence.PROVED:
            return replace(judged, confidence=Confidence.LIKELY)  # that it is another account's is inferred
        return judged

    def _says(self, action: str, resource: str, known: Mapping[str, str], bounded: Truth) -> ResourceSays | Unreadable:
        if isinstance(self.policy, Unreadable):
            return self.policy
        # Within its account a bucket leaves everything to the account that its policy does not deny.
        own = Truth.NO if self.foreign else Truth.YES
        if isinstance(self.policy, Absent):
            return ResourceSays(say("the bucket, which has no policy,"), self.policy.source, Truth.NO, own, Truth.NO)
        says = resource_says(
            self.policy.policy,
            say("the bucket's policy"),
            _SOURCE,
            scope=self.scope,
            role=self.role,
            action=action,
            resource=resource,
            known=known,
            bounded=bounded,
        )
        if self.foreign:
            return says
        return replace(says, leaves_to_account=Truth.YES)
