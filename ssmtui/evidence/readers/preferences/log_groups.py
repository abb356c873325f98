"""The log group that the preferences name, and those that they could name."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.preferences.references import unreadable_reference
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.account_log_groups import AccountLogGroups
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup

_GROUPS_A_PAGE = 50
_LISTED_AT_MOST = 200
_NO_NAME_OF_A_GROUP = frozenset({"InvalidParameter", "InvalidParameterException"})


def _named(preferences: SessionPreferences) -> Hashable:
    return preferences.log_group


@reads("logs:DescribeLogGroups", key=_named)
async def log_group(aws: Aws, preferences: SessionPreferences) -> LogGroup | Absent | Moot | Unreadable:
    """The group of exactly that name: AWS looks for names that begin with it."""
    name = preferences.log_group
    if not name:
        return Moot(say("the preferences name no log group"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_log_group(aws, name)


async def find_log_group(aws: Aws, name: str) -> LogGroup | Absent:
    """The group of exactly that name."""
    try:
        async for page in aws.pages("logs", "DescribeLogGroups", logGroupNamePrefix=name, limit=_GROUPS_A_PAGE):
            for raw in page.parts("logGroups"):
                if raw.text("logGroupName") == name:
                    return _group(raw)
    except AwsError as error:
        if error.code not in _NO_NAME_OF_A_GROUP:
            raise
    return Absent(say("the log group {name}", name=name), "logs:DescribeLogGroups")


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("logs:DescribeLogGroups", key=_region)
async def account_log_groups(aws: Aws, scope: Scope) -> AccountLogGroups:
    """Those that come first by their names: read only where somebody is about to choose one."""
    found: list[LogGroup] = []
    async for page in aws.pages("logs", "DescribeLogGroups", limit=_GROUPS_A_PAGE):
        found += [_group(raw) for raw in page.parts("logGroups")]
        if len(found) > _LISTED_AT_MOST:
            break
    return AccountLogGroups(tuple(found[:_LISTED_AT_MOST]), more=len(found) > _LISTED_AT_MOST)


def _group(raw: Answer) -> LogGroup:
    arn = (raw.optional_text("logGroupArn") or raw.text("arn")).removesuffix(":*")
    return LogGroup(arn, raw.text("logGroupName"), raw.optional_text("kmsKeyId"))
