"""KMS keys, S3 buckets and log groups: in the preferences, in the account, or chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import is_role_session, names_session
from ssmtui.iam_policy.truth import Truth, logical_and, logical_or, truth_from_bool

_WORKING = frozenset({"Enabled", "Updating"})


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key from kms:DescribeKey. `state` is AWS's KeyState, `spec` its KeySpec, `usage` its KeyUsage."""

    arn: str
    state: str
    usage: str
    spec: str
    deletion: datetime | None = None

    @property
    def encrypts(self) -> bool:
        """Return whether it is a symmetric encryption key, which sessions and logs need."""
        return self.usage == "ENCRYPT_DECRYPT" and self.spec == "SYMMETRIC_DEFAULT"

    @property
    def works(self) -> bool:
        """Return whether operations with the key work in its state.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
        """
        return self.state in _WORKING

    @property
    def region(self) -> str:
        """Return the Region in the key's ARN."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """Return the account in the key's ARN."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class KeyElsewhere:
    """A session key in another Region or account, for which DescribeKey was not called."""

    arn: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """The key policy."""

    key_arn: str
    policy: Policy


EncryptionContext = Mapping[str, str | None]
"""The pairs of an encryption context; a value is None if it is unknown."""


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A grant on a key: the principal and the operations (`Decrypt`, `GenerateDataKey`, …).

    `constrained`: the grant is limited to certain requests: to encryption contexts that include the pairs in `subset`,
    and to one that has the pairs in `equals` and no others. If both are None, the constraint is unknown.
    """

    grantee: str
    operations: tuple[str, ...]
    constrained: bool = False
    subset: tuple[tuple[str, str], ...] | None = None
    equals: tuple[tuple[str, str], ...] | None = None

    def admits(self, encryption_context: EncryptionContext | None) -> Truth:
        """Return whether the constraints admit a request with an encryption context, None if unknown.

        Keys and values are case-sensitive.
        """
        if not self.constrained:
            return Truth.YES
        if encryption_context is None or (self.subset is None and self.equals is None):
            return Truth.PERHAPS
        holds = Truth.YES
        for key, value in (*(self.subset or ()), *(self.equals or ())):
            holds = logical_and(holds, _has_pair(encryption_context, key, value))
        if self.equals is not None and {key for key, _ in self.equals} != set(encryption_context):
            return Truth.NO
        return holds


@dataclass(frozen=True, slots=True)
class KeyGrants:
    """The grants of a key."""

    key_arn: str
    grants: tuple[KeyGrant, ...]

    def allow(
        self,
        principal: str,
        operation: str,
        session: str = "",
        encryption_context: EncryptionContext | None = None,
    ) -> Truth:
        """Return whether a grant allows the operation for the principal.

        `session` is the ARN of the principal's session, empty if unknown: a grant to a session of the role then perhaps
        does not apply, because it can be another session. Without the encryption context of the request, a constrained
        grant perhaps does not apply.
        """
        found = Truth.NO
        for each in self.grants:
            if operation in each.operations:
                given = _is_given_to(each.grantee, principal, session)
                found = logical_or(found, logical_and(given, each.admits(encryption_context)))
        return found


def _has_pair(encryption_context: EncryptionContext, key: str, value: str) -> Truth:
    if key not in encryption_context:
        return Truth.NO
    own = encryption_context[key]
    return Truth.PERHAPS if own is None else truth_from_bool(own == value)


def _is_given_to(grantee: str, principal: str, session: str) -> Truth:
    if is_role_session(grantee, principal):
        return names_session(grantee, session)
    return truth_from_bool(grantee == principal)


class BucketKey(Key):
    """The customer managed key with which S3 encrypts the objects of the log bucket."""

    __slots__ = ()


class BucketKeyPolicy(KeyPolicy):
    """The policy of the log bucket's key."""

    __slots__ = ()


class BucketKeyGrants(KeyGrants):
    """The grants of the log bucket's key."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """The log bucket. `region` is None if S3 did not return it, `account` if the owner was not verified.

    `foreign`: it belongs to another account, or does not permit reading (HeadBucket 403).
    """

    arn: str
    name: str
    region: str | None
    foreign: bool = False
    account: str | None = None


@dataclass(frozen=True, slots=True)
class BucketEncryption:
    """The bucket's default encryption: `AES256`, `aws:kms` or `aws:kms:dsse`, with its key, if any.

    `has_bucket_key`: S3 uses one data key for many objects (an S3 Bucket Key).
    """

    algorithm: str
    key_arn: str | None
    has_bucket_key: bool = False

    @property
    def names_customer_key(self) -> bool:
        """Return whether writing needs a permission on a key: the AWS managed key `aws/s3` needs none."""
        return self.algorithm.startswith("aws:kms") and bool(self.key_arn) and ":alias/aws/" not in f":{self.key_arn}"


@dataclass(frozen=True, slots=True)
class BucketPolicy:
    """The bucket policy."""

    bucket_arn: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A CloudWatch Logs log group. `key_arn` is its customer managed key, or None."""

    arn: str
    name: str
    key_arn: str | None


@dataclass(frozen=True, slots=True)
class AccountBuckets:
    """The names of the first buckets. `more`: there are others."""

    names: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A key and its aliases (`alias/sessions`). `of_aws`: AWS manages the key and its policy."""

    key: Key
    aliases: tuple[str, ...]
    of_aws: bool

    @property
    def name(self) -> str:
        """Return the name for people: the first alias, else the ID."""
        return self.aliases[0] if self.aliases else self.key.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """The keys, those with an alias first.

    `unlooked` is the number of keys that were not described: refused, or too many.
    """

    keys: tuple[AccountKey, ...]
    unlooked: int


@dataclass(frozen=True, slots=True)
class AccountKeyPolicies:
    """The policies of the keys that can encrypt, by the key's ARN; unreadable policies are missing."""

    policies: tuple[tuple[str, Policy], ...]

    def of(self, key_arn: str) -> Policy | None:
        """Return the policy of a key, or None if it could not be read."""
        return next((policy for arn, policy in self.policies if arn == key_arn), None)


@dataclass(frozen=True, slots=True)
class KeyTags:
    """The tags of the session key, sorted by name."""

    key_arn: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AccountLogGroups:
    """The first log groups, by name. `more`: there are others."""

    groups: tuple[LogGroup, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class WantedPlaces:
    """The chosen key, bucket and log group; empty if not chosen."""

    key: str
    bucket: str
    log_group: str


@dataclass(frozen=True, slots=True)
class WantedKey:
    """The chosen key."""

    key: Key


@dataclass(frozen=True, slots=True)
class WantedBucket:
    """The chosen bucket."""

    bucket: Bucket


@dataclass(frozen=True, slots=True)
class WantedLogGroup:
    """The chosen log group."""

    group: LogGroup
