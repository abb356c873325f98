"""What is answered without a connection is what is answered over one; a fault is one of the connection."""

from __future__ import annotations

import asyncio
from typing import Any

import boto3
import pytest
from aiobotocore.session import get_session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.answered_in_process import answering_here
from tests.simulated_aws import aws, point_at, simulated_aws

__all__ = ["aws", "simulated_aws"]

CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sts", "GetCallerIdentity", {}),
    ("ec2", "DescribeInstances", {"MaxResults": 5}),
    ("ssm", "GetDocument", {"Name": "SSM-SessionManagerRunShell"}),
    ("iam", "GetRole", {"RoleName": "nobody"}),
    ("s3", "GetBucketLocation", {"Bucket": "no-such-bucket"}),
    ("s3", "HeadBucket", {"Bucket": "no-such-bucket"}),
)
"""Of each protocol one, and some that AWS answers by an error."""


@pytest.fixture(autouse=True)
def demo(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> SimulatedAws:
    point_at(aws, monkeypatch)
    aws.load("demo")
    return aws


ONCE = Config(retries={"total_max_attempts": 1})


def asked(service: str, operation: str, parameters: dict[str, Any]) -> Any:
    return of(lambda: boto3.Session().client(service, config=ONCE)._make_api_call(operation, parameters))


def asked_by_the_reader(service: str, operation: str, parameters: dict[str, Any]) -> Any:
    async def ask() -> Any:
        async with get_session().create_client(service, config=ONCE) as client:
            return await client._make_api_call(operation, parameters)

    return of(lambda: asyncio.run(ask()))


def of(call: Any) -> Any:
    """What was answered, but for what is new with every answer."""
    try:
        answer = call()
    except ClientError as error:
        answer = error.response
    told = answer.pop("ResponseMetadata")
    return answer, told["HTTPStatusCode"], sorted(told["HTTPHeaders"].keys() - {"connection", "server"})


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=[":".join(call[:2]) for call in CALLS])
def test_it_is_the_answer_that_comes_over_a_connection(
    service: str, operation: str, parameters: dict[str, Any], aws: SimulatedAws
) -> None:
    over_connections = [ask(service, operation, parameters) for ask in (asked, asked_by_the_reader)]
    with answering_here(aws):
        assert [ask(service, operation, parameters) for ask in (asked, asked_by_the_reader)] == over_connections
    assert [entry.operation for entry in aws.journal.entries] == [operation] * 4
    assert len({entry.status for entry in aws.journal.entries}) == 1


@pytest.mark.parametrize("ask", [asked, asked_by_the_reader])
def test_a_fault_of_connections_strikes(ask: Any, aws: SimulatedAws) -> None:
    aws.fault("reset")
    with answering_here(aws), pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        ask("sts", "GetCallerIdentity", {})
