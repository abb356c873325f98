"""Whom sessions run as: the preferences' setting, and the tag on the caller that overrides it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.run_as import TAG, RunAsSetting, RunAsTag


@derives
def run_as_setting(preferences: SessionPreferences) -> RunAsSetting | Moot:
    """Only a question where Run As is on."""
    if not preferences.run_as:
        return Moot(say("Run As is off"))
    return RunAsSetting(preferences.run_as_user.strip())


def _principal(caller: JudgedCaller | Moot, setting: RunAsSetting) -> Hashable:
    return caller


@reads("iam:ListRoleTags", "iam:ListUserTags", key=_principal)
async def run_as_tag(aws: Aws, caller: JudgedCaller | Moot, setting: RunAsSetting) -> RunAsTag | Absent:
    """The tag on the user or role; tags of a session, which an identity provider can set, are seen by nobody else."""
    if isinstance(caller, Moot):
        return Absent(say("a tag {tag}: the caller is neither a user nor a role", tag=TAG), "sts:GetCallerIdentity")
    kind, source = ("role", "iam:ListRoleTags") if caller.is_role else ("user", "iam:ListUserTags")
    async for page in _tag_pages(aws, caller):
        for tag in page.parts("Tags"):
            user = (tag.optional_text("Value") or "").strip()
            if tag.text("Key") == TAG and user:
                return RunAsTag(user, source)
    return Absent(say("a tag {tag} on the {kind} {name}", tag=TAG, kind=kind, name=caller.name), source)


def _tag_pages(aws: Aws, caller: JudgedCaller) -> AsyncIterator[Answer]:
    if caller.is_role:
        return aws.pages("iam", "ListRoleTags", RoleName=caller.name)
    return aws.pages("iam", "ListUserTags", UserName=caller.name)
