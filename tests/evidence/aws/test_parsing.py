"""Values of AWS's answers: those that the SDK makes, but for what nobody takes; a big one is taken apart aside."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EC2QueryParser, ResponseParserError, ResponseParserFactory
from botocore.utils import parse_timestamp

from ssmtui.evidence.aws import allowed_reads
from ssmtui.evidence.aws.allowed_reads import keep_members
from ssmtui.evidence.aws.answer_parsers import LARGE_ANSWER_BYTES, AnswerParsers, parse_aws_timestamp
from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.evidence.readers.node_records import (
    INSTANCE_MEMBERS,
    REGISTRATION_MEMBERS,
    RegistrationRecord,
    ValueInterner,
    registration_record,
)

LOADER = Loader()
AUTHORIZATION = "GetRequestAuthorizationDetails"
IDENTITY = b"""<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/alex</Arn>
<UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
BUCKETS = b"""<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name>
<CreationDate>2026-11-24T12:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"""
REGISTRATION = {"InstanceId": "i-1", "PingStatus": "Online", "LastPingDateTime": 1764000000.25, "AgentVersion": "3.3.1"}


def subnets(number: int) -> bytes:
    return b"<x><subnetSet>" + b"<item><subnetId>subnet-1</subnetId></item>" * number + b"</subnetSet></x>"


def properties(number: int) -> bytes:
    return json.dumps({"InstanceProperties": [REGISTRATION] * number, "NextToken": "more"}).encode()


def instances(number: int) -> bytes:
    one = (
        "<item><instanceId>i-1</instanceId><imageId>ami-1</imageId><instanceType>m7i.large</instanceType>"
        "<launchTime>2026-11-24T12:00:00.000Z</launchTime><instanceState><code>16</code><name>running</name>"
        "</instanceState><tagSet><item><key>Name</key><value>wéb</value></item></tagSet>"
        "<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName></item></blockDeviceMapping></item>"
    )
    held = f"<reservationSet><item><instancesSet>{one * number}</instancesSet></item></reservationSet>"
    return f"<DescribeInstancesResponse>{held}<nextToken>more</nextToken></DescribeInstancesResponse>".encode()


def response(body: bytes, status: int = 200) -> dict[str, Any]:
    return {"status_code": status, "headers": {}, "body": body, "context": {}}


def shape_of(service: str, operation: str) -> tuple[str, Any]:
    model = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
    return model.metadata["protocol"], model.operation_model(operation).output_shape


def made(service: str, operation: str, body: bytes, status: int = 200) -> Mapping[str, Any]:
    protocol, shape = shape_of(service, operation)
    parser = AnswerParsers(lambda: LOADER).create_parser(protocol)
    answer: Mapping[str, Any] = asyncio.run(parser.parse(response(body, status), shape))
    return answer


def made_by_the_sdk(service: str, operation: str, body: bytes, status: int = 200) -> Mapping[str, Any]:
    protocol, shape = shape_of(service, operation)
    answer: Mapping[str, Any] = ResponseParserFactory().create_parser(protocol).parse(response(body, status), shape)
    return answer


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("sts", "GetCallerIdentity", IDENTITY),
        ("s3", "ListBuckets", BUCKETS),
        ("ssm", "DescribeInstanceProperties", properties(2)),
        ("ssm", "DescribeInstanceProperties", properties(2000)),
        ("ec2", "DescribeSubnets", subnets(1)),
        (
            "ec2",
            "DescribeSubnets",
            b"<x><subnetSet>" + b"<item><subnetId>s</subnetId></item>" * 4000 + b"</subnetSet></x>",
        ),
    ],
)
def test_an_answer_small_or_big_is_what_the_sdk_makes_of_it(service: str, operation: str, body: bytes) -> None:
    assert made(service, operation, body) == made_by_the_sdk(service, operation, body)


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("ssm", "DescribeInstanceProperties", b'{"__type": "ThrottlingException", "message": "slowly"}'),
        ("ec2", "DescribeInstances", b"<Response><Errors><Error><Code>Throttling</Code></Error></Errors></Response>"),
    ],
)
def test_so_is_an_error(service: str, operation: str, body: bytes) -> None:
    assert made(service, operation, body, 400) == made_by_the_sdk(service, operation, body, 400)


@pytest.mark.parametrize("number", [1, 1000])
def test_of_instances_only_what_readers_take_is_made(number: int) -> None:
    answer = made("ec2", "DescribeInstances", instances(number))
    ((found, *_),) = [each["Instances"] for each in answer["Reservations"]]
    assert answer["NextToken"] == "more"
    assert found == {
        "InstanceId": "i-1",
        "ImageId": "ami-1",
        "InstanceType": "m7i.large",
        "LaunchTime": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "State": {"Name": "running"},
        "Tags": [{"Key": "Name", "Value": "wéb"}],
    }
    whole = made_by_the_sdk("ec2", "DescribeInstances", instances(number))["Reservations"][0]["Instances"]
    assert len(whole) == number
    assert found.keys() == whole[0].keys() & set(INSTANCE_MEMBERS["Instance"])


@pytest.mark.parametrize(
    ("operation", "listed"),
    [
        ("DescribeInstanceProperties", "InstanceProperties"),
        ("DescribeInstanceInformation", "InstanceInformationList"),
    ],
)
@pytest.mark.parametrize(
    "entry",
    [
        REGISTRATION | {"Name": "web", "IamRole": "stores", "RegistrationDate": 1764000000, "SourceId": "i-1"},
        REGISTRATION | {"PlatformType": "Windows", "ComputerName": "é", "IPAddress": "10.0.0.1", "NewMember": {"a": 1}},
        REGISTRATION | {"PlatformName": None, "AssociationOverview": {"DetailedStatus": "Success"}},
        REGISTRATION | {"PingStatus": 1},
        {"InstanceId": "mi-1"},
    ],
)
def test_of_a_registration_all_is_made_that_a_record_is_made_of(
    operation: str, listed: str, entry: Mapping[str, object]
) -> None:
    body = json.dumps({listed: [entry], "NextToken": "more"}).encode()
    answers = [each("ssm", operation, body) for each in (made, made_by_the_sdk)]
    (record, whole), (token, _) = zip(*((_records(each, listed), each["NextToken"]) for each in answers), strict=True)
    assert (record, token) == (whole, "more")
    assert answers[0][listed][0].keys() <= set(REGISTRATION_MEMBERS)


def _records(answer: Mapping[str, Any], listed: str) -> list[RegistrationRecord]:
    return [registration_record(each, ValueInterner()) for each in Answer("ssm:Describe", answer).parts(listed)]


@pytest.mark.parametrize("body", [b"<html>", b"", instances(1000)[:-40], b"\x00" * (LARGE_ANSWER_BYTES + 1)])
def test_what_is_no_xml_is_told_as_the_sdk_tells_it(body: bytes) -> None:
    with pytest.raises(ResponseParserError):
        made_by_the_sdk("ec2", "DescribeInstances", body)
    with pytest.raises(ResponseParserError):
        made("ec2", "DescribeInstances", body)


def test_of_an_operation_that_is_declared_after_the_parser_was_made_only_what_is_kept_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Readers are imported while AWS answers the first request."""
    protocol, shape = shape_of("ec2", "DescribeSubnets")
    parser = AnswerParsers(lambda: LOADER).create_parser(protocol)
    whole = b"<x><subnetSet><item><subnetId>s</subnetId><vpcId>v</vpcId></item></subnetSet></x>"
    assert asyncio.run(parser.parse(response(whole), shape))["Subnets"] == [{"SubnetId": "s", "VpcId": "v"}]
    monkeypatch.setitem(allowed_reads._TAKEN, ("ec2", "DescribeSubnets"), {})
    monkeypatch.setitem(allowed_reads._BY_ANSWER, "DescribeSubnetsResult", ("ec2", "DescribeSubnets"))
    keep_members("ec2:DescribeSubnets", {"DescribeSubnetsResult": ("Subnets",), "Subnet": ("SubnetId",)})
    assert asyncio.run(parser.parse(response(whole), shape))["Subnets"] == [{"SubnetId": "s"}]


async def test_a_big_answer_is_taken_apart_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()

    def noting(value: object) -> datetime:
        threads.add(threading.get_ident())
        return parse_aws_timestamp(value)

    monkeypatch.setattr("ssmtui.evidence.aws.answer_parsers.parse_aws_timestamp", noting)
    protocol, shape = shape_of("ec2", "DescribeInstances")
    for number, aside in ((1, False), (1000, True)):
        threads.clear()
        await AnswerParsers(lambda: LOADER).create_parser(protocol).parse(response(instances(number)), shape)
        assert (threads == {threading.get_ident()}) is not aside


async def test_no_garbage_is_looked_for_while_a_big_answer_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    collecting: set[bool] = set()

    def noting(value: object) -> datetime:
        collecting.add(gc.isenabled())
        return parse_aws_timestamp(value)

    monkeypatch.setattr("ssmtui.evidence.aws.answer_parsers.parse_aws_timestamp", noting)
    protocol, shape = shape_of("ec2", "DescribeInstances")
    parser = AnswerParsers(lambda: LOADER).create_parser(protocol)
    big = [parser.parse(response(body), shape) for body in (instances(1000), instances(1000)[:-40])]
    await asyncio.gather(*big, return_exceptions=True)
    assert (collecting, gc.isenabled()) == ({False}, True)


def test_the_sdk_still_reads_xml_by_the_step_that_is_done_before_it() -> None:
    assert hasattr(EC2QueryParser, "_parse_xml_string_to_dom")


@pytest.mark.parametrize(
    "told",
    [
        *("2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00+02:00", "2026-11-24T12:00:00Z", "20261124T120000Z"),
        *("Tue, 24 Nov 2026 12:00:00 GMT", 1764000000, 1764000000.123, "1764000000", "1764000000.5"),
    ],
)
def test_a_point_in_time_is_the_one_that_the_sdk_reads_in_utc(told: object) -> None:
    at = parse_aws_timestamp(told)
    assert at == parse_timestamp(told)
    assert at.utcoffset() == timedelta(0)


def test_a_point_in_time_without_an_offset_stays_without() -> None:
    assert parse_aws_timestamp("2026-11-24T12:00:00") == datetime(2026, 11, 24, 12)
    with pytest.raises(ValueError, match="sometime"):
        parse_aws_timestamp("sometime")


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("ec2", "DescribeSubnets", b"<x><subnetSet>garbage</subnetSet></x>"),
        ("iam", "ListRoles", b"<x><ListRolesResult><Roles>garbage</Roles></ListRolesResult></x>"),
        ("s3", "ListBuckets", b"<x><Buckets>garbage</Buckets></x>"),
        ("ec2", "DescribeSubnets", b"<x><subnetSet><item>garbage</item></subnetSet></x>"),
        ("s3", "GetBucketEncryption", b"<x><Rule>garbage</Rule></x>"),
        ("s3", "GetBucketEncryption", b"<x><Rule>garbage</Rule><Rule>garbage</Rule></x>"),
    ],
)
def test_a_text_in_the_place_of_a_list_is_no_list_of_nothing(service: str, operation: str, body: bytes) -> None:
    with pytest.raises(ResponseParserError, match="a text in the place of"):
        made(service, operation, body)


def test_an_empty_list_is_one() -> None:
    assert made("ec2", "DescribeSubnets", b"<x><subnetSet/></x>")["Subnets"] == []
    assert made("ec2", "DescribeSubnets", b"<x><subnetSet>\n  </subnetSet></x>")["Subnets"] == []


@pytest.mark.parametrize("body", [b'{"truncated": [', b"<html>sign in</html>", b"null", b'[{"Entities": []}]'])
@pytest.mark.parametrize(("service", "operation"), [("ssm", "GetInventory"), ("iam-toolbox", AUTHORIZATION)])
def test_what_is_no_json_object_is_no_answer_without_members(service: str, operation: str, body: bytes) -> None:
    """The SDK takes most of it for one, and so for AWS's word that nothing is there; at the rest it stumbles."""
    with pytest.raises((ResponseParserError, AttributeError, TypeError)):
        made(service, operation, body)


def test_an_answer_without_members_is_one() -> None:
    assert made("ssm", "GetInventory", b"{}").keys() == {"ResponseMetadata"}
    assert made("ssm", "GetInventory", b'{"NewMember": 1}').keys() == {"ResponseMetadata"}
    assert made("ssm", "GetInventory", b"<html>unavailable</html>", 503)["Error"]["Message"]
