"""The AWS of pages: complete, ended by their tokens, limited as published, counted; trouble comes by its seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from tools.benchmarks.paged_aws.fleet import WAYS, fleet
from tools.benchmarks.paged_aws.ground import AUDIT, REGION, ROLES, VPCS
from tools.benchmarks.paged_aws.limits import PUBLISHED, Limits, Trouble
from tools.benchmarks.paged_aws.process import PagedAws, paged_aws
from tools.benchmarks.paged_aws.wire import Request

SIZE = 240
CALL = Request("ssm", "GetConnectionStatus", {"Target": "i-1"})


@pytest.fixture(scope="module")
def served() -> Iterator[PagedAws]:
    with paged_aws(SIZE) as aws:
        yield aws


@pytest.fixture
def aws(served: PagedAws) -> PagedAws:
    served.begin(latency=0)
    return served


@cache
def session() -> Session:
    return Session()


def client(aws: PagedAws, service: str) -> BaseClient:
    return session().create_client(
        service,
        region_name=REGION,
        endpoint_url=aws.environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="ASIABENCH00000000001",
        aws_secret_access_key="benchmark",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.mark.long
def test_every_instance_is_listed_once_and_no_hybrid_node() -> None:
    with paged_aws(2100) as aws:
        aws.begin(latency=0)
        pages = list(
            client(aws, "ec2").get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 1000})
        )
        counted = aws.counted()["answered"]
    listed = [one["InstanceId"] for page in pages for each in page["Reservations"] for one in each["Instances"]]
    assert listed == [node.id for node in fleet(2100) if not node.hybrid]
    assert counted == {"ec2:DescribeInstances": 3}


def test_both_listings_of_systems_manager_end_with_the_last_node(aws: PagedAws) -> None:
    ssm = client(aws, "ssm")
    managed = [node for node in fleet(SIZE) if node.ping is not None]
    properties = ssm.get_paginator("describe_instance_properties").paginate(PaginationConfig={"PageSize": 1000})
    listed = [one["InstanceId"] for page in properties for one in page["InstanceProperties"]]
    assert listed == [node.id for node in managed]
    information = ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 50})
    told = [one["InstanceId"] for page in information for one in page["InstanceInformationList"]]
    assert told == [node.id for node in managed if node.running]
    assert aws.counted()["answered"] == {"ssm:DescribeInstanceProperties": 1, "ssm:DescribeInstanceInformation": 5}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "member"),
    [
        ("ec2", "describe_instances", {"Filters": [{"Name": "instance-id", "Values": ["{id}"]}]}, "Reservations"),
        ("ec2", "describe_instances", {"Filters": [{"Name": "tag:Name", "Values": ["{name}"]}]}, "Reservations"),
        (
            "ssm",
            "describe_instance_properties",
            {"InstancePropertyFilterList": [{"key": "InstanceIds", "valueSet": ["{id}"]}]},
            "InstanceProperties",
        ),
        (
            "ssm",
            "describe_instance_information",
            {"Filters": [{"Key": "tag:Name", "Values": ["{name}"]}]},
            "InstanceInformationList",
        ),
        (
            "ssm",
            "get_inventory",
            {"Filters": [{"Key": "AWS:InstanceInformation.IpAddress", "Values": ["{address}"], "Type": "Equal"}]},
            "Entities",
        ),
    ],
)
def test_a_filter_selects_one_node(
    aws: PagedAws, service: str, operation: str, parameters: dict[str, object], member: str
) -> None:
    node = fleet(SIZE)[0]
    asked = json.loads(
        json.dumps(parameters).replace("{id}", node.id).replace("{name}", node.name).replace("{address}", node.address)
    )
    selected = getattr(client(aws, service), operation)(**asked)[member]
    assert len(selected) == 1
    assert node.id in str(selected)


def test_a_page_of_another_size_is_refused(aws: PagedAws) -> None:
    with pytest.raises(ClientError, match="by pages of 1000"):
        client(aws, "ec2").describe_instances(MaxResults=100)


def test_a_simulation_says_what_stands_in_the_table(aws: PagedAws) -> None:
    answer = client(aws, "iam").simulate_principal_policy(
        PolicySourceArn=AUDIT.arn, ActionNames=["logs:DescribeLogGroups", "kms:Decrypt"], ResourceArns=["*"]
    )
    decisions = {each["EvalActionName"]: each["EvalDecision"] for each in answer["EvaluationResults"]}
    assert decisions == {"logs:DescribeLogGroups": "implicitDeny", "kms:Decrypt": "allowed"}


def test_what_nobody_has_put_there_is_refused(aws: PagedAws) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        client(aws, "ssm").list_nodes()


def test_limits_are_enforced_with_the_errors_of_the_service(aws: PagedAws) -> None:
    aws.begin(latency=0, limits=1)
    cloudtrail = client(aws, "cloudtrail")
    cloudtrail.lookup_events()
    cloudtrail.lookup_events()
    with pytest.raises(ClientError, match="ThrottlingException"):
        cloudtrail.lookup_events()
    aws.begin(latency=0, throttled=1)
    with pytest.raises(ClientError, match="RequestLimitExceeded"):
        client(aws, "ec2").describe_subnets()
    assert aws.counted()["refused"] == {"ec2:DescribeSubnets": 1}


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = 0.0
    limits = Limits(PUBLISHED, clock=lambda: now)

    def given(calls: int) -> int:
        return sum(limits.refuses(CALL) is None for _ in range(calls))

    assert given(80) == 50
    now = 0.5
    assert given(80) == 25
    now = 100.0
    assert given(80) == 50


def test_nothing_is_limited_where_no_limits_are_asked_for() -> None:
    assert all(Limits({}).refuses(CALL) is None for _ in range(1000))


def test_trouble_is_the_same_by_the_same_seed_in_whatever_order() -> None:
    calls = [Request("ssm", "GetConnectionStatus", {"Target": f"i-{number}"}) for number in range(1000)]
    one, other = Trouble(0.3, 0.05, seed=7), Trouble(0.3, 0.05, seed=7)
    forward = {call.asked["Target"]: one.hits(call) for call in calls}
    backward = {call.asked["Target"]: other.hits(call) for call in reversed(calls)}
    assert forward == backward
    codes = Counter(failure.code if failure else "" for failure in forward.values())
    assert 250 < codes["ThrottlingException"] < 350
    assert 30 < codes["InternalError"] < 70


def test_a_tenth_is_broken_evenly_in_twelve_ways_behind_twelve_roles_and_eight_networks() -> None:
    nodes = fleet(12_000)
    ways = Counter(node.way for node in nodes if node.way)
    assert ways == dict.fromkeys(WAYS, 100)
    assert {node.role for node in nodes if node.role} == set(ROLES)
    assert {node.vpc for node in nodes} == set(VPCS)
    assert len({(node.vpc, node.address) for node in nodes}) == len(nodes)
