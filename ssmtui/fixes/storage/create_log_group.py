"""`create-log-group`: the log group that the preferences name is created, without a key."""

from __future__ import annotations

import re

from ssmtui.fixes.frame.fix import fix
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "create-log-group"
_STALE = (LogGroup, LogGroupPermissions)

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")

_CHARGES = marked(
    "An empty group costs nothing; what sessions log is charged as CloudWatch Logs are, and kept until you delete it."
)
_STILL_CLOSED = marked(
    "The group has no KMS key of yours, and the preferences allow only encrypted groups: "
    "sessions stay refused until it has one, or until “only encrypted CloudWatch log groups” "
    "is turned off."
)


@fix(slug=_SLUG, stale=_STALE)
def create_log_group(scope: Scope, preferences: SessionPreferences, group: LogGroup | Absent) -> Plan | NotApplicable:
    """Create it."""
    name = preferences.log_group
    if isinstance(group, LogGroup):
        return NotApplicable(_SLUG, say("the log group {name} exists", name=name))
    if not _NAME.fullmatch(name):
        return NotApplicable(
            _SLUG, say("{name} is no name that a log group can have: the preferences must be corrected", name=name)
        )
    arn = scope.arn("logs", f"log-group:{name}")
    named = {"logGroupName": name}
    still_closed = (say(_STILL_CLOSED),) if preferences.log_group_encrypted_only is EncryptedOnly.ON else ()
    notes = (*still_closed, say(_CHARGES))
    return Plan(
        fix=_SLUG,
        title=say("Create the log group {name}", name=name),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, arn),
        calls=(Call("logs", "CreateLogGroup", named, "logs:CreateLogGroup", arn),),
        before="",
        after=name,
        guards=(_streams(named, None),),
        way_back=WayBack((_streams(named, ""),), (Call("logs", "DeleteLogGroup", named, "logs:DeleteLogGroup", arn),)),
        reach=Reach.REGION,
        undo=say("The log group is deleted, if it is still empty."),
        facts_after=(FactChange(LogGroup, LogGroup(arn, name, None)),),
        stale=_STALE,
        delay=say("None that AWS documents."),
        notes=notes,
        confirmation=scope.region,
    )


def _streams(named: dict[str, str], expected: str | None) -> Guard:
    """The group's log streams: none where there is no group, and no line where it is empty."""
    path = "logStreams.*.logStreamName"
    return Guard(say("the log group"), "logs", "DescribeLogStreams", {**named, "limit": 1}, path, expected)
