"""Whom sessions run as: the preferences' setting, and the tag on the caller that overrides it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Mapping
from typing import Any

from ssmtui.evidence.aws import Aws
from ssmtui.evidence.reading import derives, reads
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.run_as import TAG, RunAsSetting, RunAsTag
from ssmtui.model.scope import Scope


@derives
def run_as_setting(preferences: SessionPreferences) -> RunAsSetting | Moot:
    """Only a question where Run As is on."""
    if not preferences.run_as:
        return Moot("Run As is off")
    return RunAsSetting(preferences.run_as_user.strip())


def _principal(scope: Scope, setting: RunAsSetting) -> Hashable:
    return scope.principal


@reads("iam:ListRoleTags", "iam:ListUserTags", key=_principal)
async def run_as_tag(aws: Aws, scope: Scope, setting: RunAsSetting) -> RunAsTag | Absent:
    """The tag on the user or role; tags of a session, which an identity provider can set, are seen by nobody else."""
    kind, _, path_and_name = (scope.principal or "").rpartition(":")[2].partition("/")
    name = path_and_name.rpartition("/")[2]
    if kind not in {"role", "user"} or not name:
        return Absent(f"a tag {TAG}: the caller is neither a user nor a role", "sts:GetCallerIdentity")
    source = "iam:ListUserTags" if kind == "user" else "iam:ListRoleTags"
    async for page in _tag_pages(aws, kind, name):
        for tag in page["Tags"]:
            if tag["Key"] == TAG and str(tag.get("Value") or "").strip():
                return RunAsTag(str(tag["Value"]).strip(), source)
    return Absent(f"a tag {TAG} on the {kind} {name}", source)


def _tag_pages(aws: Aws, kind: str, name: str) -> AsyncIterator[Mapping[str, Any]]:
    if kind == "user":
        return aws.pages("iam", "ListUserTags", UserName=name)
    return aws.pages("iam", "ListRoleTags", RoleName=name)
