"""Read the failure texts of sources without a reader of their own: the strings of the calls that print one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from tools.failure_texts.found_text import FoundText, Severity

_STRING = r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`"
_MORE = re.compile(rf"\s*(?:\+\s*)?(?:{_STRING})")
_WORDS = re.compile(r"[A-Za-z]{2,}\W+(?:\w+\W+)?[A-Za-z]{2,}\W+[A-Za-z]{2,}")
_COLOUR = re.compile(r"\$\{COLOR_\w+\}")
_OF_SESSIONS = re.compile(r"ecs\.execute_command|session_manager|ssm|gateway\.connection")


def _reader(calls: Mapping[str, Severity]) -> Callable[[Mapping[str, str]], Iterator[FoundText]]:
    """Return a reader of the first strings of these calls; a pattern ends before the string."""
    patterns = [(re.compile(rf"{call}(?:{_STRING})"), severity) for call, severity in calls.items()]

    def read(files: Mapping[str, str]) -> Iterator[FoundText]:
        for file, source in files.items():
            for pattern, severity in patterns:
                for found in pattern.finditer(source):
                    text = next(group for group in found.groups() if group is not None)
                    end = found.end()
                    while (more := _MORE.match(source, end)) and not source.startswith(",", end):
                        text += next(group for group in more.groups() if group is not None)
                        end = more.end()
                    text = _COLOUR.sub("", _raw(text)).strip()
                    if _WORDS.search(text):
                        yield FoundText(file, severity, text)

    return read


def _raw(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\r", "").replace("\\t", "\t").replace('\\"', '"').replace("\\'", "'")


typescript_texts = _reader(
    {
        r"localize\(\s*(?:'[^']*'|\"[^\"]*\"),\s*": Severity.PRINTED,
        r"new \w*Error\(\s*": Severity.EXCEPTION,
        r"(?:const|readonly) \w*(?:[Mm]essage|Error)\w*(?:: string)? =\s*": Severity.EXCEPTION,
        r"\.(?:error|warn)\(\s*": Severity.ERROR,
        r"throwConnectionError\(\s*": Severity.EXCEPTION,
        r"show(?:Error|Warning)Message\(\s*": Severity.PRINTED,
    }
)
c_texts = _reader(
    {
        r"\b(?:fatal|error|logit|sshfatal|logdie)(?:_f|_r|_fr)?\(\s*(?:r,\s*)?": Severity.PRINTED,
        r"ssh_?packet_disconnect\(\s*ssh,\s*": Severity.PRINTED,
        r"case SSH_ERR_\w+:\s*return ": Severity.RETURNED,
    }
)
shell_texts = _reader({r"(?:echo(?: -e)?|printf(?: --)?) +": Severity.PRINTED})


def property_texts(files: Mapping[str, str]) -> Iterator[FoundText]:
    """Yield the values of Java's property files."""
    for file, source in files.items():
        for line in source.splitlines():
            key, separator, value = line.partition("=")
            if separator and _OF_SESSIONS.search(key) and _WORDS.search(value):
                yield FoundText(file, Severity.PRINTED, _raw(value).replace("''", "'"))


_OF_THE_CLI = "An error occurred ({code}) when calling the {name} operation: %w"
_OPERATIONS: Mapping[str, Mapping[str, str]] = {
    "ssm": dict.fromkeys(("StartSession", "ResumeSession", "TerminateSession", "GetConnectionStatus"), _OF_THE_CLI),
    "ecs": {"ExecuteCommand": _OF_THE_CLI},
    "ec2-instance-connect": {"SendSSHPublicKey": _OF_THE_CLI},
    "sts": dict.fromkeys(("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"), _OF_THE_CLI),
    "sso": {"GetRoleCredentials": _OF_THE_CLI},
    "sso-oidc": dict.fromkeys(("CreateToken", "StartDeviceAuthorization", "RegisterClient"), _OF_THE_CLI),
    "signin": {"CreateOAuth2Token": _OF_THE_CLI},
    "kms": {
        "GenerateDataKey": "Error calling KMS GenerateDataKey API: {code}: %w",
        "Decrypt": "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key {code}: %w",
    },
    "logs": {
        "PutLogEvents": "Error in PutLogEvents:{code}: %w",
        "CreateLogStream": "Error Calling CreateLogStream:{code}: %w",
        "DescribeLogGroups": "Error in calling DescribeLogGroups:{code}: %w",
        "DescribeLogStreams": "Error in calling DescribeLogStreams:{code}: %w",
    },
}
"""What the AWS CLI, the plugin and SSM Agent print of an error, by service and operation of a session."""
_NO_FAILURES = frozenset({"DataAlreadyAcceptedException", "DryRunOperationException", "ResourceAlreadyExistsException"})
"""Errors that a session does not get, or that SSM Agent takes as a success."""
SERVICES = frozenset(_OPERATIONS)


def model_texts(files: Mapping[str, str]) -> Iterator[FoundText]:
    """Yield each error of the operations of a session, as the program prints it that calls the operation."""
    for file, source in files.items():
        service, model = file.split("/")[-3], json.loads(source)
        for name, shown in _OPERATIONS[service].items():
            for error in model["operations"][name].get("errors", ()):
                code = model["shapes"][error["shape"]].get("error", {}).get("code", error["shape"])
                if code not in _NO_FAILURES:
                    yield FoundText(file, Severity.EXCEPTION, shown.format(code=code, name=name))
