"""Read the facts for a plan: permissions for its calls, the owner of its subject, and chosen values."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import (
    Aws,
    AwsError,
    MalformedAnswer,
    ReadFailed,
    all_parts,
    document_from_answer,
    tag_from_answer,
)
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.simulation import simulate
from ssmtui.evidence.readers.storage import find_bucket, find_key, find_log_group, key_of_another_region
from ssmtui.iam_policy.patterns import Context
from ssmtui.language import say
from ssmtui.model.choice import Choices
from ssmtui.model.fact import NoFact, NotApplicable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import NodeKind
from ssmtui.model.permissions import SIMULATION, Permissions, Question
from ssmtui.model.plan import (
    ChangedSubject,
    Ownership,
    PlannedCalls,
    PlanPermissions,
    SupposedAnswers,
    Supposition,
    owner_from_tags,
)
from ssmtui.model.preferences import LOG_BUCKET, LOG_GROUP, SESSION_KEY, is_reference
from ssmtui.model.request_context import agent_context
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, Key, LogGroup, WantedBucket, WantedKey, WantedLogGroup, WantedPlaces


def _calls(scope: Scope, planned: PlannedCalls) -> Hashable:
    return scope.principal, planned.questions


@reads(SIMULATION, key=_calls)
async def plan_permissions(aws: Aws, scope: Scope, planned: PlannedCalls) -> PlanPermissions | NotApplicable:
    """Read the permissions for a plan's calls. The user makes the change, even if another principal is diagnosed."""
    if scope.principal is None:
        return NotApplicable(say("IAM cannot simulate the root user of the account or a federated user"))
    return PlanPermissions(scope.principal, await simulate(aws, scope.principal, planned.questions))


P = TypeVar("P", bound=Permissions)


AskIam = Callable[[Supposition], Awaitable[SupposedAnswers | None]]
"""Asks IAM; returns None if it does not answer."""


async def permissions_with(
    ask: AskIam, now: Permissions, supposed: P, documents: Sequence[str], arns: Sequence[str]
) -> P:
    """Return the permissions as IAM simulates them with these policies (documents, and ARNs of managed policies).

    `now` are IAM's answers without them: its denials are asked again. A value in `supposed` stays if the old answer did
    not come from IAM, if IAM does not answer, or if its answer depends on missing keys.
    """
    asked = [answer.question for answer in now.denied() if answer.source == SIMULATION]
    if not asked:
        return supposed

    said = await ask(Supposition(now.principal, tuple(asked), tuple(documents), tuple(arns)))
    if said is None:
        return supposed
    told = {answer.question: answer for answer in said.answers}
    answers = (told.get(each.question, each) for each in supposed.answers)
    decided = (each if new.undecided else new for each, new in zip(supposed.answers, answers, strict=True))
    return replace(supposed, answers=tuple(decided))


async def ask_iam(aws: Aws, scope: Scope, supposed: Supposition) -> SupposedAnswers | None:
    """Return IAM's simulation, or None if it does not answer."""

    def known(question: Question) -> Context:
        return agent_context(scope, supposed.principal, question)

    try:
        added = [*supposed.documents, *[await _managed(aws, arn) for arn in supposed.arns]]
        answers = await simulate(aws, supposed.principal, supposed.questions, known, added=added)
    except (AwsError, ReadFailed, MalformedAnswer):
        return None
    return SupposedAnswers(answers)


async def _managed(aws: Aws, arn: str) -> str:
    version = (await aws.call("iam", "GetPolicy", PolicyArn=arn)).part("Policy").text("DefaultVersionId")
    answer = await aws.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return json.dumps(document_from_answer(answer.part("PolicyVersion"), "Document"))


_OF_EC2 = frozenset(
    {
        SubjectKind.NODE,
        SubjectKind.SUBNET,
        SubjectKind.SECURITY_GROUP,
        SubjectKind.ENDPOINT,
        SubjectKind.ROUTE_TABLE,
        SubjectKind.NETWORK_ACL,
        SubjectKind.VPC,
    }
)

Tags = list[tuple[str, str]]


def _subject(changed: ChangedSubject) -> Hashable:
    return changed.subject


@reads(
    "ec2:DescribeTags",
    "iam:ListRoleTags",
    "kms:ListResourceTags",
    "logs:ListTagsForResource",
    "ssm:ListTagsForResource",
    key=_subject,
)
async def ownership(aws: Aws, changed: ChangedSubject) -> Ownership | NotApplicable:
    """Read the tool that owns the subject, from its tags."""
    subject = changed.subject
    match subject.kind:
        case SubjectKind.NODE if NodeKind.of_id(subject.id) is NodeKind.HYBRID:
            return owner_from_tags(await _of_systems_manager(aws, "ManagedInstance", subject.id))
        case kind if kind in _OF_EC2:
            return owner_from_tags(await _of_ec2(aws, subject))
        case SubjectKind.ROLE:
            return owner_from_tags(await _of_role(aws, subject.name))
        case SubjectKind.KEY:
            return owner_from_tags(await _of_key(aws, subject.id))
        case SubjectKind.LOG_GROUP:
            answer = await aws.call("logs", "ListTagsForResource", resourceArn=subject.id.removesuffix(":*"))
            return owner_from_tags(answer.named_texts("tags").items())
        case SubjectKind.DOCUMENT:
            return owner_from_tags(await _of_systems_manager(aws, "Document", subject.name))
    return NotApplicable(say("the tags name no owner"))


async def _of_ec2(aws: Aws, subject: Subject) -> Tags:
    which = [{"Name": "resource-id", "Values": [subject.id]}]
    return [tag_from_answer(raw) for raw in await all_parts(aws, "ec2", "DescribeTags", "Tags", Filters=which)]


async def _of_key(aws: Aws, id_: str) -> Tags:
    return [tag_from_answer(raw, "Tag") for raw in await all_parts(aws, "kms", "ListResourceTags", "Tags", KeyId=id_)]


async def _of_role(aws: Aws, name: str) -> Tags:
    return [tag_from_answer(raw) for raw in await all_parts(aws, "iam", "ListRoleTags", "Tags", RoleName=name)]


async def _of_systems_manager(aws: Aws, kind: str, id_: str) -> Tags:
    answer = await aws.call("ssm", "ListTagsForResource", ResourceType=kind, ResourceId=id_)
    return list(map(tag_from_answer, answer.parts("TagList")))


CHOSEN_KEY = "key"
"""The name of the key in `--set`, for fixes that choose a key."""


@derives
def wanted_places(choices: Choices) -> WantedPlaces:
    """Return the chosen values that can be read. A reference to a parameter cannot."""
    key, bucket, group = (choices.get(name) or "" for name in (SESSION_KEY, LOG_BUCKET, LOG_GROUP))
    named = (choices.get(CHOSEN_KEY) or key, bucket, group)
    return WantedPlaces(*("" if is_reference(each) else each for each in named))


def _key(scope: Scope, wanted: WantedPlaces) -> Hashable:
    return wanted.key


@reads("kms:DescribeKey", key=_key)
async def wanted_key(aws: Aws, scope: Scope, wanted: WantedPlaces) -> WantedKey | NoFact:
    """Read the chosen key by ID, ARN or alias. A key in another Region is not read, because sessions cannot use it."""
    if not wanted.key:
        return NotApplicable(say("no key was chosen"))
    if key_of_another_region(scope, wanted.key):
        return NotApplicable(say("the key is in another Region"))
    found = await find_key(aws, wanted.key)
    return WantedKey(found) if isinstance(found, Key) else found


def _bucket(scope: Scope, wanted: WantedPlaces) -> Hashable:
    return wanted.bucket


@reads("s3:HeadBucket", "s3:GetBucketLocation", key=_bucket)
async def wanted_bucket(aws: Aws, scope: Scope, wanted: WantedPlaces) -> WantedBucket | NoFact:
    """Read whether the chosen bucket exists."""
    if not wanted.bucket:
        return NotApplicable(say("no bucket was chosen"))
    found = await find_bucket(aws, scope, wanted.bucket)
    return WantedBucket(found) if isinstance(found, Bucket) else found


def _group(wanted: WantedPlaces) -> Hashable:
    return wanted.log_group


@reads("logs:DescribeLogGroups", key=_group)
async def wanted_log_group(aws: Aws, wanted: WantedPlaces) -> WantedLogGroup | NoFact:
    """Read whether the chosen log group exists."""
    if not wanted.log_group:
        return NotApplicable(say("no log group was chosen"))
    found = await find_log_group(aws, wanted.log_group)
    return WantedLogGroup(found) if isinstance(found, LogGroup) else found
