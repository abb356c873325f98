"""The served application: requests, answers, the journal, and roles that only AWS changes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.state import SETUP_ACCESS_KEY
from tests.simulator.clients import administrator, client, request

CALLER = "arn:aws:sts::123456789012:assumed-role/Engineer/alex"
NOBODY = "AKIANOBODYNOBODYNOBO"


def error_of(ask: Any, **parameters: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as raised:
        ask(**parameters)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def sound(aws: SimulatedAws) -> SimulatedAws:
    aws.load("healthy-small")
    return aws


def test_caller_is_the_role_that_looks_at_the_account(sound: SimulatedAws) -> None:
    answer = client(sound, "sts").get_caller_identity()
    assert (answer["Account"], answer["Arn"]) == ("123456789012", CALLER)
    assert answer["UserId"].endswith(":alex")


@pytest.mark.parametrize(
    ("service", "operation", "refusal"),
    [
        ("ssm", "list_documents", ("UnrecognizedClientException", 400)),
        ("iam", "list_roles", ("InvalidClientTokenId", 403)),
        ("ec2", "describe_vpcs", ("AuthFailure", 401)),
        ("s3", "list_buckets", ("InvalidAccessKeyId", 403)),
    ],
)
def test_unknown_access_key_is_refused_in_the_words_of_each_service(
    sound: SimulatedAws, service: str, operation: str, refusal: tuple[str, int]
) -> None:
    code, _, status = error_of(getattr(client(sound, service, access_key=NOBODY), operation))
    assert (code, status) == refusal


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("ssm", "start_automation_execution", {"DocumentName": "AWS-RestartEC2Instance"}, "UnknownOperationException"),
        ("ec2", "get_serial_console_access_status", {}, "InvalidAction"),
        ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}, "InvalidAction"),
        ("sqs", "list_queues", {}, "UnknownOperationException"),
    ],
)
def test_what_is_not_simulated_is_an_error_of_aws_and_no_page(
    sound: SimulatedAws, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    ask = getattr(client(sound, service, access_key=SETUP_ACCESS_KEY), operation)
    assert error_of(ask, **parameters)[0] == code


def test_request_without_a_signature_is_refused_in_json(sound: SimulatedAws) -> None:
    status, answer = request(sound, "POST", "/", b"{}")
    assert (status, answer["__type"]) == (403, "MissingAuthenticationToken")


def test_defect_of_moto_is_an_internal_failure_in_the_protocol(
    sound: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("moto.ec2.responses.EC2Response.describe_vpcs", broken)
    code, message, status = error_of(client(sound, "ec2").describe_vpcs)
    assert (code, message, status) == ("InternalFailure", "RuntimeError: broken", 500)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "message"),
    [
        (
            "ssm",
            "create_activation",
            {"IamRole": "web"},
            "AccessDeniedException",
            f"User: {CALLER} is not authorized to perform: ssm:CreateActivation on resource: * "
            "because no identity-based policy allows the ssm:CreateActivation action",
        ),
        (
            "iam",
            "create_user",
            {"UserName": "mallory"},
            "AccessDenied",
            f"User: {CALLER} is not authorized to perform: iam:CreateUser on resource: user mallory "
            "because no identity-based policy allows the iam:CreateUser action",
        ),
        (
            "ec2",
            "create_vpc",
            {"CidrBlock": "10.99.0.0/16"},
            "UnauthorizedOperation",
            f"You are not authorized to perform this operation. User: {CALLER} is not authorized to perform: "
            "ec2:CreateVpc because no identity-based policy allows the ec2:CreateVpc action",
        ),
        (
            "s3",
            "create_bucket",
            {"Bucket": "another", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-3"}},
            "AccessDenied",
            f"User: {CALLER} is not authorized to perform: s3:CreateBucket on resource: "
            '"arn:aws:s3:::another" because no identity-based policy allows the s3:CreateBucket action',
        ),
    ],
)
def test_caller_is_refused_in_the_exact_words_of_aws(
    sound: SimulatedAws, service: str, operation: str, parameters: dict[str, Any], code: str, message: str
) -> None:
    told_code, told, _ = error_of(getattr(client(sound, service), operation), **parameters)
    said, _, directions = told.partition(". Go to https://us-east-1.console.aws.amazon.com/iam/home?")
    assert (told_code, said) == (code, message)
    # IAM alone says where its refusals can be looked up.
    assert ("with the following authorization id: " in directions) is (service == "iam")


def test_parameters_are_checked_by_the_constraints_of_the_model(sound: SimulatedAws) -> None:
    code, message, _ = error_of(client(sound, "ssm").describe_instance_information, MaxResults=1000)
    assert code == "ValidationException"
    assert message == (
        "1 validation error detected: Value '1000' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 50"
    )


def test_journal_tells_reads_from_writes_and_names_the_caller(sound: SimulatedAws) -> None:
    ssm = client(sound, "ssm")
    ssm.list_documents()
    error_of(ssm.delete_document, Name="no-such-document")
    told = [(e.service, e.operation, e.region, e.caller, e.write, e.status) for e in sound.journal.entries]
    assert told == [
        ("ssm", "ListDocuments", "eu-west-3", CALLER, False, 200),
        ("ssm", "DeleteDocument", "eu-west-3", CALLER, True, 400),
    ]
    assert [entry.operation for entry in sound.journal.writes] == ["DeleteDocument"]


def test_journal_holds_no_secret_and_no_long_text(sound: SimulatedAws) -> None:
    error_of(client(sound, "iam").update_login_profile, UserName="x", Password="hunter2hunter2")
    error_of(client(sound, "ssm").update_document, Name="x", Content="a" * 5000)
    shown = [entry.parameters for entry in sound.journal.entries]
    assert shown[0] == {"UserName": "x", "Password": "<hidden>"}
    assert "hunter2" not in str(shown)
    assert len(str(shown)) < 500


def test_seeding_leaves_no_trace_in_the_journal(aws: SimulatedAws) -> None:
    aws.load("key-disabled")
    assert aws.journal.entries == ()


def test_requests_wait_for_the_scenario(sound: SimulatedAws) -> None:
    answers: list[str] = []
    asked = threading.Thread(target=lambda: answers.append(client(sound, "sts").get_caller_identity()["Arn"]))
    state.gate.close()
    asked.start()
    as_seeding = client(sound, "ec2", access_key=SETUP_ACCESS_KEY)
    assert as_seeding.describe_regions()["Regions"]
    assert answers == []
    state.gate.open()
    asked.join()
    assert answers == [CALLER]


def test_scenario_that_cannot_be_built_is_told_to_who_waits(sound: SimulatedAws) -> None:
    state.gate.close()
    state.gate.open_on_failure("KeyError: 'sessions'")
    try:
        code, message, status = error_of(client(sound, "ssm").list_documents)
    finally:
        state.gate.open()
    assert (code, status) == ("InternalFailure", 500)
    assert message == "The scenario could not be built: KeyError: 'sessions'"


def test_ids_are_the_same_in_every_run(aws: SimulatedAws) -> None:
    def ids() -> list[str]:
        reservations = client(aws, "ec2").describe_instances()["Reservations"]
        return [instance["InstanceId"] for reservation in reservations for instance in reservation["Instances"]]

    aws.load("key-disabled")
    first = ids()
    aws.load("healthy-small")
    aws.load("key-disabled")
    assert ids() == first


def test_key_of_an_assumed_role_belongs_to_its_session(sound: SimulatedAws) -> None:
    arn = "arn:aws:iam::123456789012:role/Engineer"
    assumed = client(sound, "sts", access_key=SETUP_ACCESS_KEY).assume_role(RoleArn=arn, RoleSessionName="sam")
    as_sam = client(sound, "sts", access_key=assumed["Credentials"]["AccessKeyId"])
    assert as_sam.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/Engineer/sam"


def test_pages_of_other_origins_are_not_invited(sound: SimulatedAws) -> None:
    answer = client(sound, "ec2").describe_vpcs()
    assert "access-control-allow-origin" not in answer["ResponseMetadata"]["HTTPHeaders"]


LINKED, CORE = "AWSServiceRoleForAmazonSSM", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def test_a_role_that_is_linked_to_a_service_cannot_be_changed(aws: SimulatedAws) -> None:
    aws.load("role-protected")
    iam = administrator(aws, "iam")
    with pytest.raises(ClientError, match=f"protected role '{LINKED}'") as refused:
        iam.put_role_policy(RoleName=LINKED, PolicyName="more", PolicyDocument='{"Statement": []}')
    assert refused.value.response["Error"]["Code"] == "UnmodifiableEntity"
    iam.attach_role_policy(RoleName="web", PolicyArn=CORE)


def names(aws: SimulatedAws) -> set[str]:
    reservations = client(aws, "ec2").describe_instances()["Reservations"]
    tags = [tag for each in reservations for instance in each["Instances"] for tag in instance["Tags"]]
    return {tag["Value"] for tag in tags if tag["Key"] == "Name"}


def test_a_world_is_built_again_where_another_server_of_the_process_has_put_its_own_in_place(
    aws: SimulatedAws,
) -> None:
    aws.load("healthy-small")
    stood = names(aws)
    with serving() as other:
        other.load("instance-starting")
        assert names(other) == names(aws) != stood
    aws.load("healthy-small")
    assert names(aws) == stood
