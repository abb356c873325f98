"""Each wrapper of SSM Agent and the plugin around each error that can be in it: the innermost known error decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from tools.failure_texts.composing import REGION, ROLE, composed, filled
from tools.failure_texts.found_text import INNER
from tools.failure_texts.table import Row, read_tables

CAUSES = catalogue()
AGENT, PLUGIN = "amazon-ssm-agent", "session-manager-plugin"
ROWS = {
    program: [row for table in read_tables() if table.program.startswith(program) for row in table.rows]
    for program in (AGENT, PLUGIN)
}
CONNECTION_ERRORS = (
    # Each error of a connection that Go's library has.
    *(
        row.text if "http:" in row.text else f"dial tcp 52.119.1.9:443: connect: {row.text}"
        for table in read_tables()
        if table.program == "go-standard-library"
        for row in table.rows
        if "no-route-to-endpoint" in row.classes
    ),
    "dial tcp: lookup {host} on 10.0.0.2:53: no such host",
    "dial tcp 52.119.1.9:443: i/o timeout",
    "dial tcp 52.119.1.9:443: connect: connection refused",
    "net/http: TLS handshake timeout",
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "read tcp 10.0.0.5:4242->52.119.1.9:443: read: connection reset by peer",
    "EOF",
)
NETWORK = "control-channel-down data-channel-unreachable egress-blocked endpoint-missing no-route-to-endpoint"
ROLE_MISSING = "instance-profile-missing instance-profile-empty"
NO_CREDENTIALS = "NoCredentialProviders: no valid providers in chain"
CLOCK = "InvalidSignatureException: Signature expired: 20261124T010000Z is now earlier than 20261124T020000Z"
THROTTLED = "ThrottlingException: Rate exceeded\n\tstatus code: 400, request id: 3a1b9d4e"
IMDS = "http://169.254.169.254/latest/meta-data/instance-id"
NO_ROLE = "EC2MetadataError: failed to make EC2Metadata request\n\tstatus code: 404, request id:"
DISK = "write /var/lib/amazon/ssm/i-0123456789abcdef0/channels/x: no space left on device"
FILES = "open /var/log/amazon/ssm/errors.log: too many open files"


def unreached(service: str, causes: str) -> Mapping[str, str]:
    """The errors of a connection to an endpoint, with what they mean."""
    host = f"{service}.{REGION}.amazonaws.com"
    post = f'RequestError: send request failed\ncaused by: Post "https://{host}/": '
    untrusted = {f"{post}x509: certificate signed by unknown authority": "endpoint-certificate-untrusted"}
    return {post + error.format(host=host): causes for error in CONNECTION_ERRORS} | untrusted


def refused(action: str, causes: str) -> Mapping[str, str]:
    """IAM's denial of an action, with what it means."""
    text = (
        f"AccessDeniedException: User: {ROLE} is not authorized to perform: {action} on resource: * because no "
        f"identity-based policy allows the {action} action\n\tstatus code: 400, request id: 3a1b9d4e"
    )
    return {text: causes}


WITHOUT_IMDS = {
    f'RequestError: send request failed\ncaused by: Get "{IMDS}": dial tcp 169.254.169.254:80: {error}': "imds-disabled"
    for error in ("i/o timeout", "connect: connection refused", "connect: no route to host")
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a session: the wrappers whose class is one of `classes`, and what can be in them, with its causes."""

    program: str
    classes: str
    inner: Mapping[str, str]
    not_of: str = ""

    def wrappers(self) -> list[Row]:
        wanted, left = {*self.classes.split()}, {*self.not_of.split()}
        return [row for row in ROWS[self.program] if INNER in row.text and self._is_one(row, wanted, left)]

    def _is_one(self, row: Row, wanted: set[str], left: set[str]) -> bool:
        return not wanted.isdisjoint(row.classes) and left.isdisjoint(row.classes)


LOGS_REFUSED = {
    **refused("logs:PutLogEvents", "cloudwatch-logs-lost log-group-unreadable"),
    **refused("logs:DescribeLogGroups", "cloudwatch-logs-lost log-group-unreadable"),
}
WITHOUT_ROLE = {NO_CREDENTIALS: ROLE_MISSING, CLOCK: "node-clock-skewed"}
STEPS = {
    "control channel": Step(
        AGENT,
        "control-channel-down",
        {
            **unreached("ssmmessages", NETWORK),
            **refused("ssmmessages:CreateControlChannel", "role-channels-denied"),
            **WITHOUT_ROLE,
        },
        not_of="messages-endpoint-unreachable",
    ),
    "data channel": Step(
        AGENT,
        "data-channel-unreachable",
        {
            **unreached("ssmmessages", NETWORK),
            **refused("ssmmessages:CreateDataChannel", "data-channel-denied"),
            **WITHOUT_ROLE,
        },
        not_of="messages-endpoint-unreachable",
    ),
    "registration": Step(
        AGENT,
        "role-core-denied instance-profile-missing dhmc-off agent-hibernating",
        {
            **unreached("ssm", NETWORK),
            **refused("ssm:UpdateInstanceInformation", "role-core-denied"),
            **WITHOUT_IMDS,
            NO_ROLE: ROLE_MISSING,
            THROTTLED: "throttled",
            CLOCK: "node-clock-skewed",
        },
    ),
    "metadata": Step(AGENT, "imds-disabled", WITHOUT_IMDS),
    "the node's key": Step(
        AGENT,
        "kms-node-denied",
        {
            **unreached("kms", "log-endpoint-missing"),
            **refused("kms:Decrypt", "kms-node-denied"),
            NO_CREDENTIALS: ROLE_MISSING,
        },
    ),
    "log group": Step(
        AGENT,
        "cloudwatch-logs-lost log-group-unreadable",
        {**unreached("logs", "log-endpoint-missing"), **LOGS_REFUSED},
    ),
    "log bucket": Step(
        AGENT,
        "s3-logs-lost",
        {**unreached("s3", "log-endpoint-missing"), **refused("s3:PutObject", "s3-logs-lost")},
    ),
    "the bucket's encryption": Step(
        AGENT,
        "s3-encryption-unreadable",
        {
            **unreached("s3", "log-endpoint-missing"),
            **refused("s3:GetEncryptionConfiguration", "s3-encryption-unreadable"),
        },
    ),
    "worker": Step(
        AGENT,
        "root-volume-full worker-crashed shell-start-failed",
        {DISK: "root-volume-full", FILES: "run-out-of-watches"},
    ),
    "watches": Step(AGENT, "run-out-of-watches", {FILES: "run-out-of-watches"}),
    "the plugin's channel": Step(
        PLUGIN, "messages-endpoint-unreachable", unreached("ssmmessages", "messages-endpoint-unreachable")
    ),
    "the caller's key": Step(
        PLUGIN,
        "kms-caller-denied",
        {
            **unreached("kms", "handshake-timed-out log-endpoint-missing"),
            NO_CREDENTIALS: "credentials-missing caller-credentials",
        },
        not_of="kms-node-denied",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_the_innermost_error_decides(step: Step) -> None:
    wrappers = step.wrappers()
    wrong = dict[str, str]()
    for row in wrappers:
        for error, causes in step.inner.items():
            text = composed(replace(row, text=filled(row.text, error)))
            first = next((match.cause for match in match_text(text, CAUSES.values())), "")
            if first not in causes.split():
                wrong[text] = first
    assert wrappers
    assert wrong == {}


@pytest.mark.parametrize("error", [error for error in CONNECTION_ERRORS if "tcp" in error])
def test_the_network_of_the_plugin_is_that_of_the_caller(error: str) -> None:
    text = f"Cannot perform start session: {error.format(host=f'ssmmessages.{REGION}.amazonaws.com')}"
    assert match_text(text, CAUSES.values())[0].cause == "messages-endpoint-unreachable"


@pytest.mark.parametrize("error", unreached("ssm", NETWORK).items(), ids=lambda each: each[0][-40:])
def test_a_wrapper_that_is_not_known_changes_nothing(error: tuple[str, str]) -> None:
    text, causes = error
    found = match_text(f"sync: step 3 failed: {text}", CAUSES.values())
    assert found[0].cause in causes.split()
