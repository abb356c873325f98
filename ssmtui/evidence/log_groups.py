"""The log group that the preferences name."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.aws import Aws, AwsError
from ssmtui.evidence.reading import reads
from ssmtui.evidence.references import unreadable_reference
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import LogGroup

_GROUPS_A_PAGE = 50
_NO_NAME_OF_A_GROUP = frozenset({"InvalidParameter", "InvalidParameterException"})


def _named(preferences: SessionPreferences) -> Hashable:
    return preferences.log_group


@reads("logs:DescribeLogGroups", key=_named)
async def log_group(aws: Aws, preferences: SessionPreferences) -> LogGroup | Absent | Moot | Unreadable:
    """The group of exactly that name: AWS looks for names that begin with it."""
    name = preferences.log_group
    if not name:
        return Moot("the preferences name no log group")
    unreadable = unreadable_reference(name)
    if unreadable is not None:
        return unreadable
    try:
        async for page in aws.pages("logs", "DescribeLogGroups", logGroupNamePrefix=name, limit=_GROUPS_A_PAGE):
            for raw in page["logGroups"]:
                if raw["logGroupName"] == name:
                    arn = str(raw.get("logGroupArn") or raw["arn"]).removesuffix(":*")
                    return LogGroup(arn, name, raw.get("kmsKeyId") or None)
    except AwsError as error:
        if error.code not in _NO_NAME_OF_A_GROUP:
            raise
    return Absent(f"the log group {name}", "logs:DescribeLogGroups")
