"""The key that the log bucket is encrypted with: what its policy says, and whom it is granted to."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.policies import policy_in
from ssmtui.evidence.readers.preferences.keys import grants_of
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.storage import BucketEncryption, BucketKeyGrants, BucketKeyPolicy


def _key_arn(encryption: BucketEncryption) -> Hashable:
    return encryption.key_arn


@reads("kms:GetKeyPolicy", key=_key_arn)
async def bucket_key_policy(aws: Aws, encryption: BucketEncryption) -> BucketKeyPolicy | Moot:
    """Only of a customer key: nobody needs a permission on S3's own."""
    if not encryption.names_customer_key:
        return Moot(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default")
    return BucketKeyPolicy(arn, policy_in(answer, "Policy"))


@reads("kms:ListGrants", key=_key_arn)
async def bucket_key_grants(aws: Aws, encryption: BucketEncryption) -> BucketKeyGrants | Moot:
    """Every grant on such a key."""
    if not encryption.names_customer_key:
        return Moot(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    return BucketKeyGrants(arn, await grants_of(aws, arn))
