"""Whole accounts: each call of the node by all that has a say, against the findings of the checks.

Which keys a request has: IAM User Guide, reference_policies_condition-keys; which way it comes: `random_accounts`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ssmtui.model.truth import Truth
from tests.trust.oracle.journeys import said_of
from tests.trust.oracle.language import Request
from tests.trust.oracle.layers import Account, Document, Grant, OnResource
from tests.trust.oracle.random_accounts import (
    CALLS,
    INSTANCE,
    NAT_IP,
    PRIVATE_IP,
    PUBLIC_IP,
    an_account,
    key_arn,
)
from tests.trust.oracle.random_policies import ACCOUNT, CERTAIN, ROLE, SESSION
from tests.trust.oracle.reading import Reading, every
from tests.trust.oracle.shrinking import Case
from tests.trust.oracle.trial import Trial

SESSIONS = ("alex-0a1b2c3d", "kim-9e8d7c6b")
_EVERYTHING = Document([{"Effect": "Allow", "Action": "*", "Resource": "*"}])


def made(random: Random) -> Case:
    """An account, and the question that is put about it."""
    return {**an_account(random), "question": random.choice([*CALLS, "endpoints"])}


def judged(case: Case) -> Trial:
    """What the node may do, and what the findings say of it."""
    said = asyncio.run(said_of(case))
    if said is None:
        return Trial(None, Truth.PERHAPS)
    return Trial(_at_endpoints(case) if case["question"] == "endpoints" else _may(case), said)


def _may(case: Case) -> Reading:
    """Whether it may, whoever's session it is: where that makes a difference, nothing can be held against anybody."""
    told = {
        every(_allowed(case, action, _of_session(resource, session)) for action, resource in CALLS[case["question"]])
        for session in SESSIONS
    }
    return told.pop() if len(told) == 1 else None


def _of_session(resource: str, session: str) -> str:
    return resource.replace(SESSIONS[0], session)


def _allowed(case: Case, action: str, resource: str) -> Reading:
    service = action.partition(":")[0]
    keys = _keys(case, service)
    if keys is None:
        return None  # no request arrives, and none is judged
    asked = key_arn(case["key_account"]) if resource == "key" else resource
    request = Request(action, asked, keys, ROLE, SESSION)
    account = Account(
        identity=[Document(each) for each in (*case["managed"], *case["inline"])],
        boundary=None if case["boundary"] is None else Document(case["boundary"]),
        levels=[[Document(each)] for each in case["organization"]],
        resource=_resource(case, service),
    )
    said = account.allows(request)
    if _is_hidden(account, request) and replace(account, levels=()).allows(request) is not False:
        return None
    if action == "ssm:UpdateInstanceInformation":
        # On which of the two AWS judges it is inferred, and documented nowhere: where they differ, nothing is held.
        on_all = account.allows(Request(action, "*", keys, ROLE, SESSION))
        return said if said is on_all else None
    return said


_TOLD = frozenset(each.lower() for each in CERTAIN)
"""What IAM's simulation is told of a role's requests wherever its node stands."""
_UNTOLD = "aws:useragent"
"""What it is never told, though every request has it."""


def _is_hidden(account: Account, request: Request) -> bool:
    """Whether it hangs on a key that service control policies alone ask for, and that IAM's simulation is not told.

    The simulation names no such key (docs/facts/permissions.md §4): its answer reads as if it were certain. So what
    such policies deny for a key that the request has is seen by nobody, nor what they ask of a key that nobody knows.
    """
    by_all = _by_levels(account, request)
    without = {key: values for key, values in request.keys.items() if key != _UNTOLD}
    if by_all is not _by_levels(account, replace(request, keys=without)):
        return True
    told = {key: values for key, values in without.items() if key in _TOLD}
    return by_all is False and _by_levels(account, replace(request, keys=told)) is not False


def _by_levels(account: Account, request: Request) -> Reading:
    """What the service control policies say, if all others allow everything."""
    return Account([_EVERYTHING], levels=account.levels).allows(request)


def _resource(case: Case, service: str) -> OnResource | None:
    if service == "kms":
        grants = [Grant(each["grantee"], each["actions"], each["constrained"]) for each in case["grants"]]
        return OnResource(Document(case["key_policy"]), case["key_account"], governs=True, grants=grants)
    if service == "s3" and case["bucket_policy"] is not None:
        return OnResource(Document(case["bucket_policy"]), ACCOUNT)
    return None


def _at_endpoints(case: Case) -> Reading:
    """Whether the policies of the endpoints let through what the node calls there; nobody else is asked."""
    ends = {_by_endpoints(case, session) for session in SESSIONS}
    return ends.pop() if len(ends) == 1 else None


def _by_endpoints(case: Case, session: str) -> Reading:
    told: list[Reading] = []
    for calls in CALLS.values():
        for action, each in calls:
            resource = _of_session(each, session)
            service = action.partition(":")[0]
            if service in case["endpoints"]:
                asked = key_arn(case["key_account"]) if resource == "key" else resource
                request = Request(action, asked, _keys(case, service) or {}, ROLE, SESSION)
                at = Account([_EVERYTHING], boundary=_bounding(case), endpoint=Document(case["endpoints"][service]))
                told.append(at.allows(request))
    return every(told)


def _bounding(case: Case) -> Document | None:
    """Whether a boundary is set changes what NotPrincipal denies."""
    return None if case["boundary"] is None else _EVERYTHING


def _keys(case: Case, service: str) -> Mapping[str, tuple[str, ...]] | None:
    by_way = _by_way(case, service)
    if by_way is None:
        return None
    has: dict[str, Any] = {
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": "eu-west-3",
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:UserAgent": case["agent"],
        "ec2:SourceInstanceARN": INSTANCE,
        "aws:Ec2InstanceSourceVpc": "vpc-1",
        "aws:Ec2InstanceSourcePrivateIPv4": PRIVATE_IP,
        **by_way,
        **{f"aws:PrincipalTag/{key}": value for key, value in case["tags"].items()},
    }
    if service == "kms":
        has["kms:CallerAccount"] = ACCOUNT
    if case["organization_id"]:
        has["aws:PrincipalOrgID"] = case["organization_id"]
    return {key.lower(): (value,) for key, value in has.items()}


def _by_way(case: Case, service: str) -> Mapping[str, str] | None:
    """What tells by which way a request comes; None where there is none."""
    if service in case["endpoints"]:
        return {"aws:SourceVpce": f"vpce-{service}", "aws:SourceVpc": "vpc-1", "aws:VpcSourceIp": PRIVATE_IP}
    ways: dict[str, Mapping[str, str] | None] = {
        "nat": {"aws:SourceIp": NAT_IP},
        "igw": {"aws:SourceIp": PUBLIC_IP},
        "tgw": case["elsewhere"],
        "none": None,
    }
    return ways[case["way"]]
