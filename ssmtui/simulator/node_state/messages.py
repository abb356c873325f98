"""Return the texts that people read when a session stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation.stored_policies import find_key
from ssmtui.simulator.node_state.preferences import SessionPreferences
from ssmtui.simulator.node_state.session_attempt import run_as_user

ERROR_BLOCK: Final = "\n----------ERROR-------\n"
"""The text that the agent puts before the message of a failed session."""

REQUEST_ID: Final = "request id: 7d1f3a52-8c0e-4b6d-9a2f-5e3c1b0d9f84"
_AT_ENDPOINT: Final = "endpoint-policy-denies"
_DENIED_KEY: Final = (
    "AccessDeniedException: The ciphertext refers to a AWS KMS key that does not exist, "
    "does not exist in this region, or you are not allowed to access.\n\tstatus code: 400, " + REQUEST_ID
)
_LOG_GROUP: Final = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)
_BUCKET: Final = "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: "
_BUCKET_PLAIN: Final = (
    "We couldn't start the session because encryption is not set up on the selected Amazon S3 bucket. "
    "Either encrypt the bucket or choose an option to enable logging without encryption."
)
_DOMAIN_CONTROLLER: Final = (
    "Failed to create user ssm-user: Instance is running active directory domain controller "
    "service. Disable the service to continue to use session manager."
)


@dataclass(frozen=True, slots=True)
class MessageNames:
    """The names in a text. `node_caller` is the session with which the node calls AWS."""

    account: str
    region: str
    node_id: str
    settings: SessionPreferences
    session_id: str = "alex-0123456789abcdef0"
    kind: str = "Standard_Stream"
    node_caller: str = ""

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket in the settings."""
        return f"arn:{get_partition(self.region)}:s3:::{self.settings.bucket}"

    @property
    def key_arn(self) -> str:
        """The ARN of the key in the settings, if the key exists."""
        key = find_key(self.account, self.region, self.settings.key_id)
        return str(key.arn) if key is not None else self.settings.key_id


def data_channel_failed(session_id: str, reason: str) -> str:
    """Return the text if the agent could not join the data channel."""
    return f"{ERROR_BLOCK}Setting up data channel with id {session_id} failed: {reason}"


def handshake_failed(reason: str) -> str:
    """Return the text if the agent stopped the handshake."""
    return f"{ERROR_BLOCK}Encountered error while initiating handshake. {reason}"


def start_failed(reason: str) -> str:
    """Return the text if the agent could not start the shell or the command."""
    return f"{ERROR_BLOCK}Unable to start command: {reason}\n"


def document_failed(reason: str) -> str:
    """Return the text if the agent cannot talk to the worker of the session."""
    return (
        f"document process failed unexpectedly: {reason} , "
        "check [ssm-document-worker]/[ssm-session-worker] log for crash reason"
    )


WORKER_MISSED: Final = "ipc messaging received timeout signal"
"""The reason if the worker of a session ended, or never spoke."""


def key_not_decrypted(reason: str) -> str:
    """Return the handshake's error if the node cannot decrypt the data key."""
    return f"Fetching data key failed: Unable to retrieve data key, Error when decrypting data key {reason}"


def text_of(step: str, cause: str, names: MessageNames) -> str:
    """Return the text for a cause that stopped a session at a step (``not-connected`` before any)."""
    match step:
        case "not-connected":
            return f"{names.node_id} is not connected."
        case "tier":
            return "Enable advanced-instances tier to use Session Manager with your on-premises instances"
        case "agent":
            return (
                f"{ERROR_BLOCK}Plugin with name {names.kind} is not supported by this version of ssm agent, "
                f"please update to latest version. Step name: {names.kind}"
            )
        case "plugins":
            return f"Plugin with name {names.kind} not found. Step name: {names.kind}"
        case "worker":
            return document_failed(WORKER_MISSED)
        case "data_channel":
            return data_channel_failed(names.session_id, _data_channel(cause, names))
        case "open_channel":
            return data_channel_failed(
                names.session_id,
                "failed to open datachannel with error: failed to connect data channel with error: "
                "websocket: bad handshake",
            )
        case "decrypt":
            return handshake_failed(key_not_decrypted(_node_key(cause, names)))
        case "log_group":
            return _LOG_GROUP
        case "bucket":
            return _BUCKET_PLAIN if cause == "s3-encryption-refused" else _BUCKET + _bucket(cause, names)
        case "run_as" if cause == "run-as-user-absent":
            user = run_as_user(names.account, names.region) or names.settings.run_as_user
            absent = f"failed to start pty since RunAs user {user} does not exist"
            return start_failed("invalid uid and gid" if user == "root" else absent)
        case "run_as":
            return start_failed("please set the RunAs default user")
        case "disk":
            return document_failed(
                f"write /var/lib/amazon/ssm/{names.node_id}/channels/{names.session_id}/tmp/"  # noqa: S108 - only a text
                "master-20261130093000-000: no space left on device"
            )
        case "user":
            return start_failed("exit status 1")
        case "program":
            return start_failed('exec: "sh": executable file not found in $PATH')
        case "shell" if cause == "domain-controller":
            return start_failed(_DOMAIN_CONTROLLER)
        case _:
            return ""  # the agent drops the request, or the shell prints nothing: the screen stays blank


def _node_key(cause: str, names: MessageNames) -> str:
    reasons = {
        "kms-key-disabled": f"DisabledException: {names.key_arn} is disabled.\n\tstatus code: 400, {REQUEST_ID}",
        "kms-key-pending-deletion": (
            f"KMSInvalidStateException: {names.key_arn} is pending deletion.\n\tstatus code: 400, {REQUEST_ID}"
        ),
        _AT_ENDPOINT: f"AccessDeniedException: {_at_endpoint('kms:Decrypt', names.key_arn, names)}"
        f"\n\tstatus code: 400, {REQUEST_ID}",
    }
    if cause in reasons:
        return reasons[cause]
    if cause.startswith("kms-"):
        return _DENIED_KEY
    return _unreached("Post", f"https://kms.{names.region}.amazonaws.com/")


def _data_channel(cause: str, names: MessageNames) -> str:
    arn = f"arn:{get_partition(names.region)}:ssmmessages:{names.region}:{names.account}:*"
    action = "ssmmessages:CreateDataChannel"
    said = (
        _at_endpoint(action, arn, names)
        if cause == _AT_ENDPOINT
        else f"User: {names.node_caller} is not authorized to perform: {action} on resource: {arn}{_unallowed(action)}"
    )
    return (
        "failed to create websocket for datachannel with error: CreateDataChannel failed with no output or error: "
        "createDataChannel request failed: unexpected response from the service "
        f"<AccessDeniedException>\n  <Message>{said}</Message>\n</AccessDeniedException>\n"
    )


def _bucket(cause: str, names: MessageNames) -> str:
    ids = f"{REQUEST_ID}, host id: simulated"
    match cause:
        case "s3-bucket-missing":
            return f"NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404, {ids}"
        case "s3-encryption-unreadable":
            return f"AccessDenied: Access Denied\n\tstatus code: 403, {ids}"
        case "endpoint-policy-denies":
            said = _at_endpoint("s3:GetEncryptionConfiguration", f'"{names.bucket_arn}"', names)
            return f"AccessDenied: {said}\n\tstatus code: 403, {ids}"
        case _:
            host = f"{names.settings.bucket}.s3.{names.region}.amazonaws.com"
            return _unreached("Get", f"https://{host}/?encryption=")


def _unreached(method: str, url: str) -> str:
    return f'RequestError: send request failed\ncaused by: {method} "{url}": dial tcp 203.0.113.80:443: i/o timeout'


def _unallowed(action: str) -> str:
    return f" because no identity-based policy allows the {action} action"


def _at_endpoint(action: str, resource: str, names: MessageNames) -> str:
    return (
        f"User: {names.node_caller} is not authorized to perform: {action} on resource: {resource} "
        f"because no VPC endpoint policy allows the {action} action"
    )
