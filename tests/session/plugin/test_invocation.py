"""What the plugin is started with: as by the AWS CLI, and the credentials of the app besides."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from awscli.customizations.sessionmanager import StartSessionCaller

from ssmtui.model.scope import ScopeName, SharedCredentials
from ssmtui.model.sessions import SessionRequest
from ssmtui.model.workstation import OLDEST_SUPPORTED, TAKES_NO_VARIABLE
from ssmtui.session.plugin.invocation import RESPONSE, Endpoint, invocation, must_be_lent
from tests.session.plugin.holder import OPENED, SCOPE

PLUGIN = "/usr/local/bin/session-manager-plugin"
ENDPOINT = Endpoint("https://ssm.eu-west-3.amazonaws.com")
PROD = replace(SCOPE, name=ScopeName("prod", "eu-west-3"))
REQUEST = SessionRequest(PROD, "i-0123456789abcdef0")
LENT = SharedCredentials("AKIALENT", "lent-secret", "lent-token")
PERSONS = {"PATH": "/bin", "AWS_PROFILE": "other", "AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "own"}


def test_arguments_and_environment_are_those_of_the_aws_cli() -> None:
    request = replace(REQUEST, document="mine", parameters=(("command", ("ls", "pwd")),), reason="ticket 7")
    run = invocation(PLUGIN, request, OPENED, ENDPOINT, PERSONS)
    asked = {
        "Target": "i-0123456789abcdef0",
        "DocumentName": "mine",
        "Parameters": {"command": ["ls", "pwd"]},
        "Reason": "ticket 7",
    }
    assert run.arguments == (
        PLUGIN,
        "AWS_SSM_START_SESSION_RESPONSE",
        "eu-west-3",
        "StartSession",
        "prod",
        json.dumps(asked),
        "https://ssm.eu-west-3.amazonaws.com",
    )
    response = {"SessionId": OPENED.id, "TokenValue": OPENED.token, "StreamUrl": OPENED.stream_url}
    assert run.environment == {**PERSONS, RESPONSE: json.dumps(response)}


def test_names_and_floors_are_those_that_the_installed_aws_cli_goes_by() -> None:
    assert StartSessionCaller.DEFAULT_SSM_ENV_NAME == RESPONSE
    assert StartSessionCaller.LAST_PLUGIN_VERSION_WITHOUT_ENV_VAR == TAKES_NO_VARIABLE
    assert getattr(StartSessionCaller, "RECOMMENDED_MINIMUM_PLUGIN_VERSION", OLDEST_SUPPORTED) == OLDEST_SUPPORTED


def test_without_a_profile_none_is_named_so_that_the_environment_decides_as_it_does_for_the_app() -> None:
    run = invocation(PLUGIN, replace(REQUEST, scope=SCOPE), OPENED, ENDPOINT, PERSONS)
    assert run.arguments[4] == ""


def test_lent_credentials_stand_in_the_environment_and_no_profile_comes_before_them() -> None:
    run = invocation(PLUGIN, REQUEST, OPENED, ENDPOINT, PERSONS, LENT)
    assert run.arguments[4] == ""
    kept = {name: value for name, value in run.environment.items() if name != RESPONSE}
    assert kept == {
        "PATH": "/bin",
        "AWS_ACCESS_KEY_ID": "AKIALENT",
        "AWS_SECRET_ACCESS_KEY": "lent-secret",
        "AWS_SESSION_TOKEN": "lent-token",
    }


def test_lent_keys_without_a_token_leave_no_other_token_standing() -> None:
    environment = {**PERSONS, "AWS_SESSION_TOKEN": "own-token"}
    run = invocation(PLUGIN, REQUEST, OPENED, ENDPOINT, environment, SharedCredentials("AKIALENT", "lent-secret", None))
    assert "AWS_SESSION_TOKEN" not in run.environment


def test_an_endpoint_that_every_request_was_sent_to_is_the_plugins_too() -> None:
    environment = {"AWS_ENDPOINT_URL_SSM": "http://elsewhere", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    run = invocation(PLUGIN, REQUEST, OPENED, Endpoint("http://127.0.0.1:1", "http://127.0.0.1:1"), environment)
    assert {**run.environment, RESPONSE: ""} == {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", RESPONSE: ""}
    untouched = invocation(PLUGIN, REQUEST, OPENED, ENDPOINT, environment)
    assert {**untouched.environment, RESPONSE: ""} == {**environment, RESPONSE: ""}


def test_no_secret_is_in_an_argument_or_shown() -> None:
    run = invocation(PLUGIN, REQUEST, OPENED, ENDPOINT, PERSONS, LENT)
    for secret in (OPENED.token, "lent-secret", "lent-token"):
        assert secret not in " ".join(run.arguments)
        assert secret not in f"{run!r} {run}"


@pytest.mark.parametrize(
    ("settings", "lent"),
    [
        ("", False),
        ("role_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = default", False),
        ("role_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = default\nmfa_serial = arn:x", True),
        ("sso_session = corp\nsso_account_id = 123456789012", False),
        ("login_session = arn:aws:iam::123456789012:user/jane", True),
    ],
)
def test_credentials_are_lent_where_the_plugin_could_not_take_them_by_itself(
    settings: str,
    lent: bool,  # noqa: FBT001 - a case's
    tmp_path: Path,
) -> None:
    (tmp_path / "config").write_text(f"[profile prod]\n{settings}\n")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    assert must_be_lent(ScopeName("prod", "eu-west-3"), files) is lent
    by_default = ScopeName(None, "eu-west-3")
    assert must_be_lent(by_default, {**files, "AWS_PROFILE": "prod"}) is lent
    assert must_be_lent(by_default, {**files, "AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIA"}) is False


def test_credentials_of_a_role_that_ssmtui_took_are_always_lent() -> None:
    in_a_role = ScopeName("prod", "eu-west-3", "arn:aws:iam::210987654321:role/Audit")
    assert must_be_lent(in_a_role, {"AWS_ACCESS_KEY_ID": "AKIA"})
