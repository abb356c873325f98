"""What CloudTrail remembers of a node's role being refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from ssmtui.model.access_denied import RefusedCall, RefusedCalls, SessionRefusals, lookup_evidence
from ssmtui.model.node_facts import InspectedNode
from ssmtui.model.storage import Key
from tests.builders.fleet import NOON, a_change, a_node
from tests.builders.identity import a_node_role
from tests.builders.storage import KEY_ARN
from tests.evidence.fact_builders import fact, preferences
from tests.evidence.fake_aws import FakeAws

NODE = a_node()
POINTED, ROLE = InspectedNode(NODE), a_node_role()
SESSION = f"arn:aws:sts::123456789012:assumed-role/web/{NODE.id}"
KEY = Key(KEY_ARN, "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", None)
OTHER_KEY = KEY_ARN.replace("1b9e", "2222")


def refused_to(action: str, resource: str, reason: str = "no identity-based policy allows the action") -> str:
    return f"User: {SESSION} is not authorized to perform: {action} on resource: {resource} because {reason}"


def event(source: str, name: str, message: str = "", *, minutes_ago: float = 10, **more: object) -> dict[str, Any]:
    record = {
        "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": ROLE.role.arn}}},
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": None,
        **more,
    }
    return {
        "EventTime": NOON - timedelta(minutes=minutes_ago),
        "EventName": name,
        "CloudTrailEvent": json.dumps(record),
    }


DECRYPT = event("kms", "Decrypt", refused_to("kms:Decrypt", KEY_ARN))
LISTED = event("ec2", "DescribeInstances", refused_to("ec2:DescribeInstances", "*"))
WELL = event("kms", "Decrypt", errorCode=None)


def trail(*pages: list[dict[str, Any]]) -> FakeAws:
    more = [{"NextToken": "more"} for _ in pages[1:]]
    return FakeAws(
        cloudtrail_LookupEvents=[{"Events": page, **then} for page, then in zip(pages, [*more, {}], strict=True)]
    )


async def refused(aws: FakeAws, *supposed: object) -> RefusedCalls:
    found = await fact(aws, RefusedCalls, NODE, POINTED, ROLE, *supposed)
    assert isinstance(found, RefusedCalls)
    return found


async def test_refusals_of_the_nodes_sessions_within_the_hour_are_told_with_aws_own_word() -> None:
    aws = trail([DECRYPT, LISTED, WELL, {**DECRYPT, "EventTime": NOON - timedelta(minutes=61)}])
    assert await refused(aws) == RefusedCalls(
        (
            RefusedCall(
                "kms:Decrypt",
                KEY_ARN,
                NOON - timedelta(minutes=10),
                "AccessDenied",
                because="identity-based policy",
                explicit=False,
            ),
        ),
        complete=True,
    )
    assert aws.parameters("cloudtrail:LookupEvents")[0] == {
        "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": NODE.id}],
        "StartTime": NOON - timedelta(hours=1),
        "MaxResults": 50,
    }


async def test_a_refusal_that_carries_an_authorization_id_is_told_in_aws_own_words() -> None:
    id_ = "b5m5v5taprqh3yoluoo4dyw0w"
    said = refused_to("kms:Decrypt", KEY_ARN) + f". with the following authorization id: {id_}"
    aws = trail([event("kms", "Decrypt", said), event("kms", "Decrypt", said, minutes_ago=20)])
    policy = {"uri": "x1", "type": "PERMISSIONS_BOUNDARY", "inline": False, "attachedTo": [{"arn": ROLE.role.arn}]}
    matched = {"uri": "x1", "matchedStatements": [{"sid": "NoKeys", "evaluatedEffect": "DENY"}]}
    evaluation = {"action": "kms:Decrypt", "resource": KEY_ARN, "evaluatedEffect": "EXPLICIT_DENY"}
    aws.answers["iam-toolbox:GetRequestAuthorizationDetails"] = {
        "requestContext": {},
        "evaluations": [{**evaluation, "matchedPolicies": [matched]}],
        "policies": [policy],
    }
    found = await refused(aws)
    (told,) = lookup_evidence(found.calls[0].looked_up)
    assert "NoKeys in the permissions boundary x1" in told.fact
    # Refused twice alike, it is looked up once.
    assert aws.parameters("iam-toolbox:GetRequestAuthorizationDetails") == [{"authorizationId": id_}]


async def test_a_busy_role_is_looked_up_twice_and_no_more() -> None:
    aws = trail([LISTED] * 50, [LISTED] * 49 + [DECRYPT], [DECRYPT])
    found = await refused(aws)
    assert (len(found.calls), found.complete, aws.calls["cloudtrail:LookupEvents"]) == (1, False, 2)


async def test_a_record_of_another_role_does_not_count() -> None:
    other = {"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/other"}}}
    assert (await refused(trail([event("kms", "Decrypt", userIdentity=other)]))).calls == ()


async def test_a_message_that_names_nothing_leaves_what_the_record_holds() -> None:
    merged = "The ciphertext refers to a customer master key that does not exist."
    context = {"encryptionContext": {"aws:ssm:TargetId": NODE.id}}
    of_session = event("kms", "Decrypt", merged, requestParameters=context)
    bucket = event("s3", "GetBucketEncryption", "Access Denied", requestParameters={"bucketName": "audit"})
    found = await refused(trail([of_session, bucket]))
    assert [(each.action, each.resource, each.in_session) for each in found.calls] == [
        ("kms:Decrypt", "", True),
        ("s3:GetEncryptionConfiguration", "arn:aws:s3:::audit", False),
    ]


async def test_sessions_meet_only_refusals_of_what_they_use_and_none_from_before_a_change_of_ours() -> None:
    lookup = event(
        "logs", "DescribeLogGroups", refused_to("logs:DescribeLogGroups", "arn:aws:logs:eu-west-3:1:log-group::")
    )
    events = [DECRYPT, event("kms", "Decrypt", refused_to("kms:Decrypt", OTHER_KEY)), lookup]

    async def met(*supposed: object) -> list[str]:
        found = await fact(trail(events), SessionRefusals, NODE, POINTED, ROLE, KEY, *supposed)
        assert isinstance(found, SessionRefusals)
        return [each.resource or each.action for each in found.calls]

    assert await met(preferences(kms_key=KEY_ARN)) == [KEY_ARN]
    assert len(await met(preferences(kms_key=KEY_ARN, log_group="/sessions"))) == 2
    assert await met(preferences(kms_key=KEY_ARN), a_change("grant-node-key-access", NOON - timedelta(minutes=5))) == []
