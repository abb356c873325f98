"""A failed call of Session Manager in the words of each SDK, said as the AWS CLI says it."""

from __future__ import annotations

import pytest

from ssmtui.causes.pasted_text import sdk_error_as_cli

TIER = "Enable advanced-instances tier to use Session Manager with your on-premises instances"
ENVELOPES = {
    "Go v2": f"operation error SSM: StartSession, https response error StatusCode: 400, RequestID: 1, "
    f"BadRequest: {TIER}",
    "Go v2 api error": f"operation error SSM: StartSession, https response error StatusCode: 400, "
    f"api error BadRequest: {TIER}",
    "Go v1": f"failed to call StartSession: BadRequest: {TIER} status code: 400, request id: 1",
    "Java v2": "StartSession failed: software.amazon.awssdk.services.ssm.model.BadRequestException: "
    f"{TIER} (Service: Ssm, Status Code: 400, Request ID: 1)",
    ".NET": f"Amazon.SimpleSystemsManagement.Model.BadRequestException: {TIER} at StartSessionRequest",
    "JavaScript v3": f"StartSessionCommand: BadRequest: {TIER} at throwDefaultError",
    "PHP": f'Error executing "StartSession" on "https://ssm.eu-west-3.amazonaws.com"; BadRequest (client): {TIER}',
    "PowerShell": f"Start-SSMSession : BadRequest: {TIER}",
    "Rust": f"StartSession failed: BadRequest: {TIER}",
}


@pytest.mark.parametrize("sdk", ENVELOPES)
def test_each_sdk_names_the_operation_and_the_code(sdk: str) -> None:
    assert sdk_error_as_cli(ENVELOPES[sdk]).startswith(
        "An error occurred (BadRequest) when calling the StartSession operation:"
    )
    assert TIER in sdk_error_as_cli(ENVELOPES[sdk]) or sdk == "PHP"


@pytest.mark.parametrize("target", ["i-0123456789abcdef0", "mi-0123456789abcdef0", "ecs:web_1a2b_1a2b-3"])
def test_a_target_that_is_not_connected_is_told_without_its_code(target: str) -> None:
    assert sdk_error_as_cli(f"Start-SSMSession : {target} is not connected.") == (
        f"An error occurred (TargetNotConnected) when calling the StartSession operation: {target} is not connected"
    )


@pytest.mark.parametrize(
    "text",
    [
        "error: socket is not connected",
        "operation error SSM: GetParameter, https response error StatusCode: 400, BadRequest: x",
        "ssm:StartSession is denied: AccessDenied",
        "StartSession returned nothing",
        "TargetNotConnected",
        "",
    ],
)
def test_other_operations_and_texts_without_a_code_are_no_failed_call(text: str) -> None:
    assert sdk_error_as_cli(text) == ""
