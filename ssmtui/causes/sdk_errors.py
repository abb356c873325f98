"""A failed call as the SDKs and their tools tell it, said as the AWS CLI says it.

The SDKs of Go, Java, .NET, JavaScript, PHP, Ruby and Rust, the cmdlets of PowerShell, Terraform and Ansible each have
an envelope of their own; all of them name the operation and the service's code.
"""

from __future__ import annotations

import re

_OPERATION = re.compile(
    r"(?<![\w:])((?:Start|Resume|Terminate)Session|DescribeSessions|GetConnectionStatus)(?:Command|Request)?\b"
    r"|\b((?:Start|Resume|Stop)-SSMSession)\b"
)
_CMDLETS = {
    "Start-SSMSession": "StartSession",
    "Resume-SSMSession": "ResumeSession",
    "Stop-SSMSession": "TerminateSession",
}
_PARENTHESISED = re.compile(r"\(([A-Z]\w{0,60}[a-z][A-Z]\w{0,60})\)")
_CODE = re.compile(
    r"(?<![A-Za-z])"
    r"(AccessDenied(?:Exception)?|BadRequest|ExpiredToken(?:Exception)?|IncompleteSignature|InternalServerError"
    r"|InvalidClientTokenId|InvalidDocument(?:Content|Version)?|InvalidInstanceId|InvalidParameters"
    r"|InvalidSignatureException|InvalidTarget|RequestTimeTooSkewed|ServiceUnavailable|TargetNotConnected"
    r"|ThrottlingException|UnrecognizedClientException|ValidationException)"
    r"(?:Exception)?(?![A-Za-z])"
)
_NOT_CONNECTED = re.compile(r"(?<![\w-])(?:m?i-[0-9a-f]{8,17}|ecs:\S{1,255})[\"'`]? is not connected")
_LONGEST_TAIL = 2000


def failed_call(text: str) -> str:
    """The error that a text tells of a call of Session Manager, as the AWS CLI prints it; empty where it tells none."""
    if target := _NOT_CONNECTED.search(text):
        return f"An error occurred (TargetNotConnected) when calling the StartSession operation: {target[0]}"
    operation = _OPERATION.search(text)
    if operation is None:
        return ""
    code = _PARENTHESISED.search(text) or _CODE.search(text)
    if code is None:
        return ""
    named = operation[1] or _CMDLETS[operation[2]]
    tail = text[code.end() : code.end() + _LONGEST_TAIL].lstrip(" :,)")
    return f"An error occurred ({code[1]}) when calling the {named} operation: {tail}"
