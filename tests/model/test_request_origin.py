"""Where a node's requests come from, as condition keys tell it."""

from __future__ import annotations

import pytest

from ssmtui.iam_policy.patterns import Context
from ssmtui.model.request_context import RequestOrigin, ServiceOrigin

ARN = "arn:aws:ec2:eu-west-3:123456789012:instance/i-1"
ORIGIN = RequestOrigin(
    "vpc-1",
    (
        ServiceOrigin("ssm", endpoint="vpce-ssm"),
        ServiceOrigin("kms", addresses=("52.47.1.1",)),
        ServiceOrigin("logs", addresses=("52.47.1.1", "52.47.1.2")),
        ServiceOrigin("s3", by_own_address=True),
    ),
)
NO_ENDPOINT: Context = {"aws:SourceVpc": (), "aws:SourceVpce": (), "aws:VpcSourceIp": ()}


@pytest.mark.parametrize(
    ("service", "known"),
    [
        pytest.param(
            "ssm",
            {"aws:SourceVpc": ("vpc-1",), "aws:SourceVpce": ("vpce-ssm",), "aws:SourceIp": ()},
            id="through an endpoint",
        ),
        pytest.param("kms", {**NO_ENDPOINT, "aws:SourceIp": ("52.47.1.1",)}, id="by a NAT gateway"),
        pytest.param("logs", NO_ENDPOINT, id="by a NAT gateway with several addresses"),
        pytest.param("s3", NO_ENDPOINT, id="by each node's own address"),
        pytest.param("ssmmessages", {}, id="not known"),
    ],
)
def test_what_is_the_same_for_every_node_of_an_origin(service: str, known: Context) -> None:
    assert ORIGIN.known(service) == known


@pytest.mark.parametrize(
    ("service", "more"),
    [
        pytest.param("ssm", {"aws:VpcSourceIp": ("10.0.0.10",)}, id="through an endpoint"),
        pytest.param("kms", {}, id="by a NAT gateway"),
        pytest.param("s3", {"aws:SourceIp": ("52.47.9.9",)}, id="by its own address"),
        pytest.param("ssmmessages", {}, id="not known"),
    ],
)
def test_what_a_node_has_for_itself(service: str, more: Context) -> None:
    itself = {
        "ec2:SourceInstanceARN": (ARN,),
        "aws:Ec2InstanceSourceVpc": ("vpc-1",),
        "aws:Ec2InstanceSourcePrivateIPv4": ("10.0.0.10",),
    }
    assert ORIGIN.known_of_node(service, "10.0.0.10", "52.47.9.9", ARN) == {**itself, **more}


def test_whether_requests_pass_an_endpoint_is_known_of_each_service_for_itself() -> None:
    assert {service: ORIGIN.by_endpoint(service) for service in ("ssm", "kms", "s3", "ssmmessages")} == {
        "ssm": True,
        "kms": False,
        "s3": False,
        "ssmmessages": None,
    }


@pytest.mark.parametrize("service", ["ssm", "s3", "kms"])
def test_a_node_without_addresses_has_none_to_tell(service: str) -> None:
    assert ORIGIN.known_of_node(service, "", None, ARN) == {
        "ec2:SourceInstanceARN": (ARN,),
        "aws:Ec2InstanceSourceVpc": ("vpc-1",),
        "aws:Ec2InstanceSourcePrivateIPv4": (),
    }


def test_a_node_without_a_vpc_names_none() -> None:
    assert RequestOrigin(None).known_of_node("ssm", "", None, ARN)["aws:Ec2InstanceSourceVpc"] == ()
