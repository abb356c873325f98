"""What reading may call: what readers declare, if it reads by its name and gives away no secret."""

from __future__ import annotations

from functools import cache

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from ssmtui.evidence.aws.allowed_reads import (
    CREDENTIAL_OPERATIONS,
    DRY_RUNS,
    NotAReadOperation,
    action_of,
    declare_reads,
    find_sensitive_part,
)
from ssmtui.evidence.aws.http_session import refuse_unless_read
from ssmtui.evidence.aws.sdk import NotPaged, Paging, find_paging, refuse_secrets
from ssmtui.evidence.facts.sources import all_reads

CHANGES = ["ssm:StartSession", "ssm:ResumeSession", "ssm:SendCommand", "ssm:PutParameter", "iam:PassRole"]
SECRETS = [
    *("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"),
    *("secretsmanager:GetSecretValue", "sts:GetSessionToken", "sts:GetFederationToken", "ssm:GetAccessToken"),
    *("ec2:GetPasswordData", "kms:GetParametersForImport", "sso:GetRoleCredentials", "ecr:GetAuthorizationToken"),
    *("s3:GetObject", "iam:GetCredentialReport", "cognito-identity:GetCredentialsForIdentity"),
]


@cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def operation_model(service: str, operation: str) -> OperationModel:
    return service_model(service).operation_model(operation)


@pytest.mark.parametrize("operation", [*CHANGES, *SECRETS, "ssm:", "ssm", "ssm:Getter", "ssm:GetDocument;"])
def test_what_changes_or_is_secret_cannot_even_be_declared(operation: str) -> None:
    with pytest.raises(NotAReadOperation, match=operation.partition(":")[0]):
        declare_reads("ssm:GetDocument", operation)
    service, _, name = operation.partition(":")
    assert (service, name) not in all_reads()
    with pytest.raises(NotAReadOperation):
        action_of(service, name)


def test_what_the_sdk_calls_for_credentials_is_no_read() -> None:
    assert not CREDENTIAL_OPERATIONS & all_reads().keys()
    for service, operation in CREDENTIAL_OPERATIONS:
        with pytest.raises(NotAReadOperation):
            declare_reads(f"{service}:{operation}")


def test_an_operation_takes_the_action_of_its_name_or_the_one_that_aws_says_instead() -> None:
    assert declare_reads("ssm:GetDocument", "s3:HeadBucket", "s3:GetBucketPolicy", "ssm:GetDocument") == (
        *("ssm:GetDocument", "s3:ListBucket", "s3:GetBucketPolicy"),
    )


@pytest.mark.parametrize(("service", "operation"), all_reads())
def test_every_read_is_one_that_botocore_knows_and_whose_answer_gives_nothing_away(
    service: str, operation: str
) -> None:
    part = find_sensitive_part(operation_model(service, operation))
    # A dry run has no answer but an error.
    assert part == ("PlaintextType" if (service, operation) in DRY_RUNS else "")


@pytest.mark.parametrize(
    ("service", "operation", "part"),
    [
        ("ssm", "GetParameter", "PSParameterValue"),
        ("secretsmanager", "GetSecretValue", "SecretBinaryType"),
        ("ec2", "GetPasswordData", "PasswordData"),
        ("sts", "GetSessionToken", "accessKeySecretType"),
        ("s3", "GetObject", "GetObjectOutput"),
        ("logs", "StartLiveTail", "StartLiveTailResponse"),
        ("lambda", "GetFunctionConfiguration", "EnvironmentVariables"),
    ],
)
def test_an_answer_that_holds_a_secret_or_is_a_stream_gives_it_away(service: str, operation: str, part: str) -> None:
    assert find_sensitive_part(operation_model(service, operation)) == part


@pytest.mark.parametrize(("service", "operation"), all_reads())
def test_the_action_of_a_read_is_of_the_service_that_its_request_is_signed_for(service: str, operation: str) -> None:
    prefix = action_of(service, operation).partition(":")[0]
    assert prefix == service_model(service).signing_name


def test_pages_are_handed_out_as_botocore_says_and_where_it_says_nothing_by_the_table() -> None:
    load = Loader().load_service_model
    assert find_paging("kms", "ListGrants", load) == Paging("Marker", "NextMarker")
    assert find_paging("ssm", "ListInventoryEntries", load) == Paging("NextToken", "NextToken")
    assert "ListInventoryEntries" not in load("ssm", "paginators-1")["pagination"]


@pytest.mark.parametrize(
    ("service", "operation"), [("ssm", "GetDocument"), ("s3", "ListObjects"), ("route53", "ListResourceRecordSets")]
)
def test_what_has_no_pages_or_more_than_one_token_is_a_defect(service: str, operation: str) -> None:
    with pytest.raises(NotPaged, match=f"{service}:{operation}"):
        find_paging(service, operation, Loader().load_service_model)


@pytest.mark.parametrize(
    ("body", "is_sent"),
    [
        (b'{"KeyId": "k", "DryRun": true}', True),
        (b'{"KeyId": "k", "DryRun": false}', False),
        (b'{"KeyId": "k", "DryRun": "true"}', False),
        (b'{"KeyId": "k"}', False),
        (b'["DryRun"]', False),
        (b"DryRun=true", False),
        (None, False),
    ],
)
def test_a_data_key_is_asked_for_only_in_a_dry_run(body: bytes | None, *, is_sent: bool) -> None:
    all_reads()
    target = {"X-Amz-Target": "TrentService.GenerateDataKey"}
    if is_sent:
        refuse_unless_read("POST", "https://kms.eu-west-3.amazonaws.com/", target, body)
        refuse_secrets(operation_model("kms", "GenerateDataKey"), {"body": body})
        return
    with pytest.raises(NotAReadOperation):
        refuse_unless_read("POST", "https://kms.eu-west-3.amazonaws.com/", target, body)
    with pytest.raises(NotAReadOperation):
        refuse_secrets(operation_model("kms", "GenerateDataKey"), {"body": body})
