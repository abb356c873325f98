"""Read the failure texts of sources without a reader of their own: the strings of the calls that print one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from tools.failure_texts.found_text import FoundText, Severity

_STRING = r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`"
_MORE = re.compile(rf"\s*(?:\+\s*)?(?:{_STRING}|(?P<macro>[A-Z][A-Z_0-9]{{2,}}\b(?=\s*[\",])))")
_WORDS = re.compile(r"[A-Za-z]{2,}\W+(?:\w+\W+)?[A-Za-z]{2,}\W+[A-Za-z]{2,}")
_COLOUR = re.compile(r"\$\{COLOR_\w+\}")
_OF_SESSIONS = re.compile(r"ecs\.execute_command|session_manager|ssm|gateway\.connection")


def _reader(
    calls: Mapping[str, Severity], frames: Mapping[str, str] = MappingProxyType({}), words: re.Pattern[str] = _WORDS
) -> Callable[[Mapping[str, str]], Iterator[FoundText]]:
    """Return a reader of the first strings of these calls; a pattern ends before the string.

    `frames` has what is printed around the texts of a call. A string without `words` is no text.
    """
    patterns = [
        (re.compile(rf"{call}(?:{_STRING})"), severity, frames.get(call, "")) for call, severity in calls.items()
    ]

    def read(files: Mapping[str, str]) -> Iterator[FoundText]:
        for file, source in files.items():
            for pattern, severity, frame in patterns:
                for found in pattern.finditer(source):
                    text = next(group for group in found.groups() if group is not None)
                    end = found.end()
                    while (more := _MORE.match(source, end)) and not source.startswith(",", end):
                        # A macro between two strings, such as PRIu64, is a value.
                        text += "%s" if more["macro"] else next(each for each in more.groups() if each is not None)
                        end = more.end()
                    text = _COLOUR.sub("", _raw(text)).strip()
                    if words.search(text):
                        yield FoundText(file, severity, text, frame)

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
_UNIT = "amazon-ssm-agent.service"
_OF_UNIT = r"log_unit_{}(?:_errno)?\(\s*[^\",]+,\s*(?:[^\",]+,\s*)?"
_OF_EXEC = r"log_exec_{}(?:_errno)?\(\s*\w+,\s*\w+,\s*(?:[^\",]+,\s*)?"
_OF_LOG = r"\blog_{}(?:_errno)?\(\s*(?:[^\",]+,\s*)?"
_LEVELS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "notice": Severity.WARNING,
    "info": Severity.INFO,
}
_OF_THE_UNIT = {
    **{each.format(level): found for each in (_OF_UNIT, _OF_EXEC) for level, found in _LEVELS.items()},
    r"LOG_UNIT_MESSAGE\([^\",]+,\s*": Severity.INFO,
}
_OF_A_REQUEST = {r"sd_bus_error_setf?\(\s*\w+,\s*\w+,\s*": Severity.PRINTED}
systemd_texts = _reader(
    {
        **_OF_THE_UNIT,
        **_OF_A_REQUEST,
        **{_OF_LOG.format(level): found for level, found in _LEVELS.items()},
        r"\[JOB_\w+\]\s*=\s*": Severity.INFO,
    },
    {
        **dict.fromkeys(_OF_THE_UNIT, f"{_UNIT}: %w"),
        **dict.fromkeys(_OF_A_REQUEST, f"Failed to start {_UNIT}: %w"),
    },
    re.compile(r"(?:%\w|[A-Za-z]{2,})\W*\s\W*(?:%\w|[A-Za-z]{2,})"),
)
"""What systemd says about a unit: in the journal, to whom asked for it, and the results of its jobs."""

_POSTED = 'RequestError: send request failed\ncaused by: Post "https://ssm.eu-west-3.amazonaws.com/": '
_OF_X509 = r"\breturn (?=\"x509: )"
_OF_ERRNO = r"\n\t(?:1:   |1[123]:  |2[34]:  |32:  |9[789]:  |10[0-5]: |11[0-3]: )"
"""What connect(2) and socket(2) return, and what a network adds (their manual pages, errno(3))."""
_OF_NET = (
    r"(?:&notFoundError\{|string +\{ return "
    r"|errors\.New\((?=\"(?:server misbehaving|no answer|lame|http: server gave|net/http: request canceled)))"
)
go_library_texts = _reader(
    dict.fromkeys((_OF_X509, _OF_ERRNO, _OF_NET), Severity.RETURNED),
    {
        _OF_X509: f"{_POSTED}tls: failed to verify certificate: %w",
        _OF_ERRNO: f"{_POSTED}dial tcp 10.0.0.9:443: connect: %w",
        _OF_NET: f"{_POSTED}dial tcp 10.0.0.9:443: %w",
    },
    re.compile(r"[a-z]{2,}\W+[a-z]{2,}|i/o"),
)
"""The errors of Go's library about a connection, as a program says them of a request to Systems Manager."""
_REJECTED = dict.fromkeys((r"new \w*Error\(\s*", r"message:\s*", r"\w*[mM]essage\s*=\s*"), Severity.EXCEPTION)
javascript_texts = _reader(_REJECTED)
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
