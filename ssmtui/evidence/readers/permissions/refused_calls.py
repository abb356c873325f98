"""Read from CloudTrail the recent calls that a node's role was refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import replace
from datetime import timedelta

from ssmtui.evidence.aws.authorization_lookup import look_up_denial
from ssmtui.evidence.aws.reader_api import Answer, Aws
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.model.access_denied import Denial, LookedUp, RefusedCall, RefusedCalls, SessionRefusals, parse_denial
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.iam_questions import (
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    LOG_WRITE_ACTIONS,
    UPDATE_INSTANCE_INFORMATION,
)
from ssmtui.model.identity import NodeRole
from ssmtui.model.node_facts import InspectedNode
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import BucketEncryption, Key
from ssmtui.text.printable import printable

_A_PAGE = 50
_PAGES_AT_MOST = 2
_LOOKED_UP_AT_MOST = 5
_LOOKED_BACK = timedelta(hours=1)
_SERVICES = frozenset({"kms", "logs", "s3", "ssm", "ssmmessages"})
_REFUSED = ("accessdenied", "unauthorized")
# Where the name of an event is not that of the IAM action.
_ACTIONS = {"s3:GetBucketEncryption": GET_BUCKET_ENCRYPTION}
_CONTEXT = "aws:ssm:TargetId"


def _node_and_role(scope: Scope, pointed: InspectedNode, node_role: NodeRole, now: Now) -> Hashable:
    return pointed.node.id, node_role.role.arn


@reads("cloudtrail:LookupEvents", key=_node_and_role)
async def refused_calls(aws: Aws, scope: Scope, pointed: InspectedNode, node_role: NodeRole, now: Now) -> RefusedCalls:
    """Of the last hour, and as many as a few look-ups hold."""
    id_ = pointed.node.id
    wanted = [{"AttributeKey": "Username", "AttributeValue": id_}]
    found: list[RefusedCall] = []
    since, pages, more = now.at - _LOOKED_BACK, 0, False
    async for page in aws.pages(
        "cloudtrail",
        "LookupEvents",
        LookupAttributes=wanted,
        StartTime=since,
        MaxResults=_A_PAGE,
    ):
        found.extend(
            call
            for raw in page.parts("Events")
            if raw.moment("EventTime") >= since and (call := _refused(scope, raw, node_role.role.arn, id_)) is not None
        )
        pages += 1
        if pages == _PAGES_AT_MOST:
            more = page.optional_text("NextToken") is not None
            break
    return RefusedCalls(await _in_aws_own_words(aws, scope, found), complete=not more)


async def _in_aws_own_words(aws: Aws, scope: Scope, calls: Sequence[RefusedCall]) -> tuple[RefusedCall, ...]:
    """The calls, the newest of a kind with AWS's own word where its record carries an id: once for each, of a few.

    The event history is the Region's own, and so is what AWS remembers of the refusals in it.
    """

    def pages(_region: str, id_: str) -> AsyncIterator[Answer]:
        return aws.pages("iam-toolbox", "GetRequestAuthorizationDetails", authorizationId=id_)

    told, asked = list(calls), set[tuple[str, str]]()
    for place, call in enumerate(calls):
        kind = (call.action, call.resource)
        if call.looked_up is not None and kind not in asked and len(asked) < _LOOKED_UP_AT_MOST:
            asked.add(kind)
            told[place] = replace(call, looked_up=await look_up_denial(call.looked_up.denial, scope.region, pages))
    return tuple(told)


@derives
def session_refusals(
    pointed: InspectedNode,
    node_role: NodeRole,
    refused: RefusedCalls,
    preferences: SessionPreferences | NotApplicable | Unreadable,
    key: Key | Absent | NotApplicable | Unreadable,
    encryption: BucketEncryption | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> SessionRefusals:
    """What an application on the node was refused for itself is none; nor what is from before a change of ours."""
    made = change.made if isinstance(change, ChangeDelay) else None
    met = _Met(pointed.node.id, preferences, key, encryption)
    return SessionRefusals(
        node_role.role.arn,
        tuple(call for call in refused.calls if (made is None or call.at > made) and met.by_sessions(call)),
    )


class _Met:
    """What sessions to a node use."""

    def __init__(
        self,
        node_id: str,
        preferences: SessionPreferences | NotApplicable | Unreadable,
        key: Key | Absent | NotApplicable | Unreadable,
        encryption: BucketEncryption | Absent | NotApplicable | Unreadable,
    ) -> None:
        self._node_id = node_id
        self._preferences = preferences if isinstance(preferences, SessionPreferences) else None
        self._key = key.arn if isinstance(key, Key) else ""
        self._bucket_key = (encryption.key_arn or "") if isinstance(encryption, BucketEncryption) else ""

    def by_sessions(self, call: RefusedCall) -> bool:
        service = call.action.partition(":")[0]
        if call.action == UPDATE_INSTANCE_INFORMATION or service == "ssmmessages":
            return True
        if call.action == DECRYPT:
            # S3 asks for it too, of the bucket's key, for a log that is uploaded in parts.
            return call.in_session or (call.resource == self._key and self._key not in ("", self._bucket_key))
        if call.action == GENERATE_DATA_KEY:
            return bool(self._bucket_key) and call.resource == self._bucket_key
        return self._preferences is not None and _logs_to(call, self._preferences)


def _logs_to(call: RefusedCall, preferences: SessionPreferences) -> bool:
    if call.action == GET_BUCKET_ENCRYPTION:
        return bool(preferences.s3_bucket) and call.resource.endswith(f":::{preferences.s3_bucket}")
    if call.action == DESCRIBE_LOG_GROUPS:
        return bool(preferences.log_group)
    if call.action in LOG_WRITE_ACTIONS:
        return bool(preferences.log_group) and f":log-group:{preferences.log_group}:" in f"{call.resource}:"
    return False


def _refused(scope: Scope, raw: Answer, role_arn: str, node_id: str) -> RefusedCall | None:
    event = raw.json_part("CloudTrailEvent")
    error = event.optional_text("errorCode") or ""
    if not any(word in error.casefold() for word in _REFUSED):
        return None
    service = (event.optional_text("eventSource") or "").partition(".")[0]
    context = event.optional_part("userIdentity").optional_part("sessionContext")
    issuer = context.optional_part("sessionIssuer").optional_text("arn")
    if service not in _SERVICES or (issuer and issuer != role_arn):
        return None
    denial = parse_denial(printable(event.optional_text("errorMessage") or "")) or Denial()
    named = f"{service}:{event.optional_text('eventName') or raw.optional_text('EventName')}"
    asked = event.optional_part("requestParameters")
    return RefusedCall(
        action=denial.action or _ACTIONS.get(named, named),
        resource=denial.resource or _resource(scope, event, asked),
        at=raw.moment("EventTime"),
        error=error,
        because=denial.kind,
        explicit=denial.explicit,
        policy=denial.policy,
        in_session=asked.optional_part("encryptionContext").optional_text(_CONTEXT) == node_id,
        looked_up=LookedUp(denial) if denial.authorization_id else None,
    )


def _resource(scope: Scope, event: Answer, asked: Answer) -> str:
    told = [arn for each in event.optional_parts("resources") if (arn := each.optional_text("ARN"))]
    if told:
        return told[0]
    if bucket := asked.optional_text("bucketName"):
        return f"arn:{scope.partition}:s3:::{bucket}"
    if group := asked.optional_text("logGroupName"):
        return scope.arn("logs", f"log-group:{group}")
    return asked.optional_text("keyId") or ""
