"""CloudTrail: look up events of nodes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance

from ssmtui.simulator import state
from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.node_state.registration import RefusedCall, refused_calls, reporting_identity
from ssmtui.simulator.operations.registry import Result, operation, page

_REPORT: Final = "UpdateInstanceInformation"
_GIVEN_PROFILE: Final = "AssociateIamInstanceProfile"
_AGO: Final = timedelta(minutes=4)
_TRIED_AGO: Final = timedelta(minutes=12)


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: ApiCall) -> Result:
    """List events by their name or by who caused them, the newest first; a page has at most 50."""
    wanted = {each["AttributeKey"]: each["AttributeValue"] for each in call.parameters.get("LookupAttributes", ())}
    events: list[dict[str, Any]] = []
    if wanted.get("EventName", _REPORT) == _REPORT:
        events = [
            _event(call, instance, reported_as)
            for reservation in ec2_backends[call.account][call.region].reservations.values()
            for instance in reservation.instances
            if (reported_as := reporting_identity(call.account, call.region, instance.id)) is not None
        ]
    if wanted.get("EventName", _GIVEN_PROFILE) == _GIVEN_PROFILE:
        given = state.hidden(call.account, call.region).profile_times
        events += [_of_profile(call, node_id, at) for node_id, at in sorted(given.items(), key=_newest_first)]
    if "EventName" not in wanted:
        known = state.hidden(call.account, call.region)
        events += [
            _refusal(call, node_id, refused)
            for node_id in (*known.agents, *known.hybrid_nodes)
            for refused in refused_calls(call.account, call.region, node_id)
        ]
    events = [each for each in events if each.get("Username") == wanted.get("Username", each.get("Username"))]
    shown = page(call, sorted(events, key=lambda each: each["EventTime"], reverse=True), default_size=50)
    return {"Events": list(shown.items), "NextToken": shown.next_token}


def _newest_first(given: tuple[str, datetime]) -> float:
    return -given[1].timestamp()


def _of_profile(call: ApiCall, node_id: str, at: datetime) -> dict[str, Any]:
    association = {"instanceId": node_id, "state": "associating"}
    record = {
        "eventVersion": "1.10",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ec2.amazonaws.com",
        "eventName": _GIVEN_PROFILE,
        "awsRegion": call.region,
        "requestParameters": {f"{_GIVEN_PROFILE}Request": {"InstanceId": node_id}},
        "responseElements": {f"{_GIVEN_PROFILE}Response": {"iamInstanceProfileAssociation": association}},
    }
    return {
        "EventId": f"{node_id.removeprefix('i-'):0>32}",
        "EventName": _GIVEN_PROFILE,
        "ReadOnly": "false",
        "EventTime": at,
        "EventSource": "ec2.amazonaws.com",
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _event(call: ApiCall, instance: Instance, reported_as: tuple[str, bool]) -> dict[str, Any]:
    principal, allowed = reported_as
    at = state.now() - _AGO
    return {
        "EventId": f"{instance.id.removeprefix('i-'):0>32}",
        "EventName": _REPORT,
        "ReadOnly": "false",
        "EventTime": at,
        "EventSource": "ssm.amazonaws.com",
        "Username": principal.rpartition("/")[2],
        "Resources": [],
        "CloudTrailEvent": json.dumps(_record(call, instance, principal, at, allowed=allowed)),
    }


def _refusal(call: ApiCall, node_id: str, refused: RefusedCall) -> dict[str, Any]:
    at = state.now() - _TRIED_AGO
    issuer = {"type": "Role", "arn": principal_of(refused.principal).arn, "userName": refused.principal.split("/")[1]}
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": refused.principal,
            "sessionContext": {"sessionIssuer": issuer},
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{refused.source}.amazonaws.com",
        "eventName": refused.event,
        "awsRegion": call.region,
        "errorCode": "AccessDenied",
        "errorMessage": refused.message,
        "requestParameters": None,
        "managementEvent": True,
    }
    return {
        "EventId": f"{refused.event}-{node_id}",
        "EventName": refused.event,
        "ReadOnly": "true",
        "EventTime": at,
        "EventSource": f"{refused.source}.amazonaws.com",
        "Username": node_id,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _record(call: ApiCall, instance: Instance, principal: str, at: datetime, *, allowed: bool) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": principal_of(principal).arn, "userName": principal.split("/")[1]}
    denied = {"errorCode": "AccessDenied", "errorMessage": f"User: {principal} is not authorized"}
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": principal, "sessionContext": {"sessionIssuer": issuer}},
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ssm.amazonaws.com",
        "eventName": _REPORT,
        "awsRegion": call.region,
        "sourceIPAddress": instance.private_ip,
        "requestParameters": {"instanceId": instance.id, "agentName": "amazon-ssm-agent"} if allowed else None,
        **({} if allowed else denied),
    }
