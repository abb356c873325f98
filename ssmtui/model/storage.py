"""KMS keys, S3 buckets and log groups: named by the preferences, available in the account, or proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import is_role_session
from ssmtui.iam_policy.truth import Truth


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key as kms:DescribeKey has it. `state` is AWS's KeyState, `spec` its KeySpec, `usage` its KeyUsage."""

    arn: str
    state: str
    usage: str
    spec: str
    deletion: datetime | None = None

    @property
    def encrypts(self) -> bool:
        """Whether it is a symmetric encryption key, as sessions and logs need one."""
        return self.usage == "ENCRYPT_DECRYPT" and self.spec == "SYMMETRIC_DEFAULT"

    @property
    def region(self) -> str:
        """The Region in the key's ARN."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account in the key's ARN."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class KeyElsewhere:
    """A session key that the preferences name in another Region or account, where DescribeKey was not asked."""

    arn: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """The key's own policy."""

    key_arn: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """One grant on a key: who may do what (`Decrypt`, `GenerateDataKey`, …).

    `constrained` says that it holds for certain encryption contexts only.
    """

    grantee: str
    operations: tuple[str, ...]
    constrained: bool = False


@dataclass(frozen=True, slots=True)
class KeyGrants:
    """The grants of a key."""

    key_arn: str
    grants: tuple[KeyGrant, ...]

    def allow(self, principal: str, operation: str) -> Truth:
        """Whether a grant names the principal for the operation.

        One that is constrained perhaps does not hold; nor does one to a session of the role, which may be another's.
        """
        given = [each for each in self.grants if operation in each.operations]
        found = [each for each in given if each.grantee == principal]
        if any(not each.constrained for each in found):
            return Truth.YES
        of_sessions = any(is_role_session(each.grantee, principal) for each in given)
        return Truth.PERHAPS if found or of_sessions else Truth.NO


class BucketKeyPolicy(KeyPolicy):
    """The policy of the key that the log bucket is encrypted with."""

    __slots__ = ()


class BucketKeyGrants(KeyGrants):
    """The grants of that key."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """The log bucket. `region` is None where S3 did not tell it.

    `foreign` says that it exists in another account that would not let us look (HeadBucket 403).
    """

    arn: str
    name: str
    region: str | None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class BucketEncryption:
    """The bucket's default encryption: `AES256`, `aws:kms` or `aws:kms:dsse`, with its key where it names one."""

    algorithm: str
    key_arn: str | None

    @property
    def names_customer_key(self) -> bool:
        """Whether writing takes a permission on a key: `aws/s3`, the AWS managed one, asks for none."""
        return self.algorithm.startswith("aws:kms") and bool(self.key_arn) and ":alias/aws/" not in f":{self.key_arn}"


@dataclass(frozen=True, slots=True)
class BucketPolicy:
    """The bucket's own policy."""

    bucket_arn: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A CloudWatch Logs log group. `key_arn` is the customer key it is encrypted with, None without one."""

    arn: str
    name: str
    key_arn: str | None


@dataclass(frozen=True, slots=True)
class AccountBuckets:
    """The names of the first buckets. `more` says that there are others."""

    names: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class AccountKey:
    """One key and its aliases (`alias/sessions`). `of_aws` says that AWS manages it, and with it its policy."""

    key: Key
    aliases: tuple[str, ...]
    of_aws: bool

    @property
    def name(self) -> str:
        """What people call it: its first alias, else its id."""
        return self.aliases[0] if self.aliases else self.key.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """The keys, those with an alias first. `unlooked` counts those that were not described: refused, or too many."""

    keys: tuple[AccountKey, ...]
    unlooked: int


@dataclass(frozen=True, slots=True)
class AccountKeyPolicies:
    """The policies of the keys that can encrypt, by the key's ARN; one that may not be read is missing."""

    policies: tuple[tuple[str, Policy], ...]

    def of(self, key_arn: str) -> Policy | None:
        """The policy of a key; None where it could not be read."""
        return next((policy for arn, policy in self.policies if arn == key_arn), None)


@dataclass(frozen=True, slots=True)
class KeyTags:
    """The tags of the session key, sorted by their names."""

    key_arn: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AccountLogGroups:
    """The first log groups, by name. `more` says that there are others."""

    groups: tuple[LogGroup, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class WantedPlaces:
    """The key, the bucket and the log group that were chosen; empty where none was."""

    key: str
    bucket: str
    log_group: str


@dataclass(frozen=True, slots=True)
class WantedKey:
    """The key that was chosen."""

    key: Key


@dataclass(frozen=True, slots=True)
class WantedBucket:
    """The bucket that was chosen."""

    bucket: Bucket


@dataclass(frozen=True, slots=True)
class WantedLogGroup:
    """The log group that was chosen."""

    group: LogGroup
