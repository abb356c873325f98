"""When the tags and aliases of the resources of a session are read, and what requests have of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import pytest

from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.readers.key_requests import key_conditions
from ssmtui.evidence.readers.resource_attributes import (
    BucketKeyAttributesQuery,
    BucketTagsQuery,
    KeyAttributesQuery,
    LogGroupTagsQuery,
    attributes_asked,
    bucket_attributes,
    bucket_key_attributes_asked,
    bucket_tags_asked,
    key_attributes,
    log_group_attributes,
    log_group_tags_asked,
)
from ssmtui.evidence.readers.roles import SimulatedBucket, SimulatedKey, SimulatedLogGroup
from ssmtui.iam_policy.document import Statement
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.iam_questions import (
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    PUT_OBJECT,
    bucket_questions,
    key_questions,
    log_group_questions,
)
from ssmtui.model.key_requests import BucketKeyConditions, KeyConditions, KeyRequest
from ssmtui.model.permissions import Denier, Permissions
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.resource_attributes import (
    BucketAttributes,
    BucketKeyAttributes,
    KeyAttributes,
    LogGroupAttributes,
    ResourceAttributes,
    known_attributes,
)
from ssmtui.model.storage import BucketEncryption, KeyGrants
from tests.builders.fleet import a_scope
from tests.builders.identity import a_node_role, answers, undecided
from tests.builders.policies import allow
from tests.builders.storage import BUCKET, KEY_ARN, ROOT, a_bucket, a_key, a_key_policy
from tests.evidence.fake_aws import Canned, FakeAws, refused

SCOPE = a_scope()
NONE = NotApplicable("nothing")
ALIASES = ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/sessions")
TAG = ("StringEquals", "aws:ResourceTag/Team", "red")
LOGGED = SessionPreferences(
    SCOPE.session_document_arn, document_exists=True, s3_bucket=BUCKET, log_group="/ssm/sessions"
)


Told = TypeVar("Told", bound=Permissions)


def conditions(statement: Statement) -> KeyConditions | NotApplicable:
    found = key_conditions(SCOPE, a_node_role(), a_key(), a_key_policy(statement), KeyGrants(KEY_ARN, ()))
    assert isinstance(found, KeyConditions | NotApplicable)
    return found


def asked(statement: Statement, simulated: SimulatedKey | NotApplicable = NONE, account: str = "") -> object:
    key = a_key(account=account) if account else a_key()
    of_policy = conditions(statement)
    return attributes_asked(SCOPE, key, of_policy, simulated, NONE)


def test_aliases_and_tags_are_asked_for_only_if_a_policy_depends_on_them() -> None:
    everything = allow("kms:*", "*", ROOT)
    by_alias, by_tag = allow("kms:*", "*", ROOT, ALIASES), allow("kms:*", "*", ROOT, TAG)
    of_role = undecided(SimulatedKey, key_questions(a_key()), "kms:Decrypt", keys=("aws:ResourceTag/Team",))
    assert isinstance(asked(everything), NotApplicable)
    assert asked(by_alias) == KeyAttributesQuery(KEY_ARN, aliases=True, tags=False)
    assert asked(by_tag) == KeyAttributesQuery(KEY_ARN, aliases=False, tags=True)
    assert asked(everything, of_role) == KeyAttributesQuery(KEY_ARN, aliases=False, tags=True)
    assert isinstance(asked(by_alias, account="999999999999"), NotApplicable)


def test_aliases_and_tags_are_asked_for_if_the_organization_denies_as_its_policies_may_use_them() -> None:
    denied = answers(SimulatedKey, key_questions(a_key()), "kms:Decrypt", denier=Denier.ORGANIZATION)
    assert asked(allow("kms:*", "*", ROOT), denied) == KeyAttributesQuery(KEY_ARN, aliases=True, tags=True)


def test_aliases_and_tags_are_asked_for_if_the_organization_has_policies_that_may_deny_by_them() -> None:
    allowed = answers(SimulatedKey, key_questions(a_key()))
    governed = SimulatedKey(allowed.principal, tuple(replace(each, governed=True) for each in allowed.answers))
    assert isinstance(asked(allow("kms:*", "*", ROOT), allowed), NotApplicable)
    assert asked(allow("kms:*", "*", ROOT), governed) == KeyAttributesQuery(KEY_ARN, aliases=True, tags=True)


async def test_only_what_is_asked_for_is_read() -> None:
    aws = FakeAws(
        kms_ListAliases={"Aliases": [{"AliasName": "alias/b"}, {"AliasName": "alias/a"}]},
        kms_ListResourceTags={"Tags": [{"TagKey": "Team", "TagValue": "red"}]},
    )
    both = await key_attributes(aws, KeyAttributesQuery(KEY_ARN, aliases=True, tags=True))
    assert both == KeyAttributes(("alias/a", "alias/b"), (("Team", "red"),))
    assert await key_attributes(FakeAws(), KeyAttributesQuery(KEY_ARN, aliases=False, tags=False)) == KeyAttributes(
        None, None
    )


async def test_a_refused_read_is_named_by_the_conditions_that_need_it() -> None:
    aws = FakeAws(
        kms_ListAliases=refused("kms:ListAliases"),
        kms_ListResourceTags={"Tags": [{"TagKey": "Team", "TagValue": "red"}]},
    )
    told = await key_attributes(aws, KeyAttributesQuery(KEY_ARN, aliases=True, tags=True))
    assert isinstance(told, KeyAttributes)
    assert [each.action for each in told.unread(["kms:resourcealiases", "aws:resourcetag/team"])] == ["kms:ListAliases"]
    assert told.unread(["aws:resourcetag/team"]) == ()
    assert told.context(["aws:ResourceTag/Team", "aws:ResourceTag/Env"]) == {
        "aws:ResourceTag/Team": ("red",),
        "aws:ResourceTag/Env": (),
    }


def no_such_key(operation: str) -> AwsError:
    return AwsError("NotFoundException", "Invalid keyId", f"kms:{operation}")


@pytest.mark.parametrize(
    ("aliases", "tags", "unread"),
    [
        pytest.param({"Aliases": [{}]}, {"Tags": []}, ("kms:ResourceAliases",), id="an alias without a name"),
        pytest.param(
            no_such_key("ListAliases"),
            no_such_key("ListResourceTags"),
            ("kms:ResourceAliases", "aws:ResourceTag/*"),
            id="the key was deleted meanwhile",
        ),
    ],
)
async def test_each_read_fails_by_itself(aliases: Canned, tags: Canned, unread: tuple[str, ...]) -> None:
    aws = FakeAws(kms_ListAliases=aliases, kms_ListResourceTags=tags)
    told = await key_attributes(aws, KeyAttributesQuery(KEY_ARN, aliases=True, tags=True))
    assert isinstance(told, KeyAttributes)
    assert told.unknown_keys == unread
    sources = {"kms:ResourceAliases": "kms:ListAliases", "aws:ResourceTag/*": "kms:ListResourceTags"}
    assert [each.source for each in told.unread(unread)] == [sources[each] for each in unread]


def test_tags_whose_names_differ_only_in_case_are_not_told_apart() -> None:
    told = KeyAttributes(None, (("Team", "red"), ("team", "blue")))
    assert told.context(["aws:ResourceTag/TEAM"]) == {}
    assert told.unknown_keys == ("aws:ResourceTag/Team", "aws:ResourceTag/team")


def test_nothing_is_unread_of_a_key_whose_attributes_were_not_asked_for() -> None:
    unread = Unreadable("kms:ListAliases", "not authorized")
    assert KeyRequest((), "", None).unread(["kms:ResourceAliases"]) == ()
    assert KeyRequest((), "", None, KeyAttributes(unread, None)).unread(["kms:ResourceAliases"]) == (unread,)


PLAIN, BY_KEY = BucketEncryption("AES256", None), BucketEncryption("aws:kms", KEY_ARN)
ON_BUCKET = bucket_questions(SCOPE, LOGGED, a_bucket(), BY_KEY)
ON_GROUP = log_group_questions(SCOPE, LOGGED)
GROUP_ARN = f"arn:aws:logs:{SCOPE.region}:{SCOPE.account}:log-group:/ssm/sessions"


def governed(told: Told, *actions: str) -> Told:
    """The same answers, to some of which service control policies apply."""
    marked = (replace(each, governed=each.question.action in actions) for each in told.answers)
    return type(told)(told.principal, tuple(marked))


@pytest.mark.parametrize(
    ("lacking", "action", "expected"),
    [
        pytest.param("aws:ResourceTag/Team", PUT_OBJECT, BucketTagsQuery(BUCKET), id="a tag, for objects"),
        pytest.param("s3:BucketTag/Team", GET_BUCKET_ENCRYPTION, BucketTagsQuery(BUCKET), id="a tag of the bucket"),
        pytest.param("aws:ResourceTag/Team", DECRYPT, None, id="a tag of the key"),
        pytest.param("aws:SourceVpc", PUT_OBJECT, None, id="another condition"),
    ],
)
def test_the_tags_of_the_bucket_are_asked_for_if_a_policy_of_the_role_depends_on_them(
    lacking: str, action: str, expected: BucketTagsQuery | None
) -> None:
    told = undecided(SimulatedBucket, ON_BUCKET, action, keys=(lacking,))
    asked = bucket_tags_asked(SCOPE, a_bucket(), told, NONE)
    assert (None if isinstance(asked, NotApplicable) else asked) == expected


@pytest.mark.parametrize(
    ("lacking", "action", "expected"),
    [
        pytest.param("aws:ResourceTag/Team", "logs:PutLogEvents", LogGroupTagsQuery(GROUP_ARN), id="a tag"),
        pytest.param("aws:ResourceTag/Team", DESCRIBE_LOG_GROUPS, None, id="a tag, of no group"),
        pytest.param("aws:SourceVpc", "logs:PutLogEvents", None, id="another condition"),
    ],
)
def test_the_tags_of_the_log_group_are_asked_for_if_a_policy_of_the_role_depends_on_them(
    lacking: str, action: str, expected: LogGroupTagsQuery | None
) -> None:
    told = undecided(SimulatedLogGroup, ON_GROUP, action, keys=(lacking,))
    asked = log_group_tags_asked(SCOPE, LOGGED, told, NONE)
    assert (None if isinstance(asked, NotApplicable) else asked) == expected


def test_tags_of_the_bucket_and_of_its_key_are_asked_for_if_the_organization_has_policies() -> None:
    """Also if they allow: they can deny because of a tag, which IAM did not have."""
    allowed = answers(SimulatedBucket, ON_BUCKET)
    on_objects, on_key = governed(allowed, PUT_OBJECT), governed(allowed, GENERATE_DATA_KEY)
    of_both = BucketKeyAttributesQuery(KEY_ARN, aliases=True, tags=True)
    assert isinstance(bucket_tags_asked(SCOPE, a_bucket(), allowed, NONE), NotApplicable)
    assert isinstance(bucket_tags_asked(SCOPE, a_bucket(), on_key, NONE), NotApplicable)
    assert bucket_tags_asked(SCOPE, a_bucket(), on_objects, NONE) == BucketTagsQuery(BUCKET)
    assert isinstance(bucket_key_attributes_asked(SCOPE, BY_KEY, NONE, allowed, NONE), NotApplicable)
    assert isinstance(bucket_key_attributes_asked(SCOPE, BY_KEY, NONE, on_objects, NONE), NotApplicable)
    assert bucket_key_attributes_asked(SCOPE, BY_KEY, NONE, on_key, NONE) == of_both


def test_tags_of_the_log_group_are_asked_for_if_the_organization_has_policies() -> None:
    allowed = answers(SimulatedLogGroup, ON_GROUP)
    assert isinstance(log_group_tags_asked(SCOPE, LOGGED, allowed, NONE), NotApplicable)
    by_organization = governed(allowed, DESCRIBE_LOG_GROUPS, "logs:PutLogEvents")
    assert log_group_tags_asked(SCOPE, LOGGED, by_organization, NONE) == LogGroupTagsQuery(GROUP_ARN)


def test_tags_of_another_account_are_not_asked_for() -> None:
    told = governed(answers(SimulatedBucket, ON_BUCKET), PUT_OBJECT, GENERATE_DATA_KEY)
    of_another = replace(BY_KEY, key_arn=KEY_ARN.replace(SCOPE.account, "999999999999"))
    assert isinstance(bucket_tags_asked(SCOPE, a_bucket(foreign=True), told, NONE), NotApplicable)
    assert isinstance(bucket_key_attributes_asked(SCOPE, of_another, NONE, told, NONE), NotApplicable)


def test_the_attributes_of_the_buckets_key_are_asked_for_only_if_it_has_one() -> None:
    by_policy = BucketKeyConditions(("aws:ResourceTag/Team",), is_given_to_sessions=False, is_limited=False)
    by_tag = BucketKeyAttributesQuery(KEY_ARN, aliases=False, tags=True)
    assert bucket_key_attributes_asked(SCOPE, BY_KEY, by_policy, NONE, NONE) == by_tag
    assert isinstance(bucket_key_attributes_asked(SCOPE, PLAIN, by_policy, NONE, NONE), NotApplicable)


ENABLED, DISABLED = ({"AbacStatus": {"Status": each}} for each in ("Enabled", "Disabled"))
NO_TAGS = AwsError("NoSuchTagSet", "The TagSet does not exist")
TAGGED = {"TagSet": [{"Key": "Team", "Value": "red"}, {"Key": "App", "Value": "x"}]}


@pytest.mark.parametrize(
    ("control", "tagging", "tags"),
    [
        pytest.param(ENABLED, TAGGED, (("App", "x"), ("Team", "red")), id="on"),
        pytest.param(ENABLED, NO_TAGS, (), id="on, without tags"),
        pytest.param(DISABLED, refused("s3:GetBucketTagging"), (), id="off: the tags are not read"),
        pytest.param({"AbacStatus": {}}, NO_TAGS, (), id="no status, without tags"),
        pytest.param(refused("s3:GetBucketAbac"), NO_TAGS, (), id="not read, without tags"),
        pytest.param(AwsError("MethodNotAllowed", "no"), {"TagSet": []}, (), id="no such operation, without tags"),
    ],
)
async def test_the_tags_of_a_bucket_count_only_with_attribute_based_access_control(
    control: Canned, tagging: Canned, tags: tuple[tuple[str, str], ...]
) -> None:
    aws = FakeAws(s3_GetBucketAbac=control, s3_GetBucketTagging=tagging)
    assert await bucket_attributes(aws, BucketTagsQuery(BUCKET)) == BucketAttributes(None, tags)


@pytest.mark.parametrize("control", [{"Status": "Perhaps"}, {}], ids=["another status", "no status"])
async def test_without_a_known_status_it_is_not_known_whether_tags_count(control: Mapping[str, str]) -> None:
    aws = FakeAws(s3_GetBucketAbac={"AbacStatus": control}, s3_GetBucketTagging=TAGGED)
    with pytest.raises(MalformedAnswer):
        await bucket_attributes(aws, BucketTagsQuery(BUCKET))


@pytest.mark.parametrize("tagging", [TAGGED, refused("s3:GetBucketTagging")], ids=["with tags", "nothing was read"])
async def test_a_refused_status_is_named_unless_the_bucket_has_no_tags(tagging: Canned) -> None:
    aws = FakeAws(s3_GetBucketAbac=refused("s3:GetBucketAbac"), s3_GetBucketTagging=tagging)
    with pytest.raises(ReadFailed) as raised:
        await bucket_attributes(aws, BucketTagsQuery(BUCKET))
    assert raised.value.unreadable.action == "s3:GetBucketAbac"


async def test_the_tags_of_the_log_group_are_read_by_its_arn() -> None:
    aws = FakeAws(logs_ListTagsForResource={"tags": {"Team": "red"}})
    found = await log_group_attributes(aws, LogGroupTagsQuery(GROUP_ARN))
    assert found == LogGroupAttributes(None, (("Team", "red"),))
    assert aws.parameters("logs:ListTagsForResource") == [{"resourceArn": GROUP_ARN}]


def test_requests_for_a_bucket_have_its_tags_by_two_names() -> None:
    told = BucketAttributes(None, (("Team", "red"),))
    assert told.context(["s3:BucketTag/team", "s3:BucketTag/Env", "aws:SourceVpc"]) == {
        "aws:ResourceTag/Team": ("red",),
        "s3:BucketTag/Team": ("red",),
        "s3:BucketTag/Env": (),
    }


@pytest.mark.parametrize(
    ("kind", "unknown"),
    [
        (KeyAttributes, ("kms:ResourceAliases", "aws:ResourceTag/*")),
        (BucketKeyAttributes, ("kms:ResourceAliases", "aws:ResourceTag/*")),
        (BucketAttributes, ("aws:ResourceTag/*", "s3:BucketTag/*")),
        (LogGroupAttributes, ("aws:ResourceTag/*",)),
    ],
)
def test_what_was_not_read_is_unknown_by_all_its_names(
    kind: type[ResourceAttributes], unknown: tuple[str, ...]
) -> None:
    failed = Unreadable("s3:GetBucketTagging", "not authorized")
    told = known_attributes(kind, failed)
    assert told is not None
    assert told.unknown_keys == unknown
    assert set(told.unread(unknown)) == {failed}
    assert known_attributes(kind, NONE) is None
