"""The causes behind one text of S3: missing, unencrypted, unreadable, refused, lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.preferences.log_bucket import (
    bucket_encryption_is_accepted,
    bucket_exists,
    role_may_look_up_bucket_encryption,
    role_may_write_to_bucket,
)
from ssmtui.iam_policy.document import Statement
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import bucket_questions
from ssmtui.model.key_requests import BucketKeyRequest, object_context
from ssmtui.model.node_requests import NO_CONDITIONS
from ssmtui.model.permissions import BucketPermissions, Decision, Denier
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.resource_attributes import BucketKeyAttributes
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketKey,
    BucketKeyGrants,
    BucketKeyPolicy,
    BucketPolicy,
    KeyGrant,
)
from tests.builders.fleet import a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, answers
from tests.builders.policies import a_policy, allow, deny
from tests.builders.storage import (
    ANY_DESTINATION,
    BUCKET,
    BUCKET_ARN,
    BY_PARAMETER,
    ENCRYPTED_ONLY,
    KEY_ARN,
    ROOT,
    a_bucket,
    a_bucket_policy,
    encrypted_with,
)
from tests.checks.outcome import Said, judged, said

SCOPE = a_scope()
BY_KEY, BY_S3, DOUBLY = encrypted_with("aws:kms", KEY_ARN), encrypted_with(), encrypted_with("aws:kms:dsse", KEY_ARN)
QUESTIONS = bucket_questions(SCOPE, ENCRYPTED_ONLY, a_bucket(), BY_KEY)
LOOKUP, PUT, DATA_KEY = "s3:GetEncryptionConfiguration", "s3:PutObject", "kms:GenerateDataKey"
DECRYPT = "kms:Decrypt"
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
FAIL, WARN, UNKNOWN = Status.FAIL, Status.WARN, Status.UNKNOWN
PARAMETER = ("ssm:GetParameter",)
NO_POLICY = Absent("a policy of the bucket", "s3:GetBucketPolicy")
POLICY_UNREAD = Unreadable("s3:GetBucketPolicy", "not authorized")
ENCRYPTION_UNREAD = Unreadable("s3:GetEncryptionConfiguration", "not authorized")
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
ORGANIZATION_ONLY = ("StringNotEquals", "aws:PrincipalOrgID", "o-1")
TLS_ONLY = a_bucket_policy(deny("s3:*", "*", "*", ("Bool", "aws:SecureTransport", "false")))


def may_not(*actions: str, denier: Denier = Denier.IDENTITY) -> BucketPermissions:
    return answers(BucketPermissions, QUESTIONS, *actions, denier=denier)


MAY = may_not()


@pytest.mark.parametrize(
    ("preferences", "bucket", "encryption", "expected"),
    [
        pytest.param(ENCRYPTED_ONLY, a_bucket(), BY_S3, [], id="by S3's own keys"),
        pytest.param(ENCRYPTED_ONLY, a_bucket(), BY_KEY, [], id="by a KMS key"),
        pytest.param(ENCRYPTED_ONLY, a_bucket(), DOUBLY, [("s3-encryption-refused", FAIL, PROVED, ())], id="doubly"),
        pytest.param(ANY_DESTINATION, a_bucket(), DOUBLY, [], id="doubly, and any would do"),
        pytest.param(
            BY_PARAMETER,
            a_bucket(),
            DOUBLY,
            [("s3-encryption-refused", UNKNOWN, POSSIBLE, PARAMETER)],
            id="doubly, the switch is a reference",
        ),
        pytest.param(
            ENCRYPTED_ONLY,
            a_bucket(),
            Absent("default encryption", "s3:GetBucketEncryption"),
            [("s3-encryption-refused", FAIL, PROVED, ())],
            id="not at all",
        ),
        pytest.param(ANY_DESTINATION, a_bucket(foreign=True), ENCRYPTION_UNREAD, [], id="foreign, and any would do"),
        pytest.param(ENCRYPTED_ONLY, None, BY_S3, [("s3-bucket-missing", FAIL, PROVED, ())], id="missing"),
        pytest.param(ANY_DESTINATION, None, BY_S3, [("s3-bucket-missing", WARN, PROVED, ())], id="missing, logs lost"),
        pytest.param(
            BY_PARAMETER,
            None,
            BY_S3,
            [("s3-bucket-missing", UNKNOWN, POSSIBLE, PARAMETER)],
            id="missing, the switch is a reference",
        ),
    ],
)
def test_the_bucket_is_there_and_encrypted_as_the_agent_wants(
    preferences: SessionPreferences,
    bucket: Bucket | None,
    encryption: BucketEncryption | Absent | Unreadable,
    expected: list[tuple[str, Status, Confidence, tuple[str, ...]]],
) -> None:
    fixes = {"s3-bucket-missing": ("edit-preferences",)}
    toggle = ("edit-preferences", "toggle-s3-encryption")
    found = bucket_exists(SCOPE, preferences, bucket or Absent(BUCKET, "s3:HeadBucket"))
    if bucket is not None:
        found += judged(bucket_encryption_is_accepted, SCOPE, preferences, bucket, encryption)
    assert said(found) == [
        Said(cause, status, sure, BUCKET_ARN, fixes.get(cause, toggle), needs)
        for cause, status, sure, needs in expected
    ]


def test_an_encryption_that_the_caller_may_not_see_is_unknown_where_it_matters() -> None:
    found = said(bucket_encryption_is_accepted(SCOPE, ENCRYPTED_ONLY, a_bucket(), ENCRYPTION_UNREAD))
    assert found == [
        Said("s3-encryption-refused", UNKNOWN, POSSIBLE, BUCKET_ARN, (), ("s3:GetEncryptionConfiguration",))
    ]


TOGGLE, GRANT = "toggle-s3-encryption", "grant-node-bucket-lookup"


def unreadable(confidence: Confidence, *fixes: str) -> list[Said]:
    return [Said("s3-encryption-unreadable", FAIL, confidence, ROLE_ARN, fixes)]


def unreadable_until(*needs: str) -> list[Said]:
    return [Said("s3-encryption-unreadable", UNKNOWN, POSSIBLE, ROLE_ARN, (), needs)]


@pytest.mark.parametrize(
    ("permissions", "policy", "expected"),
    [
        pytest.param(MAY, NO_POLICY, [], id="allowed"),
        pytest.param(MAY, TLS_ONLY, [], id="allowed, TLS demanded"),
        pytest.param(may_not(PUT), NO_POLICY, [], id="writing has its own check"),
        pytest.param(may_not(LOOKUP), NO_POLICY, unreadable(PROVED, GRANT, TOGGLE), id="denied"),
        pytest.param(
            may_not(LOOKUP), a_bucket_policy(allow("s3:Get*", BUCKET_ARN, ROLE_ARN)), [], id="the bucket names the role"
        ),
        pytest.param(
            MAY,
            a_bucket_policy(deny(LOOKUP, BUCKET_ARN, ROLE_ARN)),
            unreadable(PROVED, TOGGLE),
            id="the bucket denies the role",
        ),
        pytest.param(
            may_not(LOOKUP, denier=Denier.BOUNDARY),
            a_bucket_policy(allow("s3:*", "*", ROLE_ARN)),
            unreadable(PROVED, TOGGLE),
            id="the boundary does not allow",
        ),
        pytest.param(
            may_not(LOOKUP, denier=Denier.ORGANIZATION),
            NO_POLICY,
            unreadable(LIKELY, "steps-organization-policy", TOGGLE),
            id="the organization does not allow",
        ),
        pytest.param(may_not(LOOKUP), POLICY_UNREAD, unreadable_until("s3:GetBucketPolicy"), id="the bucket may allow"),
        pytest.param(MAY, POLICY_UNREAD, unreadable_until("s3:GetBucketPolicy"), id="the bucket may deny"),
        pytest.param(
            MAY,
            a_bucket_policy(deny("s3:*", "*", "*", ORGANIZATION_ONLY)),
            unreadable_until(),
            id="denied on conditions",
        ),
        pytest.param(
            NO_SIMULATION, NO_POLICY, unreadable_until("iam:SimulatePrincipalPolicy"), id="permissions unread"
        ),
    ],
)
def test_a_role_may_look_up_the_encryption_by_its_policies_and_the_buckets(
    permissions: BucketPermissions | Unreadable, policy: BucketPolicy | Absent | Unreadable, expected: list[Said]
) -> None:
    def judge(preferences: SessionPreferences) -> list[Said]:
        return said(
            judged(
                role_may_look_up_bucket_encryption,
                a_node_role(),
                SCOPE,
                preferences,
                a_bucket(),
                permissions,
                policy,
                NO_CONDITIONS,
            )
        )

    assert judge(ENCRYPTED_ONLY) == expected
    assert judge(ANY_DESTINATION) == []


def test_a_foreign_bucket_must_allow_the_lookup_itself() -> None:
    def judge(policy: BucketPolicy | Absent | Unreadable) -> list[Said]:
        foreign = a_bucket(foreign=True)
        return said(
            judged(
                role_may_look_up_bucket_encryption,
                a_node_role(),
                SCOPE,
                ENCRYPTED_ONLY,
                foreign,
                MAY,
                policy,
                NO_CONDITIONS,
            )
        )

    assert judge(a_bucket_policy(allow("s3:*", "*", ROLE_ARN))) == []
    assert judge(NO_POLICY) == unreadable(LIKELY, TOGGLE)
    assert judge(POLICY_UNREAD) == unreadable_until("s3:GetBucketPolicy")


WRITE = "grant-node-bucket-write"


def judge_writing(
    permissions: BucketPermissions,
    policy: BucketPolicy | Absent | Unreadable = NO_POLICY,
    preferences: SessionPreferences = ANY_DESTINATION,
    bucket: Bucket | None = None,
    key: BucketKeyPolicy | Unreadable | None = None,
    grants: BucketKeyGrants | Unreadable | None = None,
    bucket_key: BucketKey | Absent | Unreadable | None = None,
    request: BucketKeyRequest | NotApplicable = NO_CONDITIONS,
) -> Findings:
    own = key_policy() if key is None else key
    granted = grants or BucketKeyGrants(KEY_ARN, ())
    return judged(
        role_may_write_to_bucket,
        a_node_role(),
        SCOPE,
        preferences,
        bucket or a_bucket(),
        BY_KEY,
        permissions,
        policy,
        bucket_key or a_bucket_key(),
        own,
        granted,
        NO_CONDITIONS,
        NO_CONDITIONS,
        request,
    )


def a_bucket_key(state: str = "Enabled", spec: str = "SYMMETRIC_DEFAULT") -> BucketKey:
    return BucketKey(KEY_ARN, state, "ENCRYPT_DECRYPT" if spec == "SYMMETRIC_DEFAULT" else "SIGN_VERIFY", spec)


def key_policy(*statements: Statement) -> BucketKeyPolicy:
    return BucketKeyPolicy(KEY_ARN, a_policy(allow("kms:*", principal=ROOT), *statements))


KEY_UNREAD = Unreadable("kms:GetKeyPolicy", "not authorized")
BY_S3_ONLY = ("StringEquals", "kms:ViaService", "s3.eu-west-3.amazonaws.com")
BY_EC2_ONLY = ("StringEquals", "kms:ViaService", "ec2.eu-west-3.amazonaws.com")


KEY_UNDESCRIBED = Unreadable("kms:DescribeKey", "not authorized")
LOGS_LOST = [Said("s3-logs-lost", WARN, PROVED, ROLE_ARN, ("edit-preferences",))]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(a_bucket_key(), [], id="enabled"),
        pytest.param(a_bucket_key("Updating"), [], id="updating"),
        pytest.param(a_bucket_key("Disabled"), LOGS_LOST, id="disabled"),
        pytest.param(a_bucket_key("PendingDeletion"), LOGS_LOST, id="pending deletion"),
        pytest.param(a_bucket_key("Unavailable"), LOGS_LOST, id="unavailable"),
        pytest.param(a_bucket_key(spec="RSA_2048"), LOGS_LOST, id="of a kind that encrypts nothing"),
        pytest.param(Absent("the key", "kms:DescribeKey"), LOGS_LOST, id="missing"),
        pytest.param(
            KEY_UNDESCRIBED,
            [Said("s3-logs-lost", UNKNOWN, POSSIBLE, ROLE_ARN, (), ("kms:DescribeKey",))],
            id="unread",
        ),
    ],
)
def test_logs_are_lost_if_the_key_of_the_bucket_cannot_be_used(
    key: BucketKey | Absent | Unreadable, expected: list[Said]
) -> None:
    assert said(judge_writing(MAY, bucket_key=key)) == expected


def test_the_state_of_another_accounts_key_that_cannot_be_read_changes_nothing() -> None:
    theirs = encrypted_with("aws:kms", KEY_ARN.replace(SCOPE.account, "999999999999"))
    questions = bucket_questions(SCOPE, ANY_DESTINATION, a_bucket(), theirs)
    may = answers(BucketPermissions, questions)
    unread = (KEY_UNDESCRIBED, KEY_UNREAD, KEY_UNREAD)
    facts = (a_node_role(), SCOPE, ANY_DESTINATION, a_bucket(), theirs, may, NO_POLICY, *unread)
    found = judged(role_may_write_to_bucket, *facts, NO_CONDITIONS, NO_CONDITIONS, NO_CONDITIONS)
    assert said(found) == []


def asked_of_key(*, has_bucket_key: bool = True, team: str = "red") -> BucketKeyRequest:
    bucket, attributes = a_bucket(), BucketKeyAttributes(("alias/logs",), (("team", team),))
    known = {
        **object_context(bucket.arn, has_bucket_key=has_bucket_key),
        **attributes.context(("aws:ResourceTag/team",)),
    }
    return BucketKeyRequest(tuple(known.items()), "", None, attributes)


BY_TAG = ("StringEquals", "aws:ResourceTag/team", "red")
BY_ALIAS = ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/logs")
BY_BUCKET = ("StringEquals", "kms:EncryptionContext:aws:s3:arn", a_bucket().arn)


@pytest.mark.parametrize(
    ("condition", "request_", "statuses"),
    [
        pytest.param(BY_TAG, asked_of_key(), [], id="a tag that the key has"),
        pytest.param(BY_TAG, asked_of_key(team="blue"), [WARN], id="a tag that it does not have"),
        pytest.param(BY_TAG, NO_CONDITIONS, [UNKNOWN], id="a tag, and nothing is known"),
        pytest.param(BY_ALIAS, asked_of_key(), [], id="an alias that the key has"),
        pytest.param(BY_BUCKET, asked_of_key(), [], id="the bucket, with a bucket key"),
        pytest.param(BY_BUCKET, asked_of_key(has_bucket_key=False), [UNKNOWN], id="the bucket, without a bucket key"),
    ],
)
def test_conditions_of_the_buckets_key_are_compared_with_the_key_and_with_requests_of_s3(
    condition: tuple[str, str, str], request_: BucketKeyRequest | NotApplicable, statuses: list[Status]
) -> None:
    named = key_policy(*(allow(action, "", ROLE_ARN, condition) for action in (DATA_KEY, DECRYPT)))
    found = judge_writing(may_not(DATA_KEY, DECRYPT), key=named, request=request_)
    assert [each.status for each in found] == statuses


def test_a_role_that_is_not_allowed_is_told_of_before_the_key() -> None:
    (found,) = judge_writing(may_not(PUT), bucket_key=a_bucket_key("Disabled"))
    assert found.fixes == (WRITE,)
    assert "KeyState is Disabled" in " ".join(each.fact for each in found.evidence)


@pytest.mark.parametrize(
    ("permissions", "key", "grants", "expected"),
    [
        pytest.param(MAY, key_policy(), None, [], id="the key leaves it to the account"),
        pytest.param(may_not(DATA_KEY), key_policy(), None, [(WARN, PROVED, (WRITE,), ())], id="denied"),
        pytest.param(
            may_not(DATA_KEY), key_policy(allow(DATA_KEY, principal=ROLE_ARN)), None, [], id="the key names the role"
        ),
        pytest.param(
            may_not(DATA_KEY),
            key_policy(allow(DATA_KEY, "", ROLE_ARN, BY_S3_ONLY)),
            None,
            [],
            id="the key names the role for what comes by S3",
        ),
        pytest.param(
            may_not(DATA_KEY),
            key_policy(allow(DATA_KEY, "", ROLE_ARN, BY_EC2_ONLY)),
            None,
            [(WARN, PROVED, (WRITE,), ())],
            id="the key names the role for what comes by EC2",
        ),
        pytest.param(
            may_not(DATA_KEY),
            key_policy(),
            BucketKeyGrants(KEY_ARN, (KeyGrant(ROLE_ARN, ("GenerateDataKey",)),)),
            [],
            id="a grant names the role",
        ),
        pytest.param(
            MAY, key_policy(deny(DATA_KEY, principal=ROLE_ARN)), None, [(WARN, PROVED, (), ())], id="the key denies"
        ),
        pytest.param(
            may_not(DATA_KEY),
            KEY_UNREAD,
            None,
            [(UNKNOWN, POSSIBLE, (), ("kms:GetKeyPolicy",))],
            id="the key may allow",
        ),
        pytest.param(
            may_not(DATA_KEY),
            key_policy(),
            Unreadable("kms:ListGrants", "not authorized"),
            [(UNKNOWN, POSSIBLE, (), ("kms:ListGrants",))],
            id="a grant may allow",
        ),
        pytest.param(MAY, KEY_UNREAD, None, [(UNKNOWN, POSSIBLE, (), ("kms:GetKeyPolicy",))], id="the key is unread"),
        pytest.param(may_not(DECRYPT), key_policy(), None, [(WARN, PROVED, (WRITE,), ())], id="no parts"),
        pytest.param(
            may_not(DECRYPT),
            key_policy(allow(DECRYPT, "", ROLE_ARN, BY_S3_ONLY)),
            None,
            [],
            id="the key names the role for parts",
        ),
        pytest.param(
            may_not(DECRYPT),
            key_policy(),
            BucketKeyGrants(KEY_ARN, (KeyGrant(ROLE_ARN, ("GenerateDataKey",)),)),
            [(WARN, PROVED, (WRITE,), ())],
            id="a grant names the role for single objects only",
        ),
        pytest.param(
            may_not(DECRYPT),
            key_policy(),
            BucketKeyGrants(KEY_ARN, (KeyGrant(ROLE_ARN, ("Decrypt",)),)),
            [],
            id="a grant names the role for parts",
        ),
        pytest.param(
            MAY,
            key_policy(deny(DECRYPT, principal=ROLE_ARN)),
            None,
            [(WARN, PROVED, (), ())],
            id="the key denies parts",
        ),
        pytest.param(
            may_not(DECRYPT),
            KEY_UNREAD,
            None,
            [(UNKNOWN, POSSIBLE, (), ("kms:GetKeyPolicy",))],
            id="the key may allow parts",
        ),
    ],
)
def test_the_key_of_the_bucket_has_its_say(
    permissions: BucketPermissions,
    key: BucketKeyPolicy | Unreadable,
    grants: BucketKeyGrants | Unreadable | None,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    assert said(judge_writing(permissions, key=key, grants=grants)) == [
        Said("s3-logs-lost", status, sure, ROLE_ARN, fixes, needs) for status, sure, fixes, needs in expected
    ]


ENCRYPTED_UPLOADS = deny(PUT, "*", "*", ("StringNotEquals", "s3:x-amz-server-side-encryption", "aws:kms"))


@pytest.mark.parametrize(
    ("permissions", "policy", "preferences", "expected"),
    [
        pytest.param(MAY, NO_POLICY, ENCRYPTED_ONLY, [], id="allowed"),
        pytest.param(may_not(LOOKUP), NO_POLICY, ANY_DESTINATION, [], id="the lookup has its own check"),
        pytest.param(may_not(PUT), NO_POLICY, ANY_DESTINATION, [(WARN, PROVED, (WRITE,))], id="denied"),
        pytest.param(may_not(PUT), NO_POLICY, ENCRYPTED_ONLY, [(WARN, PROVED, (WRITE,))], id="denied, only encrypted"),
        pytest.param(
            may_not(PUT, LOOKUP),
            NO_POLICY,
            ENCRYPTED_ONLY,
            [(FAIL, PROVED, (WRITE,))],
            id="the toggle would open sessions without a trace",
        ),
        pytest.param(
            may_not(PUT),
            a_bucket_policy(allow(PUT, f"{BUCKET_ARN}/*", ROLE_ARN)),
            ANY_DESTINATION,
            [],
            id="bucket allows",
        ),
        pytest.param(
            MAY,
            a_bucket_policy(deny(PUT, "*", ROLE_ARN)),
            ANY_DESTINATION,
            [(WARN, PROVED, ())],
            id="the bucket denies",
        ),
        pytest.param(MAY, a_bucket_policy(ENCRYPTED_UPLOADS), ENCRYPTED_ONLY, [], id="encrypted as the bucket demands"),
    ],
)
def test_a_role_may_write_by_its_policies_and_the_buckets(
    permissions: BucketPermissions,
    policy: BucketPolicy | Absent,
    preferences: SessionPreferences,
    expected: list[tuple[Status, Confidence, tuple[str, ...]]],
) -> None:
    assert said(judge_writing(permissions, policy, preferences)) == [
        Said("s3-logs-lost", status, sure, ROLE_ARN, fixes) for status, sure, fixes in expected
    ]


def test_what_the_bucket_does_not_show_is_unknown() -> None:
    def unknown(*needs: str) -> list[Said]:
        return [Said("s3-logs-lost", UNKNOWN, POSSIBLE, ROLE_ARN, (), needs)]

    assert said(judge_writing(MAY, POLICY_UNREAD)) == unknown("s3:GetBucketPolicy")
    assert said(judge_writing(MAY, a_bucket_policy(ENCRYPTED_UPLOADS))) == unknown()


def test_what_a_foreign_bucket_does_not_show_leaves_the_verdict_alone() -> None:
    assert judge_writing(MAY, POLICY_UNREAD, bucket=a_bucket(foreign=True)) == ()


def test_a_foreign_bucket_asks_for_an_acl_as_well() -> None:
    def actions(bucket: Bucket) -> list[str]:
        return [each.action for each in bucket_questions(SCOPE, ENCRYPTED_ONLY, bucket, BY_S3)]

    assert actions(a_bucket()) == [LOOKUP, PUT]
    assert actions(a_bucket(foreign=True)) == [LOOKUP, PUT, "s3:PutObjectAcl"]


def test_an_object_is_asked_about_by_the_ending_that_the_agent_gives_it() -> None:
    def resources(prefix: str) -> list[str]:
        preferences = replace(ENCRYPTED_ONLY, s3_prefix=prefix)
        return [each.resource for each in bucket_questions(SCOPE, preferences, a_bucket(), BY_S3)]

    assert resources("sessions") == [BUCKET_ARN, f"{BUCKET_ARN}/sessions/*.log"]
    assert resources("/a/b/") == [BUCKET_ARN, f"{BUCKET_ARN}/a/b/*.log"]
    assert resources("") == [BUCKET_ARN, f"{BUCKET_ARN}/*.log"]


def test_lost_logs_are_said_in_a_sentence_with_the_denial() -> None:
    permissions = answers(BucketPermissions, QUESTIONS, PUT, decision=Decision.EXPLICIT_DENY)
    assert judge_writing(permissions) == (
        Finding(
            cause="s3-logs-lost",
            status=WARN,
            confidence=PROVED,
            subject=Subject(SubjectKind.ROLE, ROLE_ARN),
            summary=(
                f"The role web is not allowed to write session logs to {BUCKET}: the logs are lost without an error."
            ),
            evidence=(
                Evidence(
                    f"s3:PutObject on {BUCKET_ARN}/sessions/*.log is explicitly denied by the identity-based policies",
                    "iam:SimulatePrincipalPolicy",
                ),
            ),
        ),
    )


def test_a_role_that_cannot_upload_in_parts_loses_large_logs_alone() -> None:
    """docs/facts/preferences.md §7: S3 decrypts for an upload in parts, which the agent makes above 5 MiB."""
    large = f"The role web is not allowed to upload large session logs to {BUCKET}: logs above 5 MiB are lost."
    all_ = f"The role web is not allowed to write session logs to {BUCKET}: the logs are lost without an error."
    unknown = f"Cannot determine whether the role web is allowed to upload session logs above 5 MiB to {BUCKET}."
    maybe = key_policy(deny(DECRYPT, "", ROLE_ARN, ("StringEquals", "aws:PrincipalTag/team", "red")))
    told = [
        (found.status, found.summary)
        for permissions, key in (
            (may_not(DECRYPT), None),
            # The toggle would open sessions whose logs arrive, but for large ones.
            (may_not(DECRYPT, LOOKUP), None),
            (may_not(DECRYPT, DATA_KEY), None),
            (may_not(DECRYPT, DATA_KEY, LOOKUP), None),
            (MAY, maybe),
        )
        for found in judge_writing(permissions, preferences=ENCRYPTED_ONLY, key=key)
    ]
    assert told == [(WARN, large), (WARN, large), (WARN, all_), (FAIL, all_), (UNKNOWN, unknown)]


def test_what_the_key_is_asked_for_is_asked_by_s3() -> None:
    asked = [each for each in QUESTIONS if each.resource == KEY_ARN]
    assert [(each.action, each.context) for each in asked] == [
        (action, (("kms:ViaService", "s3.eu-west-3.amazonaws.com"),)) for action in (DATA_KEY, DECRYPT)
    ]


def test_a_foreign_bucket_that_takes_no_acl_of_the_role_loses_its_logs() -> None:
    foreign = a_bucket(foreign=True)
    questions = bucket_questions(SCOPE, ANY_DESTINATION, foreign, BY_S3)
    taken = a_bucket_policy(allow("s3:*", "*", ROLE_ARN))
    sound = answers(BucketPermissions, questions)
    assert judge_writing(sound, taken, bucket=foreign) == ()
    denied = answers(BucketPermissions, questions, "s3:PutObjectAcl", decision=Decision.EXPLICIT_DENY)
    (found,) = said(judge_writing(denied, taken, bucket=foreign))
    assert (found.cause, found.status, found.subject) == ("s3-logs-lost", WARN, ROLE_ARN)
