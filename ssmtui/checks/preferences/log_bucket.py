"""Check the bucket of session logs, its encryption, and the permissions of the node's role for it and its key."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.analysis.access import Access, BucketAccess, BucketKeyAccess
from ssmtui.analysis.finding_parts import (
    fixes_for,
    least_sure,
    status_by_switch,
    the_bucket,
    the_role,
    unknown_finding,
    unread_finding,
)
from ssmtui.checks.registry import check
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.iam_questions import (
    DECRYPT,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    PUT_OBJECT,
    PUT_OBJECT_ACL,
    bucket_arn,
)
from ssmtui.model.identity import NodeRole
from ssmtui.model.key_requests import BucketKeyRequest
from ssmtui.model.node import Node
from ssmtui.model.node_requests import BucketKeyPolicyRequests, BucketPolicyRequests, PolicyRequests
from ssmtui.model.permissions import BucketPermissions, EvaluationResult, Question
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketKey,
    BucketKeyGrants,
    BucketKeyPolicy,
    BucketPolicy,
)

# Encryption that the agent accepts; it does not accept DSSE (agent/s3util/s3util.go, docs/facts/preferences.md §7).
_ACCEPTED = frozenset({"AES256", "aws:kms"})


@check(link=Link.PREFERENCES, causes=("s3-bucket-missing",), subject=the_bucket, after=("windows-can-stream-logs",))
def bucket_exists(scope: Scope, preferences: SessionPreferences, bucket: Bucket | Absent) -> Findings:
    """Whether the log bucket exists."""
    if isinstance(bucket, Bucket):
        return ()
    status, needs = status_by_switch(preferences.s3_encrypted_only)
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
                Evidence(
                    say("the bucket {s3_bucket} does not exist", s3_bucket=preferences.s3_bucket), "s3:HeadBucket"
                ),
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
) -> Findings | NotApplicable:
    """Whether SSM Agent accepts the encryption of the log bucket, if only encrypted buckets are allowed."""
    status, needs = status_by_switch(preferences.s3_encrypted_only)
    if status is Status.WARN:
        return NotApplicable(say("the preferences allow a bucket without encryption"))
    if isinstance(encryption, BucketEncryption) and encryption.algorithm in _ACCEPTED:
        return ()
    subject = the_bucket(scope, preferences)
    if isinstance(encryption, Unreadable):
        summary = say("Cannot determine how the log bucket {bucket} is encrypted.", bucket=bucket.name)
        return (unread_finding("s3-encryption-refused", subject, summary, encryption),)
    algorithm = encryption.algorithm if isinstance(encryption, BucketEncryption) else "none"
    return (
        Finding(
            cause="s3-encryption-refused",
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else Confidence.PROVED,
            subject=subject,
            summary=say(
                "The preferences require an encrypted bucket, and SSM Agent does not accept {algorithm} of {bucket}.",
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


@check(
    link=Link.PREFERENCES,
    causes=("s3-encryption-unreadable",),
    subject=the_role,
    after=("bucket-exists",),
    without={BucketPolicyRequests: "conditions on the request are open without"},
)
def role_may_look_up_bucket_encryption(
    node_role: NodeRole,
    scope: Scope,
    preferences: SessionPreferences,
    bucket: Bucket | Unreadable,
    permissions: BucketPermissions | Unreadable,
    policy: BucketPolicy | Absent | Unreadable,
    requests: BucketPolicyRequests | NoFact,
) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether the node's role is allowed to read the bucket encryption, if only encrypted buckets are allowed."""
    if status_by_switch(preferences.s3_encrypted_only)[0] is Status.WARN:
        return NotApplicable(say("the preferences allow a bucket without encryption"))
    answer = permissions if isinstance(permissions, Unreadable) else permissions.answer_to(GET_BUCKET_ENCRYPTION)
    question = Question(GET_BUCKET_ENCRYPTION, bucket_arn(scope, preferences))

    def found(node: Node | None) -> Findings:
        way = BucketAccess(scope, node_role.role, bucket, policy, requests, node)
        return _looking_up(node_role, preferences, answer, way.judge(question, answer))

    return OfNode(found) if isinstance(requests, PolicyRequests) and requests.of_single_nodes else found(None)


def _looking_up(
    node_role: NodeRole, preferences: SessionPreferences, answer: EvaluationResult | Unreadable, judged: Access
) -> Findings:
    status, needs = status_by_switch(preferences.s3_encrypted_only)
    role, cause = node_role.role, "s3-encryption-unreadable"
    if judged.allowed is Truth.YES:
        return ()
    if judged.allowed is Truth.PERHAPS:
        summary = say(
            "Cannot determine whether the role {role} is allowed to read the encryption of {s3_bucket}.",
            role=role.name,
            s3_bucket=preferences.s3_bucket,
        )
        evidence, more = (_encrypted_bucket_evidence(), *judged.evidence), tuple(dict.fromkeys((*needs, *judged.needs)))
        return (unknown_finding(cause, the_role(node_role), summary, evidence, more),)
    grant = "grant-node-bucket-lookup" if judged.identity_would_do else None
    return (
        Finding(
            cause=cause,
            status=status,
            confidence=Confidence.POSSIBLE if status is Status.UNKNOWN else judged.confidence,
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to read the encryption of the log bucket {s3_bucket}.",
                role=role.name,
                s3_bucket=preferences.s3_bucket,
            ),
            evidence=(_encrypted_bucket_evidence(), *judged.evidence),
            fixes=fixes_for(_denials(answer), grant, "toggle-s3-encryption"),
            needs=needs,
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("s3-logs-lost",),
    subject=the_role,
    after=("bucket-encryption-is-accepted",),
    without={
        BucketEncryption: "a key that may deny comes on top, and leaves it open",
        BucketKey: "a key that cannot be used comes on top, and leaves it open",
        BucketPolicyRequests: "conditions on the request are open without",
        BucketKeyPolicyRequests: "conditions on the request are open without",
        BucketKeyRequest: "conditions on the key are open without",
    },
)
def role_may_write_to_bucket(
    node_role: NodeRole,
    scope: Scope,
    preferences: SessionPreferences,
    bucket: Bucket | Unreadable,
    encryption: BucketEncryption | Absent | Unreadable,
    permissions: BucketPermissions,
    policy: BucketPolicy | Absent | Unreadable,
    bucket_key: BucketKey | Absent | NotApplicable | Unreadable,
    key_policy: BucketKeyPolicy | Absent | NotApplicable | Unreadable,
    key_grants: BucketKeyGrants | Absent | NotApplicable | Unreadable,
    requests: BucketPolicyRequests | NoFact,
    key_requests: BucketKeyPolicyRequests | NoFact,
    key_request: BucketKeyRequest | NoFact,
) -> Findings | OfNode[Findings]:
    """Whether the role of the node is allowed to write session logs to the bucket."""

    def found(node: Node | None) -> Findings:
        key = BucketKeyAccess(scope, node_role.role, key_policy, key_grants, key_requests, node, key_request)
        way = BucketAccess(scope, node_role.role, bucket, policy, requests, node)
        return _uploading(
            node_role,
            preferences,
            permissions,
            way,
            _writing(way, key, preferences, encryption, permissions, bucket_key),
            bucket_key,
        )

    of_single_nodes = (each.of_single_nodes for each in (requests, key_requests) if isinstance(each, PolicyRequests))
    return OfNode(found) if any(of_single_nodes) else found(None)


def _uploading(
    node_role: NodeRole,
    preferences: SessionPreferences,
    permissions: BucketPermissions,
    way: BucketAccess,
    judged: Mapping[str, Access],
    bucket_key: BucketKey | Absent | NotApplicable | Unreadable,
) -> Findings:
    role, name = node_role.role, preferences.s3_bucket
    refused = {action: each for action, each in judged.items() if each.allowed is Truth.NO}
    if refused:
        grant = "grant-node-bucket-write" if all(each.identity_would_do for each in refused.values()) else None
        denials = tuple(permissions.answer_to(action) for action in refused)
        large_only = set(refused) == {DECRYPT}
        return (
            Finding(
                cause="s3-logs-lost",
                status=Status.WARN if large_only else _status_of_loss(way, preferences, permissions),
                confidence=least_sure(each.confidence for each in refused.values()),
                subject=the_role(node_role),
                summary=_large_logs_lost(role.name, name) if large_only else _logs_lost(role.name, name),
                evidence=(*(fact for each in refused.values() for fact in each.evidence), *_key_evidence(bucket_key)),
                fixes=fixes_for(_denials(*denials), grant),
            ),
        )
    if evidence := _key_evidence(bucket_key):
        summary = say(
            "The KMS key of the log bucket {name} cannot be used: session logs of the role {role} are lost without an "
            "error.",
            name=name,
            role=role.name,
        )
        status = _status_of_loss(way, preferences, permissions)
        subject = the_role(node_role)
        return (Finding("s3-logs-lost", status, Confidence.PROVED, subject, summary, evidence, ("edit-preferences",)),)
    unsure = [each for each in judged.values() if each.allowed is Truth.PERHAPS]
    if not unsure or (way.foreign and isinstance(way.policy, Unreadable)):
        return ()  # an unreadable policy of another account does not change the verdict
    summary = (
        _large_logs_unknown(role.name, name)
        if all(each is judged.get(DECRYPT) for each in unsure)
        else say(
            "Cannot determine whether the role {role} is allowed to write session logs to {name}.",
            role=role.name,
            name=name,
        )
    )
    evidence = tuple(dict.fromkeys(fact for each in unsure for fact in each.evidence))
    needs = tuple(dict.fromkeys(action for each in unsure for action in each.needs))
    return (unknown_finding("s3-logs-lost", the_role(node_role), summary, evidence, needs),)


def _logs_lost(role: str, name: str) -> str:
    return say(
        "The role {role} is not allowed to write session logs to {name}: the logs are lost without an error.",
        role=role,
        name=name,
    )


def _large_logs_lost(role: str, name: str) -> str:
    return say(
        "The role {role} is not allowed to upload large session logs to {name}: logs above 5 MiB are lost.",
        role=role,
        name=name,
    )


def _large_logs_unknown(role: str, name: str) -> str:
    return say(
        "Cannot determine whether the role {role} is allowed to upload session logs above 5 MiB to {name}.",
        role=role,
        name=name,
    )


def _writing(
    way: BucketAccess,
    key: BucketKeyAccess,
    preferences: SessionPreferences,
    encryption: BucketEncryption | Absent | Unreadable,
    permissions: BucketPermissions,
    bucket_key: BucketKey | Absent | NotApplicable | Unreadable,
) -> dict[str, Access]:
    """Return for each action of writing an object whether the role is allowed to do it."""
    headers = {"s3:x-amz-acl": ("bucket-owner-full-control",)}
    if isinstance(encryption, BucketEncryption) and preferences.s3_encrypted_only is EncryptedOnly.ON:
        # After reading the bucket's encryption, the agent uses the same for its objects (docs/facts/preferences.md §7).
        headers["s3:x-amz-server-side-encryption"] = (encryption.algorithm,)
    judged: dict[str, Access] = {}
    for answer in permissions.answers:
        action = answer.question.action
        if action in (PUT_OBJECT, PUT_OBJECT_ACL):
            judged[action] = way.judge(answer.question, answer, headers)
        elif action in (GENERATE_DATA_KEY, DECRYPT) and (of_key := key.judge(answer)) is not None:
            judged[action] = of_key
    if isinstance(encryption, Unreadable):
        # The encryption may use a key that the role is not allowed to use.
        judged[GENERATE_DATA_KEY] = _undecided(encryption)
    elif isinstance(bucket_key, Unreadable) and key.is_own(encryption):
        judged[_STATE_OF_KEY] = _undecided(bucket_key)
    return judged


_STATE_OF_KEY = "kms:DescribeKey"


def _undecided(unread: Unreadable) -> Access:
    """Return an undecided access, because something could not be read."""
    needs = (unread.action,) if unread.action else ()
    return Access(Truth.PERHAPS, Confidence.POSSIBLE, (Evidence(unread.why, unread.source),), needs)


def _key_evidence(key: BucketKey | Absent | NotApplicable | Unreadable) -> tuple[Evidence, ...]:
    """Return why S3 cannot encrypt with the key of the bucket; empty if it can, or if that is unknown."""
    if isinstance(key, NotApplicable | Unreadable):
        return ()
    if isinstance(key, Absent):
        return (Evidence(say("{what} does not exist", what=key.what), key.source),)
    name = key.arn.rpartition("/")[2]
    if not key.works:
        when = say(" on {date}", date=f"{key.deletion:%Y-%m-%d}") if key.deletion else ""
        state = say("KeyState is {state}", state=key.state)
        return (Evidence(f"{name}: {state}{when}", _STATE_OF_KEY),)
    if not key.encrypts:
        kind = say("KeySpec is {spec}, KeyUsage is {usage}", spec=key.spec, usage=key.usage)
        return (Evidence(f"{name}: {kind}", _STATE_OF_KEY),)
    return ()


def _status_of_loss(way: BucketAccess, preferences: SessionPreferences, permissions: BucketPermissions) -> Status:
    """Return FAIL if turning the encryption switch off would open sessions whose logs are lost."""
    if preferences.s3_encrypted_only is not EncryptedOnly.ON:
        return Status.WARN
    lookup = permissions.answer_to(GET_BUCKET_ENCRYPTION)
    closed = way.judge(lookup.question, lookup).allowed is Truth.NO
    return Status.FAIL if closed else Status.WARN


def _denials(*answers: EvaluationResult | Unreadable) -> tuple[EvaluationResult, ...]:
    return tuple(each for each in answers if isinstance(each, EvaluationResult) and not each.allowed)


def _encrypted_bucket_evidence() -> Evidence:
    return Evidence(say("the preferences require an encrypted bucket"), "ssm:GetDocument")
