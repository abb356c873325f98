"""The requests of a session about its key: their condition keys, their role session, and their encryption context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ssmtui.iam_policy.patterns import UNKNOWN_VALUE, Context
from ssmtui.model.fact import NoFact, Unreadable
from ssmtui.model.preferences import is_reference
from ssmtui.model.request_context import NODE_KEYS
from ssmtui.model.resource_attributes import KeyAttributes, is_about_aliases, is_about_tags
from ssmtui.model.storage import EncryptionContext

SESSION_ID = "aws:ssm:SessionId"
TARGET_ID = "aws:ssm:TargetId"
"""The keys in the encryption context of a session's data key (docs/facts/preferences.md §6)."""

SESSION_ID_KEY = f"kms:EncryptionContext:{SESSION_ID}"
_SOME_SESSION = "session-0123456789abcdef0"

_OBJECT = "aws:s3:arn"
_IN_CONTEXT = "kms:encryptioncontext:"
_CONTEXT_KEYS = "kms:EncryptionContextKeys"
_REQUEST_ALIAS = "kms:RequestAlias"


def data_key_context(node_id: str | None) -> Context:
    """Return the condition keys of a request about the data key of a session; without the node's ID, for any node.

    The ID of a session is not known before the session starts.
    """
    return {
        SESSION_ID_KEY: (UNKNOWN_VALUE,),
        f"kms:EncryptionContext:{TARGET_ID}": (UNKNOWN_VALUE if node_id is None else node_id,),
        _CONTEXT_KEYS: (SESSION_ID, TARGET_ID),
    }


def object_context(bucket_arn: str, *, has_bucket_key: bool) -> Context:
    """Return the condition keys about the encryption context of S3's requests for an object of a bucket.

    With an S3 Bucket Key, it is the ARN of the bucket, else of the object, whose name is not known before
    (S3 User Guide, UsingKMSEncryption).
    """
    arn = bucket_arn if has_bucket_key else UNKNOWN_VALUE
    return {f"kms:EncryptionContext:{_OBJECT}": (arn,), _CONTEXT_KEYS: (_OBJECT,)}


def alias_in_request(key: str) -> Context:
    """Return the condition key for the alias in a request, if a setting names the session key by its ID or key ARN.

    The request then has no alias. Whether it has an alias in the setting is not known (docs/facts/preferences.md §6).
    """
    return {} if is_reference(key) or "alias/" in key else {_REQUEST_ALIAS: ()}


def placeholder_session() -> Context:
    """Return a placeholder for the ID of a session, which each request about a data key has."""
    return {SESSION_ID_KEY: (_SOME_SESSION,)}


def is_about_key_or_session(key: str) -> bool:
    """Return whether a condition key is about a KMS key, or about a request about the data key of a session."""
    lowered = key.lower()
    named = (_IN_CONTEXT, _CONTEXT_KEYS.lower(), _REQUEST_ALIAS.lower())
    return is_about_aliases(key) or is_about_tags(key) or lowered.startswith(named)


@dataclass(frozen=True, slots=True)
class KeyConditions:
    """The condition keys of the policies about the session key, if they are about the key or about a session.

    `is_given_to_sessions`: the key's policy or a grant names a role session. `is_limited`: a grant is for certain
    encryption contexts.
    """

    keys: tuple[str, ...]
    is_given_to_sessions: bool
    is_limited: bool

    @property
    def of_single_nodes(self) -> bool:
        """Return whether the result can be different for each node."""
        return self.is_given_to_sessions or self.is_limited or any(each.lower() in NODE_KEYS for each in self.keys)


class CallerKeyConditions(KeyConditions):
    """The same for requests of the caller."""

    __slots__ = ()


class BucketKeyConditions(KeyConditions):
    """The same for requests of S3 about the log bucket's key, on behalf of the node."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What is known of a request about the session key, if its policies depend on it.

    `known` are condition keys with their values. `session` is the ARN of the role session that makes the request, empty
    if unknown. `node_id` is the node of the session; None if it makes no difference. `attributes` are those of the key.
    """

    known: tuple[tuple[str, tuple[str, ...]], ...]
    session: str
    node_id: str | None
    attributes: KeyAttributes | None = None

    @property
    def context(self) -> Context:
        """Return the known condition keys."""
        return dict(self.known)

    @property
    def encryption_context(self) -> EncryptionContext:
        """Return the encryption context."""
        return {SESSION_ID: None, TARGET_ID: self.node_id}

    def unread(self, keys: Iterable[str]) -> tuple[Unreadable, ...]:
        """Return the failed reads of the values of these condition keys."""
        return () if self.attributes is None else self.attributes.unread(keys)


class NodeKeyRequest(KeyRequest):
    """The request of the node to decrypt the data key."""

    __slots__ = ()


class CallerKeyRequest(KeyRequest):
    """The request of the caller to generate the data key."""

    __slots__ = ()


class BucketKeyRequest(KeyRequest):
    """The request of S3 for a data key of the log bucket's key, on behalf of the node."""

    __slots__ = ()


NO_KEY_REQUEST = KeyRequest((), "", None)
"""Stands for a request under policies that do not depend on it."""


def known_request(request: KeyRequest | NoFact) -> KeyRequest:
    """Return the request, or one of which nothing is known."""
    return request if isinstance(request, KeyRequest) else NO_KEY_REQUEST
