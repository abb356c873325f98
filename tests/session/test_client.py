from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import CredentialsUnavailable, SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.client import OPERATIONS, READS, NotASessionOperation, SessionClient
from tests.builders.fleet import a_scope
from tests.session.canaries import (
    ACCESS_SECRET,
    ACCESS_TOKEN,
    PLAIN_KEY,
    STREAM,
    TOKEN,
    crash,
    leaks,
    lend,
)
from tests.session.loopback_aws import LOST, Answer, LoopbackAws, refused

NODE = "i-0123456789abcdef0"
REQUEST = SessionRequest(a_scope(), NODE)
OPENED = Answer({"SessionId": "alex-1", "StreamUrl": STREAM, "TokenValue": TOKEN})
KEY = Answer(
    {"CiphertextBlob": base64.b64encode(b"sealed").decode(), "Plaintext": base64.b64encode(PLAIN_KEY).decode()}
)
APPROVED = Answer(
    {
        "AccessRequestStatus": "Approved",
        "Credentials": {
            "AccessKeyId": "ASIAOFTHEREQUEST0000",
            "SecretAccessKey": ACCESS_SECRET,
            "SessionToken": ACCESS_TOKEN,
            "ExpirationTime": 1_800_000_000,
        },
    }
)


def client(aws: LoopbackAws, lend: Callable[[], SharedCredentials] = lend) -> SessionClient:
    return SessionClient(ClientAccess(None, "eu-west-3", aws.url), lend, answer_seconds=5)


def test_a_session_is_asked_for_with_what_was_given_and_nothing_else(aws: LoopbackAws) -> None:
    aws.answers_to("StartSession", OPENED)
    calls = client(aws)
    opened = calls.start(REQUEST)
    assert (opened, opened.endpoint) == (OpenedSession("alex-1", STREAM, TOKEN), aws.url)
    document = SessionRequest(a_scope(), NODE, "Acme-Shell", (("shell", ("zsh",)),), "ticket 4711")
    calls.start(document)
    assert aws.asked == [
        ("StartSession", {"Target": NODE}),
        (
            "StartSession",
            {"Target": NODE, "DocumentName": "Acme-Shell", "Parameters": {"shell": ["zsh"]}, "Reason": "ticket 4711"},
        ),
    ]
    assert set(aws.keys) == {"ASIACANARYKEYID00000"}


@pytest.mark.parametrize("status", [200, 403])
def test_a_proxys_page_is_no_refusal_and_a_session_may_have_been_opened(status: int, aws: LoopbackAws) -> None:
    aws.answers_to("StartSession", Answer("<html><title>Blocked</title></html>", status, kind="text/html"))
    with pytest.raises(SessionUnanswered) as failed:
        client(aws).start(REQUEST)
    assert failed.value.text == f"a web page (HTTP {status}, “Blocked”) was returned instead of the AWS response"


def test_half_a_character_in_a_target_is_told_before_anything_is_sent(aws: LoopbackAws) -> None:
    with pytest.raises(SessionProblem, match="Target contains an invalid character"):
        client(aws).start(SessionRequest(a_scope(), "i-\ud800"))
    assert aws.asked == []


def test_every_operation_of_systems_manager_and_kms_is_refused_but_those_that_a_session_takes(
    aws: LoopbackAws,
) -> None:
    calls = client(aws)
    tried = 0
    for service in ("ssm", "kms"):
        model = Session().get_service_model(service)
        sdk = calls._client(service, once=True)
        for operation in model.operation_names:
            if (service, operation) in OPERATIONS | READS:
                continue
            tried += 1
            with pytest.raises(NotASessionOperation):
                getattr(sdk, xform_name(operation))(**least(model.operation_model(operation).input_shape))
    assert tried > 150
    assert aws.asked == []


def least(shape: Any) -> dict[str, Any]:
    """Parameters that the SDK lets through: what an operation requires, as short as it may be."""
    return {name: value(shape.members[name]) for name in shape.required_members} if shape is not None else {}


def value(shape: Any) -> Any:
    match shape.type_name:
        case "structure" if shape.is_tagged_union:
            name, member = next(iter(shape.members.items()))
            return {name: value(member)}
        case "structure":
            return least(shape)
        case "list":
            return [value(shape.member)] * int(shape.metadata.get("min", 0))
        case "map":
            return {}
        case "string":
            return (shape.enum or ["x" * max(1, int(shape.metadata.get("min", 1)))])[0]
        case "boolean":
            return True
        case "blob":
            return b"x" * max(1, int(shape.metadata.get("min", 1)))
        case "timestamp":
            return 0
    return int(shape.metadata.get("min", 1))


@pytest.mark.parametrize(
    ("registered", "platform"),
    [
        ([{"InstanceId": NODE, "PlatformType": "Linux"}], PlatformFamily.LINUX),
        ([{"InstanceId": NODE, "PlatformType": "Windows"}], PlatformFamily.WINDOWS),
        ([{"InstanceId": NODE, "PlatformType": "Plan9"}], None),
        ([{"InstanceId": NODE}], None),
        ([{"InstanceId": "i-another", "PlatformType": "Windows"}], None),
        ([], None),
    ],
)
def test_the_platform_of_a_node_is_that_of_its_own_registration(
    registered: list[dict[str, str]], platform: PlatformFamily | None, aws: LoopbackAws
) -> None:
    aws.answers_to("DescribeInstanceProperties", Answer({"InstanceProperties": registered}))
    assert client(aws).platform(NODE) is platform
    wanted = [{"key": "InstanceIds", "valueSet": [NODE]}]
    assert aws.asked == [("DescribeInstanceProperties", {"InstancePropertyFilterList": wanted})]


def test_a_refused_read_of_the_platform_is_a_refusal(aws: LoopbackAws) -> None:
    aws.answers_to("DescribeInstanceProperties", refused("AccessDeniedException", "no"))
    with pytest.raises(SessionRefused):
        client(aws).platform(NODE)


@pytest.mark.parametrize("listed", ["x", ["x"], {"InstanceId": "x"}, 3, [[3]]])
def test_a_registration_of_another_form_cannot_be_read(listed: object, aws: LoopbackAws) -> None:
    aws.answers_to("DescribeInstanceProperties", Answer({"InstanceProperties": listed}))
    with pytest.raises(SessionUnanswered):
        client(aws).platform(NODE)


@pytest.mark.parametrize("started", ["x", [], ["x"], 3])
def test_an_answer_of_another_form_can_have_opened_a_session(started: object, aws: LoopbackAws) -> None:
    aws.answers_to("StartSession", Answer(json.dumps(started)))
    with pytest.raises(SessionUnanswered):
        client(aws).start(REQUEST)


def test_the_list_is_of_six_operations_and_one_read() -> None:
    assert {":".join(each) for each in READS} == {"ssm:DescribeInstanceProperties"}
    assert sorted(":".join(each) for each in OPERATIONS) == [
        "kms:GenerateDataKey",
        "ssm:GetAccessToken",
        "ssm:ResumeSession",
        "ssm:StartAccessRequest",
        "ssm:StartSession",
        "ssm:TerminateSession",
    ]


def test_a_refusal_reads_as_the_aws_cli_prints_it_and_names_the_action(aws: LoopbackAws) -> None:
    says = (
        f"User: arn:aws:iam::123456789012:user/alex is not authorized to perform: ssm:StartSession on resource: {NODE}"
    )
    aws.answers_to("StartSession", refused("AccessDeniedException", says))
    with pytest.raises(SessionRefused) as told:
        client(aws).start(REQUEST)
    assert (
        told.value.text == f"An error occurred (AccessDeniedException) when calling the StartSession operation: {says}"
    )
    assert (told.value.code, told.value.action) == ("AccessDeniedException", "ssm:StartSession")


def test_a_node_that_is_not_connected_is_no_refusal(aws: LoopbackAws) -> None:
    aws.answers_to("StartSession", refused("TargetNotConnected", f"{NODE} is not connected."))
    with pytest.raises(SessionProblem) as told:
        client(aws).start(REQUEST)
    assert type(told.value) is SessionProblem
    assert told.value.text == (
        f"An error occurred (TargetNotConnected) when calling the StartSession operation: {NODE} is not connected."
    )


@pytest.mark.parametrize(
    "answer", [LOST, Answer("no JSON", 200), Answer({"SessionId": "alex-1"}), refused("InternalServerError", "", 500)]
)
def test_a_start_without_an_answer_is_not_sent_again(aws: LoopbackAws, answer: Answer) -> None:
    aws.answers_to("StartSession", answer)
    with pytest.raises(SessionUnanswered):
        client(aws).start(REQUEST)
    assert aws.operations == ["StartSession"]


def test_an_end_without_an_answer_is_sent_again(aws: LoopbackAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    aws.answers_to("TerminateSession", LOST, Answer({"SessionId": "alex-1"}))
    client(aws).terminate("alex-1")
    assert aws.operations == ["TerminateSession", "TerminateSession"]


def test_where_nobody_listens_nothing_was_sent(aws: LoopbackAws) -> None:
    nowhere = SessionClient(ClientAccess(None, "eu-west-3", "http://127.0.0.1:9"), lend, answer_seconds=1)
    with pytest.raises(SessionProblem, match="Could not connect to the endpoint URL") as told:
        nowhere.start(REQUEST)
    assert not isinstance(told.value, SessionUnanswered)


def test_a_session_that_nobody_knows_is_ended(aws: LoopbackAws) -> None:
    aws.answers_to("TerminateSession", refused("DoesNotExistException", "Session alex-1 does not exist."))
    client(aws).terminate("alex-1")
    assert aws.asked == [("TerminateSession", {"SessionId": "alex-1"})]


@pytest.mark.parametrize(
    "answer",
    [refused("DoesNotExistException", "gone"), Answer({"SessionId": "alex-1", "TokenValue": "", "StreamUrl": STREAM})],
)
def test_a_session_that_is_over_is_resumed_without_a_token(aws: LoopbackAws, answer: Answer) -> None:
    aws.answers_to("ResumeSession", answer)
    assert client(aws).resume("alex-1").token == ""


def test_a_lost_connection_is_resumed_with_a_new_token(aws: LoopbackAws) -> None:
    aws.answers_to("ResumeSession", OPENED)
    assert client(aws).resume("alex-1") == OpenedSession("alex-1", STREAM, TOKEN)


def test_a_data_key_is_bound_to_its_session(aws: LoopbackAws) -> None:
    aws.answers_to("GenerateDataKey", KEY)
    key = client(aws).data_key("alias/sessions", {"aws:ssm:SessionId": "alex-1", "aws:ssm:TargetId": NODE})
    assert (key.ciphertext, key.plaintext) == (b"sealed", PLAIN_KEY)
    assert aws.asked == [
        (
            "GenerateDataKey",
            {
                "KeyId": "alias/sessions",
                "NumberOfBytes": 64,
                "EncryptionContext": {"aws:ssm:SessionId": "alex-1", "aws:ssm:TargetId": NODE},
            },
        )
    ]


def test_access_is_asked_for_waited_for_and_used(aws: LoopbackAws) -> None:
    aws.answers_to("StartAccessRequest", Answer({"AccessRequestId": "oi-0123456789ab"}))
    aws.answers_to("GetAccessToken", Answer({"AccessRequestStatus": "Pending"}), APPROVED)
    aws.answers_to("StartSession", OPENED)
    calls = client(aws)
    asked = calls.request_access(SessionRequest(a_scope(), NODE, reason="ticket 4711"))
    assert asked == "oi-0123456789ab"
    assert calls.with_access(asked) is None
    approved = calls.with_access(asked)
    assert approved is not None
    approved.start(REQUEST)
    assert aws.asked[0] == (
        "StartAccessRequest",
        {"Reason": "ticket 4711", "Targets": [{"Key": "InstanceIds", "Values": [NODE]}]},
    )
    assert aws.keys[-1] == approved.credentials().access_key == "ASIAOFTHEREQUEST0000"


@pytest.mark.parametrize("status", ["Rejected", "Revoked", "Expired"])
def test_access_that_was_not_given_says_why(aws: LoopbackAws, status: str) -> None:
    aws.answers_to("GetAccessToken", Answer({"AccessRequestStatus": status}))
    with pytest.raises(SessionProblem, match=f"oi-0123456789ab is {status}"):
        client(aws).with_access("oi-0123456789ab")


def test_credentials_that_cannot_be_had_are_a_problem_and_send_nothing(aws: LoopbackAws) -> None:
    def gone() -> SharedCredentials:
        raise CredentialsUnavailable("the credentials have expired")

    calls = client(aws, gone)
    for call in (lambda: calls.start(REQUEST), calls.credentials):
        with pytest.raises(SessionProblem, match="the credentials have expired"):
            call()
    assert aws.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        OPENED,
        Answer({"SessionId": "", "StreamUrl": STREAM, "TokenValue": TOKEN}),
        Answer(f'{{"TokenValue": "{TOKEN}", '),
        Answer(f'{{"TokenValue": "{TOKEN}", ', 500),
        refused("AccessDeniedException", "no"),
        LOST,
    ],
)
def test_no_secret_is_in_a_log_a_repr_or_a_crash(
    aws: LoopbackAws, answer: Answer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    caplog.set_level(logging.DEBUG, "ssmtui")
    for operation in ("StartSession", "ResumeSession", "GenerateDataKey", "GetAccessToken"):
        aws.answers_to(operation, answer)
    aws.answers_to("GenerateDataKey", KEY if answer is OPENED else answer)
    aws.answers_to("GetAccessToken", APPROVED if answer is OPENED else answer)
    calls = client(aws)
    told = [repr(calls)]
    for call in (
        lambda: calls.start(REQUEST),
        lambda: calls.resume("alex-1"),
        lambda: calls.data_key("alias/sessions", {}),
        lambda: calls.with_access("oi-0123456789ab"),
        calls.credentials,
    ):
        try:
            told.append(repr(call()))
        except SessionProblem as problem:
            told += [crash(problem), repr(problem), str(problem)]
    assert leaks(caplog.text, *told) == []
