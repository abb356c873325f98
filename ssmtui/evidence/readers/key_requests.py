"""Read what policies about the session key depend on: aliases and tags of the key, the node and its role session."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed, all_parts, tag_from_answer
from ssmtui.evidence.aws.scope_errors import unreadable_from_error
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.policy_evaluation import settle_answer
from ssmtui.evidence.readers.roles import DestinationStatements, SimulatedKey
from ssmtui.evidence.readers.session_permissions import OpenOnCallerKey
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, action_fits, is_role_session, undecided_keys
from ssmtui.language import say
from ssmtui.model.fact import NoFact, NotApplicable, OfNode, Unreadable
from ssmtui.model.iam_questions import DECRYPT, GENERATE_DATA_KEY
from ssmtui.model.identity import NodeRole
from ssmtui.model.key_requests import (
    OF_ANY_KEY,
    BucketKeyAttributes,
    BucketKeyConditions,
    BucketKeyRequest,
    CallerKeyAttributes,
    CallerKeyConditions,
    CallerKeyRequest,
    KeyAttributes,
    KeyConditions,
    KeyRequest,
    NodeKeyRequest,
    alias_in_request,
    data_key_context,
    is_about_aliases,
    is_about_key_or_session,
    is_about_tags,
    known_attributes,
    object_context,
)
from ssmtui.model.permissions import Question
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.request_context import agent_context, node_session, via_s3
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

_TAGS_A_PAGE = 50
_ALIASES_A_PAGE = 100

_Conditions = TypeVar("_Conditions", bound=KeyConditions)
_Attributes = TypeVar("_Attributes", bound=KeyAttributes)


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


@dataclass(frozen=True, slots=True)
class KeyAttributesQuery:
    """What policies use of the session key: its aliases, or its tags."""

    key_arn: str
    aliases: bool
    tags: bool


class CallerKeyAttributesQuery(KeyAttributesQuery):
    """The same for the policies that decide about the caller."""

    __slots__ = ()


class BucketKeyAttributesQuery(KeyAttributesQuery):
    """The same for the key of the log bucket."""

    __slots__ = ()


_Query = TypeVar("_Query", bound=KeyAttributesQuery)


def _asked(
    kind: type[_Query], scope: Scope, key_arn: str, conditions: KeyConditions | NoFact, lacked: Iterable[str] = ()
) -> _Query | NotApplicable:
    keys = (*(conditions.keys if isinstance(conditions, KeyConditions) else ()), *lacked)
    aliases, tags = any(map(is_about_aliases, keys)), any(map(is_about_tags, keys))
    if not (aliases or tags):
        return NotApplicable(say("no policy depends on the aliases or the tags of the key"))
    if key_arn.split(":")[4:5] != [scope.account]:
        return NotApplicable(say("only its own account can read the aliases and the tags of the key"))
    return kind(key_arn, aliases, tags)


@derives
def attributes_asked(
    scope: Scope,
    key: Key,
    conditions: KeyConditions | NoFact,
    simulated: SimulatedKey | NoFact,
    statements: DestinationStatements | NoFact,
) -> KeyAttributesQuery | NotApplicable:
    """Return what the key's policy and the policies of the node's role use."""
    lacked: list[str] = []
    if isinstance(simulated, SimulatedKey):
        for answer in simulated.answers:
            known = agent_context(scope, simulated.principal, answer.question)
            lacked += settle_answer(answer, statements, known).open_keys
            if answer.is_barred_by_organization or answer.governed:
                lacked += OF_ANY_KEY  # the organization's policies perhaps use them, also to deny what IAM allows
    return _asked(KeyAttributesQuery, scope, key.arn, conditions, lacked)


@derives
def caller_attributes_asked(
    scope: Scope, key: Key, conditions: CallerKeyConditions | NoFact, open_: OpenOnCallerKey | NoFact
) -> CallerKeyAttributesQuery | NotApplicable:
    """Return what the key's policy and the policies of the caller use."""
    lacked: tuple[str, ...] = ()
    if isinstance(open_, OpenOnCallerKey):
        lacked = (*open_.keys, *(OF_ANY_KEY if open_.governed else ()))
    return _asked(CallerKeyAttributesQuery, scope, key.arn, conditions, lacked)


@derives
def bucket_key_attributes_asked(
    scope: Scope, policy: BucketKeyPolicy, conditions: BucketKeyConditions
) -> BucketKeyAttributesQuery | NotApplicable:
    """Return what the policy of the log bucket's key uses."""
    return _asked(BucketKeyAttributesQuery, scope, policy.key_arn, conditions)


def _what(asked: KeyAttributesQuery) -> Hashable:
    return asked.key_arn, asked.aliases, asked.tags


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def key_attributes(aws: Aws, asked: KeyAttributesQuery) -> KeyAttributes:
    """Read the aliases and the tags that the policies use."""
    return await _attributes(KeyAttributes, aws, asked)


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def caller_key_attributes(aws: Aws, asked: CallerKeyAttributesQuery) -> CallerKeyAttributes:
    """Read the aliases and the tags that the policies use."""
    return await _attributes(CallerKeyAttributes, aws, asked)


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def bucket_key_attributes(aws: Aws, asked: BucketKeyAttributesQuery) -> BucketKeyAttributes:
    """Read the aliases and the tags that the policy uses, in the Region of the key."""
    return await _attributes(BucketKeyAttributes, aws, asked)


async def _attributes(kind: type[_Attributes], aws: Aws, asked: KeyAttributesQuery) -> _Attributes:
    aliases, tags = await asyncio.gather(
        _aliases(aws, asked.key_arn) if asked.aliases else _nothing(),
        _tags(aws, asked.key_arn) if asked.tags else _nothing(),
    )
    return kind(aliases, tags)


async def _nothing() -> None:
    return None


async def _aliases(aws: Aws, key_arn: str) -> tuple[str, ...] | Unreadable:
    try:
        listed = await all_parts(aws, "kms", "ListAliases", "Aliases", KeyId=key_arn, Limit=_ALIASES_A_PAGE)
        return tuple(sorted(raw.text("AliasName") for raw in listed))
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return unreadable_from_error(failed)


async def _tags(aws: Aws, key_arn: str) -> tuple[tuple[str, str], ...] | Unreadable:
    try:
        listed = await all_parts(aws, "kms", "ListResourceTags", "Tags", KeyId=key_arn, Limit=_TAGS_A_PAGE)
        return tuple(sorted(tag_from_answer(raw, "Tag") for raw in listed))
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return unreadable_from_error(failed)


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
    of_key = known_attributes(attributes)
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
    of_key = known_attributes(attributes)
    told = {} if of_key is None else of_key.context(conditions.keys)
    known = {**data_key_context(node_id), **alias_in_request(preferences.kms_key), **told}
    return kind(tuple(known.items()), session, node_id, of_key)
