"""The calls of sessions at the endpoints for kms, logs and s3, where the preferences need these: none is proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssmtui.checks.doubt import switch_as_status
from ssmtui.checks.network.endpoint_policies import RESOURCE_ACCOUNT, Hindrance, Visitor, hindrance, permits
from ssmtui.checks.subjects import the_key
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Status
from ssmtui.model.network import Endpoint
from ssmtui.model.permissions import Question
from ssmtui.model.policy_reading import Truth
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.questions import (
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GET_BUCKET_ENCRYPTION,
    bucket_questions,
    log_group_questions,
)
from ssmtui.model.storage import Key

_UNASKED = Moot("")


def hindered_in_sessions(
    visitor: Visitor,
    endpoint: Endpoint,
    service: str,
    preferences: SessionPreferences,
    key: Key | Absent | Moot | Unreadable,
) -> Iterator[Hindrance]:
    """What the policy of the endpoint for kms, logs or s3 has against what sessions do there."""
    yield from (each for each in _told(visitor, endpoint, service, preferences, key) if each is not None)


def _told(
    visitor: Visitor,
    endpoint: Endpoint,
    service: str,
    preferences: SessionPreferences,
    key: Key | Absent | Moot | Unreadable,
) -> Iterator[Hindrance | None]:
    if service == "kms":
        yield _decrypting(visitor, endpoint, preferences, key)
        return
    if service == "logs":
        asked, lookup = log_group_questions(visitor.scope, preferences), DESCRIBE_LOG_GROUPS
        switch = preferences.log_group_encrypted_only
    else:
        asked, lookup = bucket_questions(visitor.scope, preferences, _UNASKED, _UNASKED), GET_BUCKET_ENCRYPTION
        switch = preferences.s3_encrypted_only
    for each in asked:
        question = each if service == "s3" else replace(each, context=((RESOURCE_ACCOUNT, visitor.scope.account),))
        yield _logging(visitor, endpoint, question, switch, is_lookup=question.action == lookup)


def _decrypting(
    visitor: Visitor, endpoint: Endpoint, preferences: SessionPreferences, key: Key | Absent | Moot | Unreadable
) -> Hindrance | None:
    """Without it no session opens. A key that may not be looked at is asked about by its name in the preferences."""
    if isinstance(key, Key):
        question = Question(DECRYPT, key.arn, ((RESOURCE_ACCOUNT, key.account),))
        return hindrance(visitor, endpoint, question, Status.FAIL, Confidence.LIKELY)
    if not isinstance(key, Unreadable):
        return None  # there is no such key, which is said elsewhere
    question = Question(DECRYPT, the_key(visitor.scope, preferences).id)
    if permits(visitor, endpoint, question) is Truth.YES:
        return None
    needs = (key.action,) if key.action else ()
    unread = Evidence(key.why, key.source)
    return Hindrance(DECRYPT, Truth.PERHAPS, unread, Status.UNKNOWN, Confidence.POSSIBLE, needs)


def _logging(
    visitor: Visitor, endpoint: Endpoint, question: Question, switch: EncryptedOnly, *, is_lookup: bool
) -> Hindrance | None:
    """The agent looks a destination up only where it has to be encrypted; what it may not write is lost."""
    if not is_lookup:
        return hindrance(visitor, endpoint, question, Status.WARN, Confidence.LIKELY)
    status, needs = switch_as_status(switch)
    if status is Status.WARN:
        return None
    return hindrance(visitor, endpoint, question, status, Confidence.LIKELY, needs)
