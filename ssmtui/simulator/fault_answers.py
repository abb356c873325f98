"""What a fault looks like in the protocol and in the words of each service."""

from __future__ import annotations

from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.faults import FaultKind
from ssmtui.simulator.responses import Response


def fault_error(kind: FaultKind, service: str) -> AwsError:
    """The error of a fault that is told as one."""
    errors = {
        FaultKind.THROTTLING: _throttling,
        FaultKind.INTERNAL: _internal,
        FaultKind.UNAVAILABLE: _unavailable,
        FaultKind.EXPIRED: _expired,
    }
    return errors[kind](service)


def garbage_answer(service: str) -> Response:
    """A successful answer that breaks off in the middle."""
    body = b'{"truncated": ["' if service in {"ssm", "kms", "logs", "cloudtrail"} else b"<Response><Truncated"
    return Response(200, {"Content-Type": "application/octet-stream"}, body)


def web_page() -> Response:
    """What a proxy shows who may not go to a host."""
    body = b"<!DOCTYPE html><html><head><title>Access Denied</title></head><body>Ask your administrator.</body></html>"
    return Response(403, {"Content-Type": "text/html"}, body)


def _throttling(service: str) -> AwsError:
    if service == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if service in {"iam", "sts"}:
        return AwsError("Throttling", "Rate exceeded")
    if service == "s3":
        return AwsError("SlowDown", "Please reduce your request rate.", 503)
    return AwsError("ThrottlingException", "Rate exceeded")


def _internal(service: str) -> AwsError:
    if service in {"ec2", "s3"}:
        return AwsError("InternalError", "An internal error has occurred", 500)
    return AwsError("InternalFailure", "The request processing has failed because of an unknown error.", 500)


def _unavailable(service: str) -> AwsError:
    if service in {"ec2", "logs"}:
        return AwsError("Unavailable" if service == "ec2" else "ServiceUnavailableException", "Try again later.", 503)
    return AwsError("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503)


def _expired(service: str) -> AwsError:
    if service == "ec2":
        return AwsError("RequestExpired", "Request has expired.")
    if service == "s3":
        return AwsError("ExpiredToken", "The provided token has expired.")
    expired = "The security token included in the request is expired"
    if service in {"iam", "sts"}:
        return AwsError("ExpiredToken", expired, 403)
    return AwsError("ExpiredTokenException", expired)
