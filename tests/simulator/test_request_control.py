"""The gate that holds requests back, and faults on demand."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from ssmtui.simulator.fault_answers import HUGE
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.request_control import Fault, FaultKind, Faults, Gate
from tests.simulator.clients import client

READS = [("ssm", "list_documents"), ("iam", "list_roles"), ("ec2", "describe_vpcs"), ("s3", "list_buckets")]


@pytest.fixture(autouse=True)
def sound(aws: SimulatedAws) -> None:
    aws.load("healthy-small")


def code_of(ask: Any) -> str:
    with pytest.raises(ClientError) as raised:
        ask()
    code: str = raised.value.response["Error"]["Code"]
    return code


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (FaultKind.THROTTLING, ["ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown"]),
        (FaultKind.INTERNAL, ["InternalFailure", "InternalFailure", "InternalError", "InternalError"]),
        (FaultKind.EXPIRED, ["ExpiredTokenException", "ExpiredToken", "RequestExpired", "ExpiredToken"]),
        (FaultKind.REFUSED, ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AccessDenied"]),
    ],
)
def test_fault_has_the_code_of_each_service(aws: SimulatedAws, kind: FaultKind, codes: list[str]) -> None:
    aws.fault(kind)
    assert [code_of(getattr(client(aws, service), operation)) for service, operation in READS] == codes


def test_fault_strikes_only_what_it_names_and_only_so_often(aws: SimulatedAws) -> None:
    ssm = client(aws, "ssm")
    aws.fault("throttling", "ssm", "ListDocuments", times=2)
    assert ssm.describe_activations()["ActivationList"] is not None
    assert [code_of(ssm.list_documents), code_of(ssm.list_documents)] == ["ThrottlingException"] * 2
    assert ssm.list_documents()["DocumentIdentifiers"]


def test_fault_of_a_region_leaves_the_others_alone(aws: SimulatedAws) -> None:
    aws.fault("internal", region="eu-central-1")
    assert client(aws, "ssm").list_documents()["DocumentIdentifiers"]
    assert code_of(client(aws, "ssm", "eu-central-1").list_documents) == "InternalFailure"


def test_refusal_names_caller_action_and_resource(aws: SimulatedAws) -> None:
    aws.fault("refused", "ssm", "GetDocument")
    with pytest.raises(ClientError) as raised:
        client(aws, "ssm").get_document(Name="SSM-SessionManagerRunShell")
    assert raised.value.response["Error"]["Message"] == (
        "User: arn:aws:sts::123456789012:assumed-role/Engineer/alex is not authorized to perform: ssm:GetDocument "
        "on resource: arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell "
        "because no identity-based policy allows the ssm:GetDocument action"
    )


def test_garbage_breaks_the_parser_or_leaves_an_answer_without_its_members(aws: SimulatedAws) -> None:
    aws.fault("garbage")
    # botocore takes JSON that it cannot read for an answer without members.
    assert "DocumentIdentifiers" not in client(aws, "ssm").list_documents()
    for service, operation in READS[1:]:
        # It takes a successful answer of S3 that it cannot read for an internal error.
        with pytest.raises((ResponseParserError, ClientError)):
            getattr(client(aws, service), operation)()


def test_timeout_holds_the_request_until_the_client_gives_up(aws: SimulatedAws) -> None:
    aws.fault("timeout", "ssm", "ListDocuments")
    with pytest.raises(ReadTimeoutError):
        client(aws, "ssm", read_timeout=0.05).list_documents()


def test_timeout_drops_the_connection_when_faults_are_cleared(aws: SimulatedAws) -> None:
    aws.fault("timeout", "ssm", "ListDocuments", milliseconds=30)
    with pytest.raises(ConnectionClosedError):
        client(aws, "ssm").list_documents()


def test_latency_answers_late_and_right(aws: SimulatedAws) -> None:
    aws.fault("latency", "ssm", "ListDocuments", milliseconds=150)
    with pytest.raises(ReadTimeoutError):
        client(aws, "ssm", read_timeout=0.05).list_documents()
    assert client(aws, "ssm").list_documents()["DocumentIdentifiers"]


def test_held_requests_are_let_go_of_by_clearing() -> None:
    faults = Faults()
    held = threading.Thread(target=faults.hold)
    held.start()
    while held.is_alive():
        faults.clear()
        held.join(timeout=0.01)


def test_first_fault_that_matches_strikes() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.THROTTLING, "ec2"))
    faults.add(Fault(FaultKind.INTERNAL))
    assert faults.strike("ec2", "DescribeVpcs", "eu-west-3", "") == Fault(FaultKind.THROTTLING, "ec2")
    assert faults.strike("iam", "ListRoles", "us-east-1", "") == Fault(FaultKind.INTERNAL)


def test_credentials_end_in_the_middle_of_a_run_and_others_are_taken() -> None:
    faults = Faults()
    ended = Fault(FaultKind.EXPIRED, access_key="ASIAOLD", after=2)
    faults.add(ended)
    struck = [faults.strike("ec2", "DescribeVpcs", "eu-west-3", key) for key in ("ASIAOLD", "ASIANEW", "ASIAOLD")]
    assert struck == [None, None, None]
    assert faults.strike("iam", "GetRole", "us-east-1", "ASIAOLD") == replace(ended, after=0)
    assert faults.strike("iam", "GetRole", "us-east-1", "ASIANEW") is None


def test_unavailable_is_a_503_in_the_words_of_each_service(aws: SimulatedAws) -> None:
    aws.fault(FaultKind.UNAVAILABLE)
    told = [code_of(getattr(client(aws, service), operation)) for service, operation in READS]
    assert told == ["ServiceUnavailable", "ServiceUnavailable", "Unavailable", "ServiceUnavailable"]


def test_connection_is_reset_before_the_answer(aws: SimulatedAws) -> None:
    aws.fault("reset", "ssm", "ListDocuments")
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        client(aws, "ssm").list_documents()


def test_connection_ends_within_the_answer(aws: SimulatedAws) -> None:
    aws.fault("truncated")
    # botocore reads what there is of it, and takes JSON that it cannot read for an answer without members.
    assert "DocumentIdentifiers" not in client(aws, "ssm").list_documents()
    with pytest.raises(ResponseParserError):
        client(aws, "ec2").describe_vpcs()


def test_wrong_types_are_no_values_of_the_documented_ones(aws: SimulatedAws) -> None:
    aws.fault("wrong-types")
    # botocore goes through what it takes for a list.
    with pytest.raises(TypeError):
        client(aws, "ssm").list_documents()
    assert client(aws, "ec2").describe_vpcs()["Vpcs"] == []


@pytest.mark.parametrize(("service", "operation"), [READS[0], READS[2]])
def test_huge_answer_is_the_true_one_and_fifty_megabytes(aws: SimulatedAws, service: str, operation: str) -> None:
    true = getattr(client(aws, service), operation)()
    aws.fault("huge", service)
    huge = getattr(client(aws, service), operation)()
    assert int(huge.pop("ResponseMetadata")["HTTPHeaders"]["content-length"]) > HUGE
    del true["ResponseMetadata"]
    assert {name: value for name, value in huge.items() if name != "Padding"} == true


@pytest.mark.parametrize(
    ("service", "operation", "items"), [(*READS[0], "DocumentIdentifiers"), (*READS[1], "Roles"), (*READS[2], "Vpcs")]
)
def test_empty_page_has_the_true_one_behind_it(aws: SimulatedAws, service: str, operation: str, items: str) -> None:
    asked = client(aws, service)
    true = getattr(asked, operation)()[items]
    aws.fault("empty-page", service)
    pages = list(asked.get_paginator(operation).paginate())
    assert [page[items] for page in pages] == [[], true]


def test_the_same_token_leads_to_the_same_page_again(aws: SimulatedAws) -> None:
    aws.fault("same-token", "ssm")
    ssm = client(aws, "ssm")
    first = ssm.list_documents()
    again = ssm.list_documents(NextToken=first["NextToken"])
    assert again["NextToken"] == first["NextToken"]
    assert again["DocumentIdentifiers"] == first["DocumentIdentifiers"]


def test_what_does_not_answer_in_pages_is_answered_as_ever(aws: SimulatedAws) -> None:
    aws.fault("empty-page")
    aws.fault("same-token")
    assert client(aws, "sts").get_caller_identity()["Account"] == "123456789012"


def test_trickle_sends_a_byte_at_a_time(aws: SimulatedAws) -> None:
    aws.fault("trickle", "sts", milliseconds=1)
    assert client(aws, "sts").get_caller_identity()["Account"] == "123456789012"
    aws.fault("trickle", "kms", milliseconds=10_000)
    with pytest.raises(ReadTimeoutError):
        client(aws, "kms", read_timeout=0.05).list_keys()


def test_a_share_is_so_much_of_what_matches_and_the_same_each_time() -> None:
    faults = Faults()

    def struck() -> list[bool]:
        faults.clear()
        faults.add(Fault(FaultKind.THROTTLING, share=0.5))
        return [faults.strike("ec2", "DescribeVpcs", "eu-west-3", "") is not None for _ in range(1000)]

    first, again = struck(), struck()
    assert first == again
    assert 450 < sum(first) < 550


def test_whoever_has_passed_is_done_before_it_is_closed() -> None:
    gate, done, is_shut = Gate(), [], threading.Event()
    gate.open()

    def close() -> None:
        gate.close()
        done.append("closed")
        is_shut.set()

    with gate.passing():
        closing = threading.Thread(target=close)
        closing.start()
        while gate.is_open:
            is_shut.wait(0.001)
        done.append("answered")
    closing.join()
    assert done == ["answered", "closed"]


def test_whoever_is_never_done_is_not_waited_for_for_ever() -> None:
    gate = Gate(patience=0.01)
    gate.open()
    with gate.passing():
        gate.close()
    assert not gate.is_open


def test_whoever_comes_while_it_is_closed_waits_and_is_told_why_there_is_nothing() -> None:
    gate, told = Gate(), []

    def ask() -> None:
        with gate.passing() as failure:
            told.append(failure)

    asking = threading.Thread(target=ask)
    asking.start()
    gate.open_on_failure("no room")
    asking.join()
    gate.open()
    with gate.passing() as failure:
        told.append(failure)
    assert told == ["no room", None]
