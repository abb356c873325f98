"""An error of StartSession has the same cause in whatever form an SDK or a program prints it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text

NODE = "i-0123456789abcdef0"
ERRORS = {
    "TargetNotConnected": f"{NODE} is not connected.",
    "AccessDeniedException": "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: ssm:StartSession "
    f"on resource: arn:aws:ec2:eu-west-3:123456789012:instance/{NODE}",
    "InvalidDocument": "Document with name SSM-X does not exist.",
    "ThrottlingException": "Rate exceeded",
    "InternalServerError": "An error occurred on the server side.",
    "ExpiredTokenException": "The security token included in the request is expired",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
    "BadRequest": "Enable advanced-instances tier to use Session Manager with your on-premises instances",
    "InvalidTarget": "Invalid target id",
}
Form = Callable[[str, str], str]


def exception(code: str) -> str:
    return code if code.endswith("Exception") else f"{code}Exception"


def cli(code: str, text: str) -> str:
    return f"An error occurred ({code}) when calling the StartSession operation: {text}"


FORMS: dict[str, Form] = {
    "AWS CLI 2": lambda code, text: f"\naws: [ERROR]: {cli(code, text)}\n",
    "Python": lambda code, text: (
        "Traceback (most recent call last):\n"
        '  File "connect.py", line 3, in <module>\n    ssm.start_session(Target="x")\n'
        f"botocore.errorfactory.{code}: {cli(code, text)}"
    ),
    "Go v2": lambda code, text: (
        f"operation error SSM: StartSession, https response error StatusCode: 400, RequestID: 3a1b9d4e, {code}: {text}"
    ),
    "Terraform": lambda code, text: (
        "│ Error: starting session: operation error SSM: StartSession, https response error "
        f"StatusCode: 400, RequestID: 3a1b,\n│ {code}: {text}\n│ \n│   with data.external.tunnel,"
    ),
    "Java v2": lambda code, text: (
        f"software.amazon.awssdk.services.ssm.model.{exception(code)}: {text} (Service: Ssm, "
        "Status Code: 400, Request ID: 3a1b9d4e)\n\tat software.amazon.awssdk.services.ssm.DefaultSsmClient."
        "startSession(DefaultSsmClient.java:9)"
    ),
    "Java v1": lambda code, text: (
        f"com.amazonaws.services.simplesystemsmanagement.model.{exception(code)}: {text} "
        f"(Service: AWSSimpleSystemsManagement; Status Code: 400; Error Code: {code}; Request ID: 3a1b; Proxy: null)\n"
        "\tat com.amazonaws.services.simplesystemsmanagement.AWSSimpleSystemsManagementClient.startSession"
    ),
    ".NET": lambda code, text: (
        "Unhandled exception. Amazon.SimpleSystemsManagement.Model."
        f"{exception(code)}: {text}\n ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception was thrown.\n"
        "   at Amazon.SimpleSystemsManagement.AmazonSimpleSystemsManagementClient.StartSessionAsync"
        "(StartSessionRequest request)"
    ),
    "JavaScript v3": lambda code, text: (
        f"{code}: {text}\n    at throwDefaultError (/app/index.js:388:20)\n    at "
        "de_StartSessionCommandError (/app/node_modules/@aws-sdk/client-ssm/dist-cjs/index.js)"
    ),
    "Ruby": lambda code, text: (
        f"raise_response_errors.rb:17:in `call': {text} (Aws::SSM::Errors::{code})\n from "
        "client_api.rb:9:in `start_session'"
    ),
    "PHP": lambda code, text: (
        'Error executing "StartSession" on "https://ssm.eu-west-3.amazonaws.com"; AWS HTTP error: '
        f'Client error: {{"__type":"{code}","Message":"{text}"}} {code} (client): {text}'
    ),
    "PowerShell": lambda code, text: (
        f"Start-SSMSession: {text}\n    + FullyQualifiedErrorId : Amazon."
        f"SimpleSystemsManagement.Model.{exception(code)},Amazon.PowerShell.Cmdlets.SSM.StartSSMSessionCmdlet"
    ),
}


def first(text: str) -> str:
    return next((match.cause for match in match_text(text, catalogue().values())), "")


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_an_error_has_the_cause_of_the_clis(form: str) -> None:
    expected = {code: first(cli(code, text)) for code, text in ERRORS.items()}
    assert {code: first(FORMS[form](code, text)) for code, text in ERRORS.items()} == expected
    assert all(expected.values())


@pytest.mark.parametrize(
    "text",
    [
        "MongoServerError: client.startSession failed: InternalServerError",
        "WebDriver startSession: ThrottlingException",
        "start_session(): session already started, ServiceUnavailable",
    ],
)
def test_methods_of_the_same_name_elsewhere_are_no_sessions_of_session_manager(text: str) -> None:
    assert first(text) == ""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("aws-vault: error: exec: Failed to get credentials for dev: Session token not found or invalid", "expired"),
        ("Cached SSO login is expired/invalid, try running `aws sso login` and try again", "expired"),
        ("Use `aws-sso-util login --profile dev` or `aws sso login --profile dev` and try again.", "expired"),
        ("SdkClientException: Unable to load SSO token", "expired"),
        ("InvalidGrantException: the refresh token was refused", "expired"),
        ("failed to resolve service endpoint, an AWS region is required, but was not found", "caller"),
        ("MissingRegion: could not find region configuration", "caller"),
        ("Unable to find a region via the region provider chain. Must provide an explicit region.", "caller"),
        ("AmazonClientException: No RegionEndpoint or ServiceURL configured", "caller"),
    ],
)
def test_what_tools_and_sdks_say_of_tokens_and_regions_names_the_callers_credentials(text: str, cause: str) -> None:
    expected = {"expired": "credentials-expired", "caller": "caller-credentials"}[cause]
    assert next((match.cause for match in match_text(text, catalogue().values())), "") == expected


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "2016-09-06 17:13:42 ERROR [HandleAwsError @ awserr.go.62] [instanceID=i-39cbdfcf] "
            "[MessageProcessor] error when calling AWS APIs. error details - GetMessages Error: ThrottlingException: "
            "Rate exceeded",
            "throttled",
        ),
        ("2018-08-06 07:17:30 INFO Agent enters hibernate mode. Reducing logging...", "agent-hibernating"),
        (
            "     Loaded: loaded (/usr/lib/systemd/system/amazon-ssm-agent.service; disabled; preset: disabled)",
            "agent-service-disabled",
        ),
        ("InvalidInstanceID.NotFound: The instance ID 'i-02b420c8ae9660791' does not exist", "wrong-region-or-account"),
        ("because no identity-based policy allows the ssm:StartSession action", "caller-start-denied"),
        ("curl: (7) Failed to connect to 169.254.169.254 port 80 after 0 ms: Connection refused", "imds-disabled"),
        ("Failed to open session : Timed out while opening the session", "messages-endpoint-unreachable"),
    ],
)
def test_older_agents_and_other_aws_programs_name_the_same_causes(text: str, cause: str) -> None:
    assert next((match.cause for match in match_text(text, catalogue().values())), "") == cause
