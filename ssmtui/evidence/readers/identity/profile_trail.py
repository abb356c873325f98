"""When instances were given their profiles, by CloudTrail: EC2 itself does not say it.

ec2:DescribeIamInstanceProfileAssociations has a member for the time, and no answer of AWS's that was ever recorded
fills it. The events of giving a profile are few; the newest of them are looked at, once a Region, and only where an
instance with a profile does not report.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.wire.aws import Aws
from ssmtui.evidence.wire.first_page import first_page
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ProfileAttachment, RunningInstance, UnconnectedNode

_A_PAGE = 50
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
def silent_with_profile(running: RunningInstance, away: UnconnectedNode) -> SilentWithProfile | Moot:
    """An agent that reports has credentials."""
    if away.observation.online:
        return Moot(say("the node reports to Systems Manager"))
    if running.instance.profile_arn is None:
        return Moot(say("the instance has no profile"))
    return SilentWithProfile(running)


def _region(scope: Scope, silent: SilentWithProfile) -> Hashable:
    return scope.region


@reads("cloudtrail:LookupEvents", key=_region, of_all_nodes=True)
async def given_profiles(aws: Aws, scope: Scope, silent: SilentWithProfile) -> GivenProfiles:
    """The newest page of each kind of event; a call that failed gave nothing."""
    found: dict[str, datetime] = {}
    for name in _GIVEN_BY:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
        answer = await first_page(
            aws, "cloudtrail", "LookupEvents", "Events", LookupAttributes=wanted, MaxResults=_A_PAGE
        )
        for raw in answer.parts("Events"):
            told, at = raw.text("CloudTrailEvent"), raw.moment("EventTime")
            named = _INSTANCE.search(told)
            if named is not None and '"errorCode"' not in told:
                found[named.group(1)] = max(at, found.get(named.group(1), at))
    return GivenProfiles(found)


@derives
def profile_attachment(silent: SilentWithProfile, given: GivenProfiles) -> ProfileAttachment | Moot:
    """That of one instance."""
    at = given.at.get(silent.running.instance.id)
    if at is None:
        return Moot(say("CloudTrail tells of no profile that was given to the instance lately"))
    return ProfileAttachment(silent.running.node, at)
