"""Read from CloudTrail which principal reports as a node, and when instances received their profiles."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.evidence.aws.reader_api import Answer, Aws, first_page
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable, Now
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.node import Instance
from ssmtui.model.node_facts import ProfileAttachment, RunningInstance, UnconnectedNode
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import AgentReport, LastReport

_REPORT_EVENTS_PER_PAGE = 50
_PAGES_AT_MOST = 8
# An agent that is refused tries again within the hour (docs/facts/nodes.md §6).
_RECENT = timedelta(hours=1)
_STILL_TELLING = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class SuspectNode:
    """An instance that is away although the role of its profile may do everything that it takes."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class TrailReports:
    """The newest reports of the Region's nodes, the newest first."""

    reports: tuple[AgentReport, ...]


@derives
def suspect_node(
    away: UnconnectedNode, running: RunningInstance, node_role: NodeRole, permissions: CorePermissions
) -> SuspectNode | NotApplicable:
    """Whoever has a role that cannot work needs no second explanation."""
    if node_role.source is not RoleSource.INSTANCE_PROFILE or permissions.denied():
        return NotApplicable(say("the role of the instance profile does not work"))
    return SuspectNode(running.instance)


def _trail_reports_key(scope: Scope, suspect: SuspectNode) -> Hashable:
    return scope.region


@reads("cloudtrail:LookupEvents", key=_trail_reports_key, of_all_nodes=True)
async def trail_reports(aws: Aws, scope: Scope, suspect: SuspectNode) -> TrailReports:
    """As far back as an hour, and as many as a few look-ups hold."""
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
def last_report(suspect: SuspectNode, trail: TrailReports, now: Now) -> LastReport | NotApplicable:
    """The node's newest, by its id, else by its address; a record that is older than hours tells nothing of now."""
    instance = suspect.instance
    told = [each for each in trail.reports if each.at > now.at - _STILL_TELLING]
    by_id = next((each for each in told if each.node_id == instance.id), None)
    if by_id is not None:
        return LastReport(by_id, by_address=False)
    own = {address for address in (instance.private_ip, instance.public_ip) if address}
    by_address = next((each for each in told if not each.node_id and each.source in own), None)
    if by_address is None:
        return NotApplicable(say("CloudTrail has no recent report of the node"))
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
# Where in a record the instance is named hangs on the call: its request has it as InstanceId, its answer as instanceId.
_INSTANCE = re.compile(r'"instanceid"\s*:\s*"(i-[0-9a-f]+)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SilentWithProfile:
    """An instance that does not report, and has a profile."""

    running: RunningInstance


@dataclass(frozen=True, slots=True)
class GivenProfiles:
    """When instances of the Region were last given a profile, by the instance's id."""

    at: Mapping[str, datetime]


@derives
def silent_with_profile(running: RunningInstance, away: UnconnectedNode) -> SilentWithProfile | NotApplicable:
    """An agent that reports has credentials."""
    if away.observation.online:
        return NotApplicable(say("the node reports to Systems Manager"))
    if running.instance.profile_arn is None:
        return NotApplicable(say("the instance has no profile"))
    return SilentWithProfile(running)


def _given_profiles_key(scope: Scope, silent: SilentWithProfile) -> Hashable:
    return scope.region


@reads("cloudtrail:LookupEvents", key=_given_profiles_key, of_all_nodes=True)
async def given_profiles(aws: Aws, scope: Scope, silent: SilentWithProfile) -> GivenProfiles:
    """The newest page of each kind of event; a call that failed gave nothing."""
    found: dict[str, datetime] = {}
    for name in _GIVEN_BY:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
        answer = await first_page(
            aws, "cloudtrail", "LookupEvents", "Events", LookupAttributes=wanted, MaxResults=_PROFILE_EVENTS_PER_PAGE
        )
        for raw in answer.parts("Events"):
            told, at = raw.text("CloudTrailEvent"), raw.moment("EventTime")
            named = _INSTANCE.search(told)
            if named is not None and '"errorCode"' not in told:
                found[named.group(1)] = max(at, found.get(named.group(1), at))
    return GivenProfiles(found)


@derives
def profile_attachment(silent: SilentWithProfile, given: GivenProfiles) -> ProfileAttachment | NotApplicable:
    """That of one instance."""
    at = given.at.get(silent.running.instance.id)
    if at is None:
        return NotApplicable(say("CloudTrail tells of no profile that was given to the instance lately"))
    return ProfileAttachment(silent.running.node, at)
