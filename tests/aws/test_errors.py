"""What an error means for a read, a write and a session: one classification, three clients."""

from __future__ import annotations

import ssl

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import SSLError as TransportSSLError

from ssmtui.aws.client_config import ClientAccess
from ssmtui.aws.errors import ErrorKind, WebPage, WebPageError, kind_of_error
from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import ReadFailure
from ssmtui.remediation.apply.writer import _problem
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ConcurrentChangeError,
    OutcomeUnknownError,
)
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.client import SessionClient, _problem_of_error
from tests.session.canaries import lend

FAILED, REFUSED, UNKNOWN = ChangeFailedError, ChangeRefusedError, OutcomeUnknownError
PROBLEM, DENIED, UNANSWERED = SessionProblem, SessionRefused, SessionUnanswered

CASES = [
    # Refused by a policy.
    ("403", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("AccessDenied", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("AccessDeniedException", 400, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("AllAccessDisabled", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("AuthorizationError", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("Forbidden", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("NotAuthorized", 400, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("UnauthorizedAccess", 401, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("UnauthorizedOperation", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    ("SomethingForbidden", 403, ErrorKind.REFUSED, ReadFailure.REFUSED, REFUSED, DENIED),
    # The account is not subscribed: no policy would help a change or a session.
    ("OptInRequired", 401, ErrorKind.NOT_SUBSCRIBED, ReadFailure.REFUSED, FAILED, PROBLEM),
    ("OptInRequired", 403, ErrorKind.NOT_SUBSCRIBED, ReadFailure.REFUSED, FAILED, PROBLEM),
    # Credentials.
    ("ExpiredToken", 403, ErrorKind.EXPIRED, ReadFailure.EXPIRED, FAILED, PROBLEM),
    ("ExpiredTokenException", 400, ErrorKind.EXPIRED, ReadFailure.EXPIRED, FAILED, PROBLEM),
    ("RequestExpired", 400, ErrorKind.EXPIRED, ReadFailure.EXPIRED, FAILED, PROBLEM),
    ("AuthFailure", 401, ErrorKind.REJECTED, ReadFailure.REFUSED, FAILED, PROBLEM),
    ("InvalidClientTokenId", 403, ErrorKind.REJECTED, ReadFailure.REFUSED, FAILED, PROBLEM),
    ("SignatureDoesNotMatch", 403, ErrorKind.REJECTED, ReadFailure.REFUSED, FAILED, PROBLEM),
    ("UnrecognizedClientException", 400, ErrorKind.REJECTED, ReadFailure.REFUSED, FAILED, PROBLEM),
    # Throttled: AWS has not carried out the request, unless nobody knows who answered.
    ("Throttling", 400, ErrorKind.THROTTLED, ReadFailure.THROTTLED, FAILED, PROBLEM),
    ("ThrottlingException", 400, ErrorKind.THROTTLED, ReadFailure.THROTTLED, FAILED, PROBLEM),
    ("RequestLimitExceeded", 503, ErrorKind.THROTTLED, ReadFailure.THROTTLED, FAILED, PROBLEM),
    ("429", 429, ErrorKind.THROTTLED, ReadFailure.THROTTLED, FAILED, PROBLEM),
    ("503", 503, ErrorKind.THROTTLED, ReadFailure.THROTTLED, UNKNOWN, UNANSWERED),
    # About the requested thing.
    ("NoSuchEntity", 404, ErrorKind.NOT_FOUND, None, FAILED, PROBLEM),
    ("InvalidDocument", 400, ErrorKind.NOT_FOUND, None, FAILED, PROBLEM),
    ("InvalidInstanceID.NotFound", 400, ErrorKind.NOT_FOUND, None, FAILED, PROBLEM),
    ("NotFoundException", 400, ErrorKind.NOT_FOUND, None, FAILED, PROBLEM),
    ("EntityAlreadyExists", 409, ErrorKind.CONFLICT, None, ConcurrentChangeError, PROBLEM),
    ("InvalidDocumentVersion", 400, ErrorKind.CONFLICT, None, ConcurrentChangeError, PROBLEM),
    ("DoesNotExistException", 400, ErrorKind.OTHER, None, FAILED, PROBLEM),
    ("TargetNotConnected", 400, ErrorKind.OTHER, None, FAILED, PROBLEM),
    ("404", 404, ErrorKind.OTHER, None, FAILED, PROBLEM),
    # No answer to the request.
    ("PermanentRedirect", 301, ErrorKind.REDIRECTED, ReadFailure.FAILED, FAILED, PROBLEM),
    ("UnknownOperationException", 400, ErrorKind.NOT_SUPPORTED, ReadFailure.FAILED, FAILED, PROBLEM),
    ("NotImplemented", 501, ErrorKind.NOT_SUPPORTED, ReadFailure.FAILED, UNKNOWN, UNANSWERED),
    ("InternalFailure", 500, ErrorKind.INTERNAL, ReadFailure.FAILED, UNKNOWN, UNANSWERED),
    ("502", 502, ErrorKind.INTERNAL, ReadFailure.FAILED, UNKNOWN, UNANSWERED),
]


@pytest.mark.parametrize(("code", "status", "kind", "read", "write", "session"), CASES)
def test_an_error_code_means_the_same_to_each_client(
    code: str,
    status: int,
    kind: ErrorKind,
    read: ReadFailure | None,
    write: type[Exception],
    session: type[SessionProblem],
) -> None:
    assert kind_of_error(code, status) is kind
    failed = classify_error_code(code, "no", status, "ssm:StartSession")
    if isinstance(failed, AwsError):
        assert (read, failed.code, failed.message) == (None, code, "no")
    else:
        action = "ssm:StartSession" if kind in {ErrorKind.REFUSED, ErrorKind.NOT_SUBSCRIBED} else ""
        assert (failed.unreadable.obstacle, failed.unreadable.action) == (read, action)
    error = sdk.ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "StartSession"
    )
    assert type(_problem(error, "ssm:StartSession")) is write
    assert type(_problem_of_error(error, "StartSession", "ssm:StartSession")) is session


URL = {"endpoint_url": "https://ssm.eu-west-3.amazonaws.com"}
UNTRUSTED = TransportSSLError(ssl.SSLCertVerificationError("certificate verify failed"))
TRANSPORT = [
    (sdk.EndpointConnectionError(**URL), FAILED, PROBLEM),
    (sdk.ConnectTimeoutError(**URL), FAILED, PROBLEM),
    (sdk.ProxyConnectionError(proxy_url="http://proxy"), FAILED, PROBLEM),
    (sdk.SSLError(**URL, error=UNTRUSTED), FAILED, PROBLEM),
    (sdk.HTTPClientError(error=FileNotFoundError("no bundle")), FAILED, PROBLEM),
    (sdk.SSLError(**URL, error=TransportSSLError(FileNotFoundError("no bundle"))), FAILED, PROBLEM),
    (sdk.InvalidRegionError(region_name="?"), FAILED, PROBLEM),
    (sdk.NoCredentialsError(), FAILED, PROBLEM),
    (sdk.SSLError(**URL, error=TransportSSLError("bad record mac")), UNKNOWN, UNANSWERED),
    (sdk.ReadTimeoutError(**URL), UNKNOWN, UNANSWERED),
    (sdk.ConnectionClosedError(**URL, error=ProtocolError("aborted", PermissionError())), UNKNOWN, UNANSWERED),
    (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), UNKNOWN, UNANSWERED),
    (ResponseParserError("no JSON"), UNKNOWN, UNANSWERED),
    (WebPageError(WebPage(200)), UNKNOWN, UNANSWERED),
]


@pytest.mark.parametrize(("error", "write", "session"), TRANSPORT)
def test_a_call_is_lost_only_if_its_request_may_have_arrived(
    error: Exception, write: type[Exception], session: type[SessionProblem], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    assert type(_problem(error, "ssm:StartSession")) is write
    client = SessionClient(ClientAccess(None, "eu-west-3"), lend)
    monkeypatch.setattr(client, "_client", fail)
    with pytest.raises(SessionProblem) as problem:
        client.terminate("alex-1")
    assert type(problem.value) is session
