"""Derive what policies about keys depend on: aliases and tags of the key, the node and its role session."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from ssmtui.evidence.facts.sources import derives
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, action_fits, is_role_session, undecided_keys
from ssmtui.language import say
from ssmtui.model.fact import NoFact, NotApplicable, OfNode
from ssmtui.model.iam_questions import DECRYPT, GENERATE_DATA_KEY
from ssmtui.model.identity import NodeRole
from ssmtui.model.key_requests import (
    BucketKeyConditions,
    BucketKeyRequest,
    CallerKeyConditions,
    CallerKeyRequest,
    KeyConditions,
    KeyRequest,
    NodeKeyRequest,
    alias_in_request,
    data_key_context,
    is_about_key_or_session,
    object_context,
)
from ssmtui.model.permissions import Question
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.request_context import agent_context, node_session, via_s3
from ssmtui.model.resource_attributes import (
    BucketKeyAttributes,
    CallerKeyAttributes,
    KeyAttributes,
    known_attributes,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketKeyGrants,
    BucketKeyPolicy,
    Key,
    KeyGrants,
    KeyPolicy,
)

_Conditions = TypeVar("_Conditions", bound=KeyConditions)


def _conditions(
    kind: type[_Conditions],
    scope: Scope,
    principal: str,
    question: Question,
    policy: KeyPolicy | NoFact,
    grants: object,
) -> _Conditions | NotApplicable:
    """Return what the key's policy and its grants depend on, for the request of a principal."""
    policies = (policy.policy,) if isinstance(policy, KeyPolicy) else ()
    operation = question.action.partition(":")[2]
    given = [each for each in grants.grants if operation in each.operations] if isinstance(grants, KeyGrants) else []
    statements = [each for one in policies for each in one.statements if action_fits(each, question.action)]
    names = (name for each in statements for name in (*each.principals, *each.not_principals))
    found = kind(
        _keys_in(scope, principal, question, policies),
        any(is_role_session(name, principal) for name in (*names, *(each.grantee for each in given))),
        any(each.constrained for each in given),
    )
    if not (found.keys or found.is_given_to_sessions or found.is_limited):
        return NotApplicable(say("no policy of the key depends on the key or on the session"))
    return found


def _keys_in(scope: Scope, principal: str, question: Question, policies: tuple[Policy, ...]) -> tuple[str, ...]:
    """Return the condition keys about the key or the session that decide whether a policy applies."""
    account = principal.split(":")[4]
    context, whole = agent_context(scope, principal, question), (f"arn:{scope.partition}:iam::{account}:root", account)
    of_role = AuthorizationRequest(question.action, question.resource, (principal,), context, whole)
    of_account = replace(of_role, principals=whole)
    keys = {key for each in (of_role, of_account) for key in undecided_keys(policies, each)}
    return tuple(sorted(filter(is_about_key_or_session, keys)))


@derives
def key_conditions(
    scope: Scope, node_role: NodeRole, key: Key, policy: KeyPolicy | NoFact, grants: KeyGrants | NoFact
) -> KeyConditions | NotApplicable:
    """Return what the decision about the node depends on."""
    return _conditions(KeyConditions, scope, node_role.role.arn, Question(DECRYPT, key.arn), policy, grants)


@derives
def caller_key_conditions(
    scope: Scope, key: Key, policy: KeyPolicy | NoFact, grants: KeyGrants | NoFact
) -> CallerKeyConditions | NotApplicable:
    """Return what the decision about the caller depends on."""
    principal = scope.judged_principal
    if principal is None:
        return NotApplicable(say("IAM cannot simulate the root user of the account or a federated user"))
    return _conditions(CallerKeyConditions, scope, principal, Question(GENERATE_DATA_KEY, key.arn), policy, grants)


@derives
def bucket_key_conditions(
    scope: Scope, node_role: NodeRole, policy: BucketKeyPolicy, grants: BucketKeyGrants | NoFact
) -> BucketKeyConditions | NotApplicable:
    """Return what the decision about the key of the log bucket depends on."""
    principal, context = node_role.role.arn, via_s3(scope)
    found = [
        _conditions(BucketKeyConditions, scope, principal, Question(action, policy.key_arn, context), policy, grants)
        for action in (GENERATE_DATA_KEY, DECRYPT)
    ]
    keys = {key for each in found if isinstance(each, KeyConditions) for key in each.keys}
    if not keys:
        return NotApplicable(say("no policy of the key depends on the key or on the session"))
    return BucketKeyConditions(tuple(sorted(keys)), is_given_to_sessions=False, is_limited=False)


@derives
def node_key_request(
    scope: Scope,
    node_role: NodeRole,
    conditions: KeyConditions,
    attributes: KeyAttributes | NoFact,
    preferences: SessionPreferences,
) -> NodeKeyRequest | OfNode[NodeKeyRequest]:
    """Return what is known of the node's request. SSM Agent signs it with the session of the role for the node."""
    role = node_role.role

    def of_node(node_id: str) -> NodeKeyRequest:
        session = node_session(scope, role.arn, node_id)
        return _request(NodeKeyRequest, conditions, attributes, preferences, session, node_id)

    if conditions.of_single_nodes:
        return OfNode(lambda node: of_node(node.id))
    return _request(NodeKeyRequest, conditions, attributes, preferences, "", None)


@derives
def caller_key_request(
    scope: Scope,
    conditions: CallerKeyConditions,
    attributes: CallerKeyAttributes | NoFact,
    preferences: SessionPreferences,
) -> CallerKeyRequest | OfNode[CallerKeyRequest]:
    """Return what is known of the caller's request. The session of another principal is not known."""
    session = scope.caller if scope.judged is None and ":assumed-role/" in scope.caller else ""
    if conditions.of_single_nodes:
        return OfNode(lambda node: _request(CallerKeyRequest, conditions, attributes, preferences, session, node.id))
    return _request(CallerKeyRequest, conditions, attributes, preferences, session, None)


@derives
def bucket_key_request(
    conditions: BucketKeyConditions,
    attributes: BucketKeyAttributes | NoFact,
    bucket: Bucket | NoFact,
    encryption: BucketEncryption,
) -> BucketKeyRequest:
    """Return what is known of the request that S3 makes for a node that writes an object."""
    of_key = known_attributes(KeyAttributes, attributes)
    told = {} if of_key is None else of_key.context(conditions.keys)
    of_bucket = isinstance(bucket, Bucket) and encryption.has_bucket_key
    known = object_context(bucket.arn if isinstance(bucket, Bucket) else "", has_bucket_key=of_bucket)
    return BucketKeyRequest(tuple({**known, **told}.items()), "", None, of_key)


_Request = TypeVar("_Request", bound=KeyRequest)


def _request(
    kind: type[_Request],
    conditions: KeyConditions,
    attributes: KeyAttributes | NoFact,
    preferences: SessionPreferences,
    session: str,
    node_id: str | None,
) -> _Request:
    of_key = known_attributes(KeyAttributes, attributes)
    told = {} if of_key is None else of_key.context(conditions.keys)
    known = {**data_key_context(node_id), **alias_in_request(preferences.kms_key), **told}
    return kind(tuple(known.items()), session, node_id, of_key)
