"""Read the tags of what a plan changes. Only plans that are shown need them."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts.sources import reads
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import ChangedSubject, Ownership, owner_from_tags

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
    """The tool that its tags say it belongs to."""
    subject = changed.subject
    match subject.kind:
        case SubjectKind.NODE if subject.id.startswith("mi-"):
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
    return NotApplicable(say("its tags tell of no owner"))


async def _of_ec2(aws: Aws, subject: Subject) -> Tags:
    which = [{"Name": "resource-id", "Values": [subject.id]}]
    return [
        (raw.text("Key"), raw.text("Value"))
        async for page in aws.pages("ec2", "DescribeTags", Filters=which)
        for raw in page.parts("Tags")
    ]


async def _of_key(aws: Aws, id_: str) -> Tags:
    return [
        (raw.text("TagKey"), raw.text("TagValue"))
        async for page in aws.pages("kms", "ListResourceTags", KeyId=id_)
        for raw in page.parts("Tags")
    ]


async def _of_role(aws: Aws, name: str) -> Tags:
    return [
        (raw.text("Key"), raw.text("Value"))
        async for page in aws.pages("iam", "ListRoleTags", RoleName=name)
        for raw in page.parts("Tags")
    ]


async def _of_systems_manager(aws: Aws, kind: str, id_: str) -> Tags:
    answer = await aws.call("ssm", "ListTagsForResource", ResourceType=kind, ResourceId=id_)
    return [(raw.text("Key"), raw.text("Value")) for raw in answer.parts("TagList")]
