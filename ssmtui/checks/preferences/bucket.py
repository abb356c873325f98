"""The log bucket itself: whether it is there, and encrypted as SSM Agent wants it where that is demanded."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import switch_as_status, unread
from ssmtui.checks.subjects import the_bucket
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption

# What the agent takes for encrypted; DSSE is not (agent/s3util/s3util.go, docs/facts/preferences.md §7).
_ACCEPTED = frozenset({"AES256", "aws:kms"})


@check(link=Link.PREFERENCES, causes=("s3-bucket-missing",), subject=the_bucket, after=("windows-can-stream-logs",))
def bucket_exists(scope: Scope, preferences: SessionPreferences, bucket: Bucket | Absent) -> Findings:
    """Whether the log bucket exists."""
    if isinstance(bucket, Bucket):
        return ()
    status, needs = switch_as_status(preferences.s3_encrypted_only)
    effect = say("sessions open, and their logs are lost") if status is Status.WARN else say("no session opens")
    return (
        Finding(
            cause="s3-bucket-missing",
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else Confidence.PROVED,
            subject=the_bucket(scope, preferences),
            summary=say(
                "The log bucket {s3_bucket} does not exist: {effect}.", s3_bucket=preferences.s3_bucket, effect=effect
            ),
            evidence=(
                Evidence(say("there is no bucket {s3_bucket}", s3_bucket=preferences.s3_bucket), "s3:HeadBucket"),
            ),
            fixes=("edit-preferences",),
            needs=needs,
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("s3-encryption-refused",),
    subject=the_bucket,
    after=("role-may-look-up-bucket-encryption",),
    without={BucketEncryption: "it is what is judged"},
)
def bucket_encryption_is_accepted(
    scope: Scope,
    preferences: SessionPreferences,
    bucket: Bucket,
    encryption: BucketEncryption | Absent | Unreadable,
) -> Findings:
    """Whether SSM Agent accepts how the log bucket is encrypted, where only encrypted buckets are allowed."""
    status, needs = switch_as_status(preferences.s3_encrypted_only)
    if status is Status.WARN or (isinstance(encryption, BucketEncryption) and encryption.algorithm in _ACCEPTED):
        return ()
    subject = the_bucket(scope, preferences)
    if isinstance(encryption, Unreadable):
        summary = say("How the log bucket {bucket} is encrypted could not be told.", bucket=bucket.name)
        return (unread("s3-encryption-refused", subject, summary, encryption),)
    algorithm = encryption.algorithm if isinstance(encryption, BucketEncryption) else "none"
    return (
        Finding(
            cause="s3-encryption-refused",
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else Confidence.PROVED,
            subject=subject,
            summary=say(
                "Only encrypted buckets are allowed, and SSM Agent does not accept {algorithm} of {bucket}.",
                algorithm=algorithm,
                bucket=bucket.name,
            ),
            evidence=(
                Evidence(
                    say("the default encryption of {bucket} is {algorithm}", bucket=bucket.name, algorithm=algorithm),
                    "s3:GetBucketEncryption",
                ),
            ),
            fixes=("edit-preferences", "toggle-s3-encryption"),
            needs=needs,
        ),
    )
