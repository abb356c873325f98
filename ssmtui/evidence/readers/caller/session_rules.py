"""Read whether just-in-time node access is in use, and the user that sessions run as."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Answer, Aws
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.identity.caller import JudgedCaller
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable
from ssmtui.model.identity import RUN_AS_TAG, RunAsSetting, RunAsTag
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import JustInTimeAccess
from ssmtui.model.storage import Key

_A_PAGE = 50
_KINDS = ["ManualApprovalPolicy", "AutoApprovalPolicy"]


@dataclass(frozen=True, slots=True)
class ApprovalPolicies:
    """The names of the account's approval policies in the Region, sorted."""

    names: tuple[str, ...]


def _region(scope: Scope, key: Key) -> Hashable:
    return scope.region


@reads("ssm:ListDocuments", key=_region)
async def approval_policies(aws: Aws, scope: Scope, key: Key) -> ApprovalPolicies:
    """One listing a Region, where sessions are encrypted with a key."""
    filters = [{"Key": "DocumentType", "Values": _KINDS}, {"Key": "Owner", "Values": ["Self"]}]
    names = [
        raw.text("Name")
        async for page in aws.pages("ssm", "ListDocuments", Filters=filters, MaxResults=_A_PAGE)
        for raw in page.parts("DocumentIdentifiers")
    ]
    return ApprovalPolicies(tuple(sorted(names)))


@derives
def just_in_time_access(scope: Scope, key: Key, policies: ApprovalPolicies) -> JustInTimeAccess | NotApplicable:
    """KMS shows the tags of a key in its own account only, so that another account's is no question here."""
    if not policies.names:
        return NotApplicable(say("no approval policy grants just-in-time node access in this Region"))
    if key.account != scope.account:
        return NotApplicable(say("the session key is of another account, which alone can read its tags"))
    return JustInTimeAccess(policies.names)


@derives
def run_as_setting(preferences: SessionPreferences) -> RunAsSetting | NotApplicable:
    """Only a question where Run As is on."""
    if not preferences.run_as:
        return NotApplicable(say("Run As is off"))
    return RunAsSetting(preferences.run_as_user.strip())


def _principal(caller: JudgedCaller | NotApplicable, setting: RunAsSetting) -> Hashable:
    return caller


@reads("iam:ListRoleTags", "iam:ListUserTags", key=_principal)
async def run_as_tag(aws: Aws, caller: JudgedCaller | NotApplicable, setting: RunAsSetting) -> RunAsTag | Absent:
    """The tag on the user or role; tags of a session, which an identity provider can set, are seen by nobody else."""
    if isinstance(caller, NotApplicable):
        return Absent(
            say("a tag {tag}: the caller is neither a user nor a role", tag=RUN_AS_TAG), "sts:GetCallerIdentity"
        )
    kind, source = ("role", "iam:ListRoleTags") if caller.is_role else ("user", "iam:ListUserTags")
    async for page in _tag_pages(aws, caller):
        for tag in page.parts("Tags"):
            user = (tag.optional_text("Value") or "").strip()
            if tag.text("Key") == RUN_AS_TAG and user:
                return RunAsTag(user, source)
    return Absent(say("a tag {tag} on the {kind} {name}", tag=RUN_AS_TAG, kind=kind, name=caller.name), source)


def _tag_pages(aws: Aws, caller: JudgedCaller) -> AsyncIterator[Answer]:
    if caller.is_role:
        return aws.pages("iam", "ListRoleTags", RoleName=caller.name)
    return aws.pages("iam", "ListUserTags", UserName=caller.name)
