"""What is known of requests about the session key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.evidence.readers.key_requests import (
    caller_key_conditions,
    caller_key_request,
    key_conditions,
    node_key_request,
)
from ssmtui.iam_policy.document import Statement
from ssmtui.model.fact import NotApplicable, OfNode
from ssmtui.model.key_requests import CallerKeyRequest, KeyConditions, NodeKeyRequest
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import KeyGrant, KeyGrants
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import ROLE_ARN, a_node_role
from tests.builders.policies import allow, deny
from tests.builders.storage import KEY_ARN, ROOT, a_key, a_key_policy

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
