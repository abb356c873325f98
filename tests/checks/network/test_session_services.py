from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.checks.network import node_reaches_session_services
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Findings, Status
from ssmtui.model.network import Endpoint
from ssmtui.model.node import ConnectionStatus, PingStatus
from ssmtui.model.node_facts import Observation
from ssmtui.model.preferences import SessionPreferences, SessionServices
from ssmtui.model.storage import Bucket
from tests.builders.fleet import REGION, a_scope
from tests.builders.network import (
    ENDPOINT_GROUP,
    NODE_SUBNET,
    TO_NAT,
    closed_group,
    gateway,
    interface,
    surroundings,
)
from tests.builders.storage import ANY_DESTINATION, BY_PARAMETER, ENCRYPTED_ONLY
from tests.checks.outcome import Said, said

ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
AWAY = Observation(None, ConnectionStatus.NOT_CONNECTED)
SYSTEMS_MANAGER = (interface("ssm"), interface("ssmmessages"))
LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE
AT_HOME = Bucket("arn:aws:s3:::audit", "audit", REGION)
ABROAD = replace(AT_HOME, region="eu-north-1")
MISSING, UNREAD = Absent("the bucket audit", "s3:HeadBucket"), Unreadable("s3:ListBucket", "not authorized")
CREATE = ("create-endpoint", "steps-network")


def judge(
    around: NetworkContext,
    preferences: SessionPreferences = ENCRYPTED_ONLY,
    observation: Observation = ONLINE,
    bucket: Bucket | Absent | Unreadable = AT_HOME,
) -> Findings:
    return node_reaches_session_services(
        SessionServices(("kms", "logs", "s3")),
        around.placement,
        observation,
        a_scope(),
        preferences,
        around.subnets,
        around.routes,
        around.groups,
        around.acls,
        around.endpoints,
        around.dns,
        around.nats,
        around.lists,
        around.block,
        bucket,
    )


def without(*missing: str) -> NetworkContext:
    endpoints: tuple[Endpoint, ...] = (*SYSTEMS_MANAGER, interface("kms"), interface("logs"), gateway())
    return surroundings(*(each for each in endpoints if each.service not in missing))


def missing(status: Status, confidence: Confidence = LIKELY, needs: tuple[str, ...] = ()) -> list[Said]:
    fixes = () if status is Status.UNKNOWN else CREATE
    return [Said("log-endpoint-missing", status, confidence, NODE_SUBNET, fixes, needs)]


@pytest.mark.parametrize(
    ("around", "preferences", "expected"),
    [
        pytest.param(without(), ENCRYPTED_ONLY, [], id="every service has an endpoint"),
        pytest.param(surroundings(routes=(TO_NAT,)), ENCRYPTED_ONLY, [], id="NAT leads to all"),
        pytest.param(without("logs"), ENCRYPTED_ONLY, missing(Status.FAIL), id="no way to logs, only encrypted"),
        pytest.param(without("logs"), ANY_DESTINATION, missing(Status.WARN), id="no way to logs, logs are lost"),
        pytest.param(without("s3"), ENCRYPTED_ONLY, missing(Status.FAIL), id="no way to s3, only encrypted"),
        pytest.param(without("kms"), ANY_DESTINATION, missing(Status.FAIL), id="no way to kms closes every session"),
        pytest.param(
            without("logs"),
            BY_PARAMETER,
            missing(Status.UNKNOWN, POSSIBLE, ("ssm:GetParameter",)),
            id="the switch is a reference",
        ),
        pytest.param(without("kms", "logs", "s3"), ANY_DESTINATION, missing(Status.FAIL), id="one finding for three"),
        pytest.param(
            surroundings(
                *SYSTEMS_MANAGER, interface("kms"), interface("logs"), gateway(), groups=(closed_group(ENDPOINT_GROUP),)
            ),
            ENCRYPTED_ONLY,
            [Said("endpoint-security-group-closed", Status.UNKNOWN, POSSIBLE, ENDPOINT_GROUP)],
            id="online by a way that is closed on paper: nothing can be said of the others",
        ),
    ],
)
def test_the_ways_of_a_connected_node(
    around: NetworkContext, preferences: SessionPreferences, expected: list[Said]
) -> None:
    assert said(judge(around, preferences)) == expected


@pytest.mark.parametrize(
    ("bucket", "around", "fixes"),
    [
        pytest.param(AT_HOME, without(), None, id="in this Region"),
        pytest.param(replace(AT_HOME, region=None), without(), None, id="in a Region that is not told"),
        pytest.param(MISSING, without(), None, id="there is none"),
        pytest.param(UNREAD, without(), None, id="it may not be looked at"),
        pytest.param(ABROAD, surroundings(routes=(TO_NAT,)), None, id="abroad, by NAT"),
        pytest.param(ABROAD, without(), ("steps-network", "edit-preferences"), id="abroad, past a gateway endpoint"),
        pytest.param(
            ABROAD,
            surroundings(*SYSTEMS_MANAGER, interface("kms"), interface("logs"), interface("s3")),
            ("steps-network", "edit-preferences"),
            id="abroad, past an interface endpoint",
        ),
    ],
)
def test_endpoints_lead_to_buckets_of_their_own_region_only(
    bucket: Bucket | Absent | Unreadable, around: NetworkContext, fixes: tuple[str, ...] | None
) -> None:
    found = judge(around, bucket=bucket)
    expected = [Said("log-endpoint-missing", Status.FAIL, LIKELY, NODE_SUBNET, fixes)] if fixes else []
    assert said(found) == expected
    for finding in found:
        assert finding.summary == "The bucket audit is in eu-north-1, where no endpoint of vpc-1 leads: no way to s3."
        assert finding.evidence == (
            Evidence("rtb-1 has no route to the internet", "ec2:DescribeRouteTables"),
            Evidence("the bucket audit is in eu-north-1", "s3:HeadBucket"),
        )


@pytest.mark.parametrize(
    ("bucket", "status", "needs"),
    [
        pytest.param(AT_HOME, Status.FAIL, (), id="here"),
        pytest.param(UNREAD, Status.UNKNOWN, ("s3:ListBucket",), id="not to be looked at"),
        pytest.param(
            replace(AT_HOME, region=None), Status.UNKNOWN, ("s3:GetBucketLocation",), id="in a Region that is not told"
        ),
    ],
)
def test_an_endpoint_that_is_closed_says_nothing_of_a_bucket_that_may_be_elsewhere(
    bucket: Bucket | Unreadable, status: Status, needs: tuple[str, ...]
) -> None:
    closed = surroundings(interface("s3"), routes=(TO_NAT,), groups=(closed_group(ENDPOINT_GROUP),))
    found = [each for each in said(judge(closed, bucket=bucket)) if each.cause == "endpoint-security-group-closed"]
    assert [(each.status, each.needs) for each in found] == [(status, needs)]


def test_a_node_that_is_away_proves_nothing_against_what_is_read() -> None:
    assert said(judge(surroundings(), observation=AWAY)) == missing(Status.FAIL)


def test_the_sentence_names_the_subnet_and_the_services() -> None:
    (finding,) = judge(without("kms", "logs"))
    assert finding.summary == (
        "The subnet subnet-nodes has no route out, and its VPC no endpoint instead: no way to kms and logs."
    )
