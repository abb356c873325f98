"""What is known of requests about the session key, and when its aliases and tags are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.evidence.readers.key_requests import (
    KeyAttributesQuery,
    attributes_asked,
    caller_key_conditions,
    caller_key_request,
    key_attributes,
    key_conditions,
    node_key_request,
)
from ssmtui.evidence.readers.roles import SimulatedKey
from ssmtui.iam_policy.document import Statement
from ssmtui.model.fact import NotApplicable, OfNode, Unreadable
from ssmtui.model.iam_questions import key_questions
from ssmtui.model.key_requests import CallerKeyRequest, KeyAttributes, KeyConditions, KeyRequest, NodeKeyRequest
from ssmtui.model.permissions import Denier
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import KeyGrant, KeyGrants
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, answers, undecided
from tests.builders.policies import allow, deny
from tests.builders.storage import KEY_ARN, ROOT, a_key, a_key_policy
from tests.evidence.fake_aws import Canned, FakeAws, refused

SCOPE, NODE = a_scope(), a_node()
ENCRYPTED = SessionPreferences(SCOPE.session_document_arn, document_exists=True, kms_key=KEY_ARN)
NONE = NotApplicable("nothing")
NO_GRANTS = KeyGrants(KEY_ARN, ())
ALIASES = ("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/sessions")
NAMED = ("StringEquals", "kms:RequestAlias", "alias/sessions")
TAG = ("StringEquals", "aws:ResourceTag/Team", "red")
TARGET = ("StringEquals", "kms:EncryptionContext:aws:ssm:TargetId", "i-1")
KEYS = ("ForAllValues:StringEquals", "kms:EncryptionContextKeys", "aws:ssm:TargetId")
ORGANIZATION = ("StringEquals", "aws:PrincipalOrgID", "o-1")
SESSION = f"arn:aws:sts::{SCOPE.account}:assumed-role/{a_node_role().role.name}/{NODE.id}"


def conditions(*statements: Statement, grants: KeyGrants = NO_GRANTS) -> KeyConditions | NotApplicable:
    found = key_conditions(SCOPE, a_node_role(), a_key(), a_key_policy(*statements), grants)
    assert isinstance(found, KeyConditions | NotApplicable)
    return found


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, ALIASES), ("kms:ResourceAliases",), id="aliases"),
        pytest.param(allow("kms:*", "*", ROOT, TAG), ("aws:ResourceTag/Team",), id="a tag, for the account"),
        pytest.param(deny("kms:*", "*", "*", TAG), ("aws:ResourceTag/Team",), id="a denial by tag"),
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, KEYS), ("kms:EncryptionContextKeys",), id="context keys"),
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, NAMED), ("kms:RequestAlias",), id="the alias in the request"),
        pytest.param(allow("kms:Encrypt", "*", ROLE_ARN, ALIASES), None, id="another action"),
        pytest.param(allow("kms:Decrypt", "*", f"{ROLE_ARN}2", ALIASES), None, id="another role"),
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, ORGANIZATION), None, id="another condition"),
        pytest.param(allow("kms:*", "*", ROOT), None, id="no condition"),
    ],
)
def test_only_a_condition_that_decides_is_looked_into(statement: Statement, keys: tuple[str, ...] | None) -> None:
    found = conditions(statement)
    assert (found.keys if isinstance(found, KeyConditions) else None) == keys


@pytest.mark.parametrize(
    ("statement", "grants", "of_single_nodes"),
    [
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, ALIASES), NO_GRANTS, False, id="aliases"),
        pytest.param(allow("kms:Decrypt", "*", ROLE_ARN, TARGET), NO_GRANTS, True, id="the node of the session"),
        pytest.param(allow("kms:Decrypt", "*", SESSION), NO_GRANTS, True, id="the role session of a node"),
        pytest.param(
            allow("kms:*", "*", ROOT), KeyGrants(KEY_ARN, (KeyGrant(SESSION, ("Decrypt",)),)), True, id="a grant to it"
        ),
        pytest.param(
            allow("kms:*", "*", ROOT),
            KeyGrants(KEY_ARN, (KeyGrant(ROLE_ARN, ("Decrypt",), constrained=True),)),
            True,
            id="a grant with a constraint",
        ),
    ],
)
def test_the_request_is_of_one_node_only_if_a_policy_can_tell_nodes_apart(
    statement: Statement,
    grants: KeyGrants,
    of_single_nodes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    found = conditions(statement, grants=grants)
    assert isinstance(found, KeyConditions)
    request = node_key_request(SCOPE, a_node_role(), found, NONE, ENCRYPTED)
    assert isinstance(request, OfNode) is of_single_nodes
    own = request.answer(NODE) if isinstance(request, OfNode) else request
    assert isinstance(own, NodeKeyRequest)
    assert (own.session, own.node_id) == ((SESSION, NODE.id) if of_single_nodes else ("", None))


def test_the_callers_session_is_known_unless_it_is_another_principal() -> None:
    found = caller_key_conditions(
        SCOPE, a_key(), a_key_policy(allow("kms:*", "*", str(SCOPE.judged_principal), TARGET)), NO_GRANTS
    )
    assert isinstance(found, KeyConditions)
    request = caller_key_request(SCOPE, found, NONE, ENCRYPTED)
    assert isinstance(request, OfNode)
    own = request.answer(NODE)
    assert isinstance(own, CallerKeyRequest)
    assert own.session == (SCOPE.caller if ":assumed-role/" in SCOPE.caller else "")
    assert own.context["kms:EncryptionContext:aws:ssm:TargetId"] == (NODE.id,)
    assert own.context["kms:EncryptionContextKeys"] == ("aws:ssm:SessionId", "aws:ssm:TargetId")


@pytest.mark.parametrize(
    ("setting", "known"),
    [
        pytest.param(KEY_ARN, (), id="by the ARN of the key: no alias"),
        pytest.param(KEY_ARN.rpartition("/")[2], (), id="by its ID: no alias"),
        pytest.param("alias/sessions", None, id="by an alias: perhaps replaced on its way"),
        pytest.param(f"arn:aws:kms:eu-west-3:{SCOPE.account}:alias/sessions", None, id="by the ARN of an alias"),
        pytest.param("{{ssm:key}}", None, id="by a reference that cannot be read"),
    ],
)
def test_a_request_has_no_alias_if_the_preferences_name_none(setting: str, known: tuple[str, ...] | None) -> None:
    found = conditions(allow("kms:Decrypt", "*", ROLE_ARN, NAMED))
    assert isinstance(found, KeyConditions)
    request = node_key_request(SCOPE, a_node_role(), found, NONE, replace(ENCRYPTED, kms_key=setting))
    assert isinstance(request, NodeKeyRequest)
    assert request.context.get("kms:RequestAlias") == known


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
    assert told.unread_keys == unread
    sources = {"kms:ResourceAliases": "kms:ListAliases", "aws:ResourceTag/*": "kms:ListResourceTags"}
    assert [each.source for each in told.unread(unread)] == [sources[each] for each in unread]


def test_tags_whose_names_differ_only_in_case_are_not_told_apart() -> None:
    told = KeyAttributes(None, (("Team", "red"), ("team", "blue")))
    assert told.context(["aws:ResourceTag/TEAM"]) == {}


def test_nothing_is_unread_of_a_key_whose_attributes_were_not_asked_for() -> None:
    unread = Unreadable("kms:ListAliases", "not authorized")
    assert KeyRequest((), "", None).unread(["kms:ResourceAliases"]) == ()
    assert KeyRequest((), "", None, KeyAttributes(unread, None)).unread(["kms:ResourceAliases"]) == (unread,)
