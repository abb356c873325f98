"""Compare whole accounts: each call of the node under all policies and networks, with the findings of the checks.

The keys of a request: IAM User Guide, reference_policies_condition-keys; its way: `random_accounts`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ssmtui.iam_policy.truth import Truth
from tools.trust.oracle.journeys import said_of
from tools.trust.oracle.policy_language import Account, Document, Grant, Keys, OnResource, Reading, Request, every
from tools.trust.oracle.random_accounts import (
    CALLS,
    ELSEWHERE,
    INSTANCE,
    NAT_IP,
    NODE,
    PRIVATE_IP,
    PUBLIC_IP,
    an_account,
    key_arn,
    only_by_tags,
)
from tools.trust.oracle.random_policies import ACCOUNT, ROLE, SESSION
from tools.trust.oracle.trial import Case, Trial

SESSIONS = ("alex-0a1b2c3d", "kim-9e8d7c6b")
_EVERYTHING = Document([{"Effect": "Allow", "Action": "*", "Resource": "*"}])


def made(random: Random) -> Case:
    """Return a random account, and a question about it."""
    account = an_account(random)
    policies = only_by_tags(random) if random.random() < 0.15 else {}
    return {**account, **policies, "question": random.choice([*CALLS, "endpoints"])}


def judged(case: Case) -> Trial:
    """Return whether the node is allowed to do it, and what the findings say."""
    said = asyncio.run(said_of(case))
    if said is None:
        return Trial(None, Truth.PERHAPS)
    return Trial(_at_endpoints(case) if case["question"] == "endpoints" else _may(case), said)


def _may(case: Case) -> Reading:
    """Return whether the call is allowed, for any session; None if the session makes a difference."""
    calls = [*CALLS[case["question"]]]
    if calls[0][0].startswith("s3:") and _bucket_account(case) != ACCOUNT and "bucket policy" in case["unread"]:
        return None  # an unreadable policy of another account does not change the verdict (docs/judging.md §4)
    if case["question"] == "write objects" and _bucket_account(case) != ACCOUNT:
        # The owner of another account's bucket gets its objects by an ACL (agent/s3util/s3util.go).
        calls.append(("s3:PutObjectAcl", calls[0][1]))
    told = {
        every(_allowed(case, action, _of_session(resource, session), session) for action, resource in calls)
        for session in SESSIONS
    }
    return told.pop() if len(told) == 1 else None


def _of_session(resource: str, session: str) -> str:
    return resource.replace(SESSIONS[0], session)


def _allowed(case: Case, action: str, resource: str, session: str) -> Reading:
    service = action.partition(":")[0]
    keys = _keys(case, action, session)
    if keys is None:
        return None  # no request arrives, so none is judged
    asked = key_arn(case["key_account"]) if resource == "key" else resource
    request = Request(action, asked, keys, ROLE, SESSION, _encryption_context(session))
    account = Account(
        identity=[Document(each) for each in (*case["managed"], *case["inline"])],
        boundary=None if case["boundary"] is None else Document(case["boundary"]),
        levels=[[Document(each)] for each in case["organization"]],
        resource=_resource(case, service),
    )
    said = account.allows(request)
    if _is_hidden(case, account, request) and replace(account, levels=()).allows(request) is not False:
        return None
    if action == "ssm:UpdateInstanceInformation":
        # It is only inferred which of the two AWS evaluates, not documented: if they differ, nothing is compared.
        on_all = account.allows(Request(action, "*", keys, ROLE, SESSION))
        return said if said is on_all else None
    return said


_OF_RESOURCE = ("aws:resourcetag/", "kms:resourcealiases", "s3:buckettag/")
"""The condition keys about the tags and the aliases of a resource."""
_AGENTS = ("aws-sdk-go/1 amazon-ssm-agent", "other")
_WAY_KEYS = ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")


def _is_hidden(case: Case, account: Account, request: Request) -> bool:
    """Return whether service control policies decide otherwise on a request that looks the same from outside.

    IAM's simulation shows neither their statements nor the keys that they need (docs/facts/permissions.md §4), so
    conditions on a key's value are only evaluated for known values.
    """
    alike = {_by_levels(account, replace(request, keys=keys)) for keys in _alike(case, request)}
    return len(alike) > 1


def _alike(case: Case, request: Request) -> Iterator[Keys]:
    service = request.action.partition(":")[0]
    for agent in _AGENTS:
        keys = {**request.keys, "aws:useragent": (agent,)}
        yield keys
        if _owner(case, service) != ACCOUNT:
            # Only the account of a key or a bucket can read its tags and aliases.
            yield _without(keys, *(key for key in keys if key.startswith(_OF_RESOURCE)))
        if "organization" in case["unread"]:
            # Policies on denied paths are not visible either (docs/facts/permissions.md §4).
            yield _without(keys, "aws:principalorgid", "aws:resourceorgid", "aws:vpceorgid", "aws:principalorgpaths")
        by_nat = case["way"] == "nat" and "nats" in case["unread"]
        if service not in case["endpoints"] and (case["way"] == "tgw" or by_nat):
            yield _without(keys, *_WAY_KEYS)
            for way in ELSEWHERE:
                yield {**_without(keys, *_WAY_KEYS), **{key.lower(): (value,) for key, value in way.items()}}


def _without(keys: Keys, *names: str) -> Keys:
    return {key: values for key, values in keys.items() if key not in names}


def _by_levels(account: Account, request: Request) -> Reading:
    """Return the decision of the service control policies, if all others allow everything."""
    return Account([_EVERYTHING], levels=account.levels).allows(request)


def _resource(case: Case, service: str) -> OnResource | None:
    if service == "kms":
        grants = [Grant(each["grantee"], each["actions"], each["subset"], each["equals"]) for each in case["grants"]]
        return OnResource(Document(case["key_policy"]), case["key_account"], governs=True, grants=grants)
    if service == "s3" and (case["bucket_policy"] is not None or _bucket_account(case) != ACCOUNT):
        return OnResource(Document(case["bucket_policy"] or []), _bucket_account(case))
    return None


def _owner(case: Case, service: str) -> str:
    owners: Mapping[str, str] = {"kms": case["key_account"], "s3": _bucket_account(case)}
    return owners.get(service, ACCOUNT)


def _bucket_account(case: Case) -> str:
    account: str = case.get("bucket_account", ACCOUNT)
    return account


def _at_endpoints(case: Case) -> Reading:
    """Return whether the endpoint policies allow the node's call; no other policies count."""
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
                request = Request(action, asked, _keys(case, action, session) or {}, ROLE, SESSION)
                at = Account([_EVERYTHING], boundary=_bounding(case), endpoint=Document(case["endpoints"][service]))
                told.append(at.allows(request))
    return every(told)


def _bounding(case: Case) -> Document | None:
    """Return a document if the case has a boundary: a boundary changes what NotPrincipal denies."""
    return None if case["boundary"] is None else _EVERYTHING


def _encryption_context(session: str) -> Mapping[str, str]:
    """Return the encryption context of a data key (agent/session/crypto/blockcipher.go)."""
    return {"aws:ssm:SessionId": session, "aws:ssm:TargetId": NODE}


def _of_key(case: Case, session: str) -> Mapping[str, Any]:
    """Return the condition keys about the session key and the encryption context (KMS, conditions-kms)."""
    context = _encryption_context(session)
    has = {f"kms:EncryptionContext:{key}": value for key, value in context.items()}
    lists = {"kms:EncryptionContextKeys": tuple(context), "kms:ResourceAliases": tuple(case["aliases"])}
    return {**has, **{key: values for key, values in lists.items() if values}}


def _of_tags(case: Case, action: str) -> Mapping[str, str]:
    """Return the condition keys about the tags of the resource.

    Amazon S3 User Guide, buckets-tagging: only if attribute-based access control is on for the bucket. CloudWatch Logs
    User Guide, iam-identity-based-access-control-cwl: all actions but one.
    """
    service = action.partition(":")[0]
    if action == "logs:DescribeLogGroups" or (service == "s3" and not case.get("bucket_abac", False)):
        return {}
    tags = case.get({"kms": "key_tags", "logs": "group_tags", "s3": "bucket_tags"}.get(service, ""), {})
    prefixes = ("aws:ResourceTag", "s3:BucketTag") if service == "s3" else ("aws:ResourceTag",)
    return {f"{prefix}/{key}": value for prefix in prefixes for key, value in tags.items()}


def _keys(case: Case, action: str, session: str) -> Mapping[str, tuple[str, ...]] | None:
    service = action.partition(":")[0]
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
        "aws:TokenIssueTime": "2026-11-27T06:00:00Z",
        "aws:MultiFactorAuthPresent": "false",
        "ec2:RoleDelivery": "2.0",
        "ec2:SourceInstanceARN": INSTANCE,
        "aws:Ec2InstanceSourceVpc": "vpc-1",
        "aws:Ec2InstanceSourcePrivateIPv4": PRIVATE_IP,
        **by_way,
        **{f"aws:PrincipalTag/{key}": value for key, value in case["tags"].items()},
        **_of_tags(case, action),
    }
    if service == "kms":
        has |= {"kms:CallerAccount": ACCOUNT, **_of_key(case, session)}
    if case["organization_id"]:
        has["aws:PrincipalOrgID"] = case["organization_id"]
        has["aws:PrincipalOrgPaths"] = f"{case['organization_id']}/r-1/ou-1/"
    has["aws:ResourceAccount"] = owner = _owner(case, service)
    if service == "s3":
        has["s3:ResourceAccount"] = owner
    owned_by = case["organization_id"] if owner == ACCOUNT else case.get("other_organization")
    if owned_by:
        has["aws:ResourceOrgID"] = owned_by
    if service in case["endpoints"] and service in ("kms", "s3"):
        has["aws:VpceAccount"] = ACCOUNT
        if case["organization_id"]:
            has["aws:VpceOrgID"] = case["organization_id"]
    return {key.lower(): value if isinstance(value, tuple) else (value,) for key, value in has.items()}


def _by_way(case: Case, service: str) -> Mapping[str, str] | None:
    """Return the condition keys of a request's way; None if there is no way."""
    if service in case["endpoints"]:
        return {"aws:SourceVpce": f"vpce-{service}", "aws:SourceVpc": "vpc-1", "aws:VpcSourceIp": PRIVATE_IP}
    ways: dict[str, Mapping[str, str] | None] = {
        "nat": {"aws:SourceIp": NAT_IP},
        "igw": {"aws:SourceIp": PUBLIC_IP},
        "tgw": case["elsewhere"],
        "none": None,
    }
    return ways[case["way"]]
