"""Who reports as a node, by CloudTrail: looked up once a Region, and only where a node has no other excuse.

CloudTrail answers two look-ups a second (docs/facts/limits.md §2), so that only the newest records are looked at. An
event reaches the event history within minutes:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.agent_reports import AgentReport, LastReport
from ssmtui.model.answers import Moot
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.moment import Now
from ssmtui.model.node import Instance
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.scope import Scope
from ssmtui.model.standing import RunningInstance, UnconnectedNode

_A_PAGE = 50
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
) -> SuspectNode | Moot:
    """Whoever has a role that cannot work needs no second explanation."""
    if node_role.source is not RoleSource.INSTANCE_PROFILE or permissions.denied():
        return Moot(say("the role of the instance profile does not work"))
    return SuspectNode(running.instance)


def _region(scope: Scope, suspect: SuspectNode) -> Hashable:
    return scope.region


@reads("cloudtrail:LookupEvents", key=_region, of_all_nodes=True)
async def trail_reports(aws: Aws, scope: Scope, suspect: SuspectNode) -> TrailReports:
    """As far back as an hour, and as many as a few look-ups hold."""
    wanted = [{"AttributeKey": "EventName", "AttributeValue": UPDATE_INSTANCE_INFORMATION.partition(":")[2]}]
    found: list[AgentReport] = []
    pages = 0
    async for page in aws.pages("cloudtrail", "LookupEvents", LookupAttributes=wanted, MaxResults=_A_PAGE):
        found.extend(_report(raw) for raw in page.parts("Events"))
        pages += 1
        if pages == _PAGES_AT_MOST or (found and found[-1].at < found[0].at - _RECENT):
            break
    return TrailReports(tuple(found))


@derives
def last_report(suspect: SuspectNode, trail: TrailReports, now: Now) -> LastReport | Moot:
    """The node's newest, by its id, else by its address; a record that is older than hours tells nothing of now."""
    instance = suspect.instance
    told = [each for each in trail.reports if each.at > now.at - _STILL_TELLING]
    by_id = next((each for each in told if each.node_id == instance.id), None)
    if by_id is not None:
        return LastReport(by_id, by_address=False)
    own = {address for address in (instance.private_ip, instance.public_ip) if address}
    by_address = next((each for each in told if not each.node_id and each.source in own), None)
    if by_address is None:
        return Moot(say("CloudTrail has no recent report of the node"))
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
