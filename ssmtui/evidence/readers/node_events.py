"""Read CloudTrail events about nodes: delayed changes and refused calls."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ssmtui.evidence.aws.authorization_lookup import look_up_denial
from ssmtui.evidence.aws.reader_api import Answer, Aws, all_results, first_page
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.language import say, translatable
from ssmtui.model.access_denied import Denial, LookedUp, RefusedCall, RefusedCalls, SessionRefusals, parse_denial
from ssmtui.model.fact import NoFact, NotApplicable, Now, Unreadable
from ssmtui.model.iam_questions import (
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    LOG_WRITE_ACTIONS,
    UPDATE_INSTANCE_INFORMATION,
)
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_facts import InspectedNode, ProfileAttachment, RunningInstance, UnconnectedNode
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import AgentReport, LastReport
from ssmtui.model.storage import BucketEncryption, Key
from ssmtui.text.printable import printable

_REPORT_EVENTS_PER_PAGE = 50
_PAGES_AT_MOST = 8
# A refused agent tries again within an hour (docs/facts/nodes.md §6).
_RECENT = timedelta(hours=1)
_STILL_TELLING = timedelta(hours=2)
_ROLE_DOES_NOT_WORK = translatable("the role of the instance profile does not work")


@dataclass(frozen=True, slots=True)
class SuspectNode:
    """An instance that is away although its profile's role has all needed permissions."""


@dataclass(frozen=True, slots=True)
class TrailReports:
    """The newest reports of the Region's nodes, newest first."""

    reports: tuple[AgentReport, ...]


@derives
def suspect_node(
    away: UnconnectedNode,
    running: RunningInstance,
    node_role: NodeRole,
    permissions: CorePermissions,
) -> SuspectNode | NotApplicable:
    """Return the suspect node. A node whose role cannot work needs no further explanation."""
    if node_role.source is not RoleSource.INSTANCE_PROFILE or permissions.denied():
        return NotApplicable(say(_ROLE_DOES_NOT_WORK))
    return SuspectNode()


@reads("cloudtrail:LookupEvents", key=by_region, of_all_nodes=True)
async def trail_reports(aws: Aws, scope: Scope, suspect: SuspectNode) -> TrailReports:
    """Read the reports of the last hour, as many as a few lookups return."""
    wanted = [{"AttributeKey": "EventName", "AttributeValue": UPDATE_INSTANCE_INFORMATION.partition(":")[2]}]
    found: list[AgentReport] = []
    pages = 0
    async for page in aws.pages(
        "cloudtrail", "LookupEvents", LookupAttributes=wanted, MaxResults=_REPORT_EVENTS_PER_PAGE
    ):
        found.extend(_report(raw) for raw in page.parts("Events"))
        pages += 1
        if pages == _PAGES_AT_MOST or (found and found[-1].at < found[0].at - _RECENT):
            break
    return TrailReports(tuple(found))


@derives
def last_report(
    suspect: SuspectNode,
    trail: TrailReports,
    now: Now,
    node: Node,
) -> LastReport | NotApplicable:
    """Return the newest report of the node, by its ID, else by its address; reports that are hours old do not count."""
    told = [each for each in trail.reports if each.at > now.at - _STILL_TELLING]
    by_id = next((each for each in told if each.node_id == node.id), None)
    if by_id is not None:
        return LastReport(by_id, by_address=False)
    instance = node.instance
    addresses = (instance.private_ip, instance.public_ip) if isinstance(instance, Instance) else ()
    own = {address for address in addresses if address}
    by_address = next((each for each in told if not each.node_id and each.source in own), None)
    if by_address is None:
        return NotApplicable(say("CloudTrail has no recent call of the node"))
    return LastReport(by_address, by_address=True)


def _report(raw: Answer) -> AgentReport:
    event = raw.json_part("CloudTrailEvent")
    identity = event.optional_part("userIdentity")
    issuer = identity.optional_part("sessionContext").optional_part("sessionIssuer")
    return AgentReport(
        node_id=event.optional_part("requestParameters").optional_text("instanceId") or "",
        source=event.optional_text("sourceIPAddress") or "",
        principal=issuer.optional_text("arn") or identity.optional_text("arn") or "",
        at=raw.moment("EventTime"),
        error=event.optional_text("errorCode") or "",
    )


_PROFILE_EVENTS_PER_PAGE = 50
_GIVEN_BY = ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")
# The place of the instance ID in a record depends on the call: InstanceId in its request, instanceId in its answer.
_INSTANCE = re.compile(r'"instanceid"\s*:\s*"(i-[0-9a-f]+)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SilentWithProfile:
    """An instance with a profile that does not report."""


@dataclass(frozen=True, slots=True)
class GivenProfiles:
    """When instances of the Region last got a profile, by instance ID."""

    at: Mapping[str, datetime]


@derives
def silent_with_profile(
    running: RunningInstance, away: UnconnectedNode, permissions: CorePermissions | NoFact
) -> SilentWithProfile | NotApplicable:
    """Return the silent instance.

    An agent that reports has credentials. With a role that does not work, it is silent whenever it got the profile.
    """
    if away.observation.online:
        return NotApplicable(say("the node reports to Systems Manager"))
    if running.instance.profile_arn is None:
        return NotApplicable(say("the instance has no instance profile"))
    if isinstance(permissions, CorePermissions) and permissions.denied():
        return NotApplicable(say(_ROLE_DOES_NOT_WORK))
    return SilentWithProfile()


@reads("cloudtrail:LookupEvents", key=by_region, of_all_nodes=True)
async def given_profiles(aws: Aws, scope: Scope, silent: SilentWithProfile) -> GivenProfiles:
    """Read the newest page of each kind of event; failed calls attached nothing."""
    found: dict[str, datetime] = {}
    for answer in await all_results(*(_newest_events(aws, name) for name in _GIVEN_BY)):
        for raw in answer.parts("Events"):
            told, at = raw.text("CloudTrailEvent"), raw.moment("EventTime")
            named = _INSTANCE.search(told)
            if named is not None and '"errorCode"' not in told:
                found[named.group(1)] = max(at, found.get(named.group(1), at))
    return GivenProfiles(found)


async def _newest_events(aws: Aws, name: str) -> Answer:
    wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
    return await first_page(
        aws, "cloudtrail", "LookupEvents", "Events", LookupAttributes=wanted, MaxResults=_PROFILE_EVENTS_PER_PAGE
    )


@derives
def profile_attachment(
    silent: SilentWithProfile,
    given: GivenProfiles,
    node: Node,
) -> ProfileAttachment | NotApplicable:
    """Return when this instance got its profile."""
    at = given.at.get(node.id)
    if at is None:
        return NotApplicable(say("CloudTrail has no recent change of the instance profile"))
    return ProfileAttachment(at)


_A_PAGE = 50
_PAGES_OF_REFUSALS = 2
_LOOKED_UP_AT_MOST = 5
_LOOKED_BACK = timedelta(hours=1)
_SERVICES = frozenset({"kms", "logs", "s3", "ssm", "ssmmessages"})
_REFUSED = ("accessdenied", "unauthorized")
# Events whose name differs from the IAM action.
_ACTIONS = {"s3:GetBucketEncryption": GET_BUCKET_ENCRYPTION}
_CONTEXT = "aws:ssm:TargetId"


def _node_and_role(scope: Scope, pointed: InspectedNode, node_role: NodeRole, now: Now) -> Hashable:
    return pointed.node.id, node_role.role.arn


@reads("cloudtrail:LookupEvents", key=_node_and_role)
async def refused_calls(aws: Aws, scope: Scope, pointed: InspectedNode, node_role: NodeRole, now: Now) -> RefusedCalls:
    """Read the refusals of the last hour, as many as a few lookups return."""
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
        if pages == _PAGES_OF_REFUSALS:
            more = page.optional_text("NextToken") is not None
            break
    return RefusedCalls(await _in_aws_own_words(aws, scope, found), complete=not more)


async def _in_aws_own_words(aws: Aws, scope: Scope, calls: Sequence[RefusedCall]) -> tuple[RefusedCall, ...]:
    """Look up the newest call of each kind with an authorization ID, up to a few.

    The event history and AWS's details of its refusals belong to the Region.
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
    key: Key | NoFact,
    encryption: BucketEncryption | NoFact,
    change: ChangeDelay | NotApplicable,
) -> SessionRefusals:
    """Return the refusals that affect sessions.

    Refusals of an application on the node, and from before a change of ssmtui, do not count.
    """
    made = change.made if isinstance(change, ChangeDelay) else None
    met = _Met(pointed.node.id, preferences, key, encryption)
    return SessionRefusals(
        node_role.role.arn,
        tuple(call for call in refused.calls if (made is None or call.at > made) and met.by_sessions(call)),
    )


class _Met:
    """The resources that sessions to a node use."""

    def __init__(
        self,
        node_id: str,
        preferences: SessionPreferences | NotApplicable | Unreadable,
        key: Key | NoFact,
        encryption: BucketEncryption | NoFact,
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
            # S3 also makes this request, for the bucket's key, if a log is uploaded in parts.
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
