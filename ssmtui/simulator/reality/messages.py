"""What people read when a session stops. Source: docs/facts/failure-texts.md §2."""

from __future__ import annotations

from typing import Final

_HANDSHAKE: Final = (
    "Encountered error while initiating handshake. Fetching data key failed: Unable to retrieve data key, "
)
_DENIED_KEY: Final = (
    "Error when decrypting data key AccessDeniedException: The ciphertext refers to a AWS KMS key that does not exist, "
    "does not exist in this region, or you are not allowed to access.\n\tstatus code: 400"
)
_KEY_STATES: Final = {
    "kms-key-disabled": "Error when decrypting data key DisabledException: the key is disabled.",
    "kms-key-pending-deletion": "Error when decrypting data key KMSInvalidStateException: the key is pending deletion.",
    "log-endpoint-missing": "Error when decrypting data key RequestError: send request failed",
}
_LOG_GROUP: Final = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)
_BUCKET: Final = (
    "We couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: "
)
_BUCKET_PLAIN: Final = (
    "We couldn't start the session because encryption is not set up on the selected Amazon S3 bucket. "
    "Either encrypt the bucket or choose an option to enable logging without encryption."
)
_BUCKET_ERRORS: Final = {
    "s3-bucket-missing": "NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404",
    "s3-encryption-unreadable": "AccessDenied: Access Denied\n\tstatus code: 403",
}
_CALLER: Final = {
    "caller-open-channel-denied": "is not authorized to perform: ssmmessages:OpenDataChannel",
    "kms-caller-denied": "KMSEncryption failed on client with status 2 error: Error calling KMS GenerateDataKey API:",
}
_DOMAIN_CONTROLLER: Final = (
    "Unable to start command: Failed to create user ssm-user: Instance is running active directory domain controller "
    "service. Disable the service to continue to use session manager."
)


def text_of(step: str, node_id: str, cause: str = "") -> str:
    """The text for a cause that stopped a session at a step (``not-connected`` before any)."""
    match step:
        case "not-connected" | "data_channel":
            return f"{node_id} is not connected."
        case "caller":
            return _CALLER.get(cause, "is not authorized to perform: ssm:StartSession")
        case "document":
            return ""  # the agent drops the request, and the screen stays blank
        case "agent":
            return f"The instance {node_id} you selected isn't configured to use Session Manager."
        case "run_as":
            return "Unable to start command: please set the RunAs default user"
        case "tier":
            return "Enable advanced-instances tier to use Session Manager with your on-premises instances"
        case "key":
            return _HANDSHAKE + _KEY_STATES.get(cause, _DENIED_KEY)
        case "log_group":
            return _LOG_GROUP
        case "bucket":
            if cause == "s3-encryption-refused":
                return _BUCKET_PLAIN
            return _BUCKET + _BUCKET_ERRORS.get(cause, "RequestError: send request failed")
        case "shell" if cause == "root-volume-full":
            return ""  # the session starts, and the screen stays blank
        case _:
            return _DOMAIN_CONTROLLER
