"""Who gets an answer by the socket: whoever shows the token of the run, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY, listen
from ssmtui.simulator.server import Server, TokenGuard
from ssmtui.simulator.state import SETUP_ACCESS_KEY

TOKEN = "token-of-this-run"


@pytest.fixture(scope="module")
def guarded(simulated_aws: SimulatedAws) -> Any:
    """Where the world of this process is served to those alone who know the token."""
    simulated_aws.load("healthy-small")
    server = Server(listen(), simulated_aws.load, TOKEN)
    server.start()
    yield server.endpoint_url
    server.stop()


def client(endpoint: str, service: str, key: str, token: str | None) -> Any:
    return Session().create_client(
        service,
        "eu-west-3",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key="simulated",
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def asked(method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, Any]:
    """The answer of a doorkeeper in front of something that answers everybody."""

    def open_to_all(_environ: object, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b'"let in"']

    builder = EnvironBuilder(path=path, method=method, headers=Headers(headers), data=body)
    chunks, status, _ = run_wsgi_app(TokenGuard(open_to_all, TOKEN), builder.get_environ())
    return int(status.split()[0]), json.loads(b"".join(chunks))


def test_an_sdk_with_the_credentials_of_the_run_is_answered_and_so_is_who_takes_a_role_with_them(guarded: str) -> None:
    sts = client(guarded, "sts", CALLER_ACCESS_KEY, TOKEN)
    caller = sts.get_caller_identity()["Arn"]
    role = f"arn:aws:iam::{state.ACCOUNT}:role/{caller.split('/')[1]}"
    taker = client(guarded, "sts", SETUP_ACCESS_KEY, TOKEN)
    taken = taker.assume_role(RoleArn=role, RoleSessionName="sam")["Credentials"]
    there = client(guarded, "sts", taken["AccessKeyId"], taken["SessionToken"])
    assert there.get_caller_identity()["Arn"].endswith("/sam")
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        client(guarded, "sts", taken["AccessKeyId"], "another").get_caller_identity()


@pytest.mark.parametrize("key", [CALLER_ACCESS_KEY, SETUP_ACCESS_KEY])
@pytest.mark.parametrize("token", [None, "simulated", TOKEN[:-1], ""])
@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ssm", "list_documents", "UnrecognizedClientException"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_who_knows_the_keys_from_the_source_alone_is_told_in_the_words_of_each_service(
    guarded: str, key: str, token: str | None, service: str, operation: str, code: str
) -> None:
    state.journal.clear()
    with pytest.raises(ClientError) as refused:
        getattr(client(guarded, service, key, token), operation)()
    assert refused.value.response["Error"]["Code"] == code
    assert state.journal.entries == ()


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/_simulator/reset", {"Content-Type": "text/plain", "Origin": "https://evil.example"}),
        ("POST", "/_simulator/faults", {"Content-Type": "text/plain"}),
        ("POST", "/_simulator/faults", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("POST", "/_simulator/faults", {"X-Simulator-Token": "guessed"}),
        ("GET", "/_simulator/journal", {"X-Amz-Security-Token": TOKEN}),
        ("OPTIONS", "/_simulator/journal", {"Access-Control-Request-Headers": "x-simulator-token"}),
        ("DELETE", "/_simulator/journal", {}),
    ],
)
def test_a_control_request_without_the_token_in_its_header_is_refused(
    method: str, path: str, headers: dict[str, str]
) -> None:
    said = "The header X-Simulator-Token does not name the token of this run (AWS_SESSION_TOKEN)."
    assert asked(method, path, headers, "{}") == (403, {"error": said})


def test_one_with_it_is_answered() -> None:
    assert asked("POST", "/_simulator/faults", {"X-Simulator-Token": TOKEN}, "{}") == (200, "let in")


def test_an_address_that_was_presigned_shows_the_token_in_itself() -> None:
    assert asked("GET", f"/?X-Amz-Security-Token={TOKEN}", {}) == (200, "let in")
    assert asked("GET", "/?X-Amz-Security-Token=x", {})[0] == 400


@pytest.mark.parametrize(
    ("path", "operation", "is_let_in"),
    [
        # An activation code or a node's own key proves who asks.
        ("/", "RegisterManagedInstance", True),
        ("/", "RequestManagedInstanceRoleToken", True),
        ("/", "UpdateManagedInstancePublicKey", True),
        # The node's role does, with a token that was given out.
        ("/", "UpdateInstanceInformation", False),
        ("/", "StartSession", False),
        ("/v1/control-channel/mi-1", "RegisterManagedInstance", False),
        ("/_simulator/faults", "RegisterManagedInstance", False),
    ],
)
def test_an_agent_that_proves_itself_needs_no_token_of_the_run(path: str, operation: str, *, is_let_in: bool) -> None:
    status, _ = asked("POST", path, {"X-Amz-Target": f"AmazonSSM.{operation}"}, "{}")
    assert (status == 200) == is_let_in
