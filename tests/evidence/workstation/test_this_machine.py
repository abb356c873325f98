"""The computer that this runs on, as far as it is looked at; with a home, a PATH and servers of the test's own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.scopes import OpenScope, home_scope, open_scope
from ssmtui.evidence.facts.workstation_protocol import Invocation
from ssmtui.evidence.workstation.local import LocalWorkstation
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    Credentials,
    MessagesConnection,
    NodeQuery,
    Obstruction,
    Plugin,
    System,
    TemporaryFolder,
)
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import ACCOUNT, a_scope

pytestmark = pytest.mark.usefixtures("keys")

PARIS = ScopeName(None, "eu-west-3")
AHEAD = timedelta(minutes=7)


@pytest.fixture
async def clients(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clients]:
    """Clients of the simulated AWS, on a computer whose clock is seven minutes ahead."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    aws.load("healthy-small")
    made = Clients(ClientSettings(endpoint_url=aws.endpoint_url), wall_clock=lambda: datetime.now(UTC) + AHEAD)
    yield made
    await made.close()


def workstation(
    clients: Clients, request: Invocation | None = None, system: System = System.LINUX, **environment: str
) -> LocalWorkstation:
    return LocalWorkstation(clients, request or Invocation(), system=system, environment=environment)


async def opened(clients: Clients, name: ScopeName = PARIS) -> Scope:
    found = await open_scope(clients, name)
    assert isinstance(found, OpenScope)
    return found.scope


async def test_the_plugin_is_found_and_asked(clients: Clients, tmp_path: Path) -> None:
    plugin = tmp_path / "session-manager-plugin"
    plugin.write_text("#!/bin/sh\necho 1.2.896.0\n")
    assert not isinstance(await workstation(clients, PATH=str(tmp_path)).plugin(), Plugin)  # it may not be run yet
    plugin.chmod(0o755)
    told = await workstation(clients, PATH=str(tmp_path)).plugin()
    assert told == Plugin(System.LINUX, str(plugin), on_path=True, version="1.2.896.0")


async def test_a_plugin_that_is_nowhere_is_absent(clients: Clients, tmp_path: Path) -> None:
    told = await workstation(clients, None, System.WINDOWS, PATH=str(tmp_path)).plugin()
    assert told == Absent("the Session Manager plugin", "PATH")


@pytest.mark.parametrize(
    ("system", "environment", "path"),
    [
        (System.MACOS, {"TMPDIR": "/var/folders/zz/T/"}, "/var/folders/zz/T/"),
        (System.LINUX, {}, "/tmp"),  # noqa: S108
        (System.LINUX, {"TMPDIR": ""}, "/tmp"),  # noqa: S108
        (System.WINDOWS, {"TEMP": r"C:\Temp", "TMPDIR": "/var/tmp"}, r"C:\Temp"),  # noqa: S108
    ],
)
async def test_the_temporary_folder_is_the_plugins(
    clients: Clients, system: System, environment: dict[str, str], path: str
) -> None:
    assert await workstation(clients, None, system, **environment).temporary_folder() == TemporaryFolder(system, path)


async def test_keys_in_variables_are_as_temporary_as_their_token_says(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await opened(clients)
    assert await workstation(clients).credentials(scope) == Credentials(
        CredentialKind.ENVIRONMENT, temporary=True, expires=None
    )


async def test_an_end_that_the_environment_names_is_told(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", end.isoformat())
    scope = await opened(clients)
    assert await workstation(clients).credentials(scope) == Credentials(
        CredentialKind.ENVIRONMENT, temporary=True, expires=end
    )


async def test_credentials_that_are_gone_meanwhile_are_not_told(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await opened(clients)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    clients.forget_credentials(None)
    told = await workstation(clients).credentials(scope)
    assert isinstance(told, Unreadable)
    assert told.action == ""


async def test_the_clock_is_compared_with_aws_own_answer(clients: Clients) -> None:
    assert isinstance(await workstation(clients).clock(), Unreadable)
    await opened(clients)
    told = await workstation(clients).clock()
    assert isinstance(told, ClockDifference)
    assert abs(told.seconds - AHEAD.total_seconds()) < 60
    assert (told.minutes, told.matters) in {(6, True), (7, True)}
    assert told.answer in {"sts:GetCallerIdentity", "iam:GetRole"}


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Nov 2026 12:00:00 GMT"])
async def test_a_date_that_is_none_says_nothing(date: str, clients: Clients) -> None:
    clients.compare_clocks("sts:GetCallerIdentity", date)
    assert clients.clock_difference is None


async def test_where_aws_refuses_the_signature_the_clock_is_what_must_be_set(
    aws: SimulatedAws, clients: Clients
) -> None:
    aws.fault("expired")
    error = await open_scope(clients, PARIS)
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.EXPIRED_CREDENTIALS
    assert error.cause == "workstation-clock-skewed"
    assert error.advice.startswith("Set the clock of this computer. It is ")


@pytest.mark.parametrize(
    ("region", "variables", "request_", "endpoint"),
    [
        ("eu-west-3", {}, Invocation(), "ssmmessages.eu-west-3.amazonaws.com:443"),
        ("us-gov-west-1", {}, Invocation(), "ssmmessages.us-gov-west-1.amazonaws.com:443"),
        ("cn-north-1", {}, Invocation(), "ssmmessages.cn-north-1.amazonaws.com.cn:443"),
        ("eu-west-3", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, Invocation(), "127.0.0.1:9"),
        (
            "eu-west-3",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_SSMMESSAGES": "https://vpce.example:8443"},
            Invocation(),
            "vpce.example:8443",
        ),
        ("eu-west-3", {}, Invocation(endpoint_url="https://private.example"), "private.example:443"),
    ],
)
async def test_the_endpoint_is_the_partitions_or_the_one_that_is_configured(
    region: str,
    variables: dict[str, str],
    request_: Invocation,
    endpoint: str,
    clients: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # A proxy that is not tried keeps the test from connecting anywhere.
    told = await workstation(clients, request_, HTTPS_PROXY="socks5://proxy.example").messages_way(a_scope(region))
    assert isinstance(told, MessagesConnection)
    assert told.endpoint == endpoint
    if endpoint != "127.0.0.1:9":
        assert (told.obstruction, told.proxy) == (Obstruction.PROXY_UNTRIED, "proxy.example:1080")


async def test_a_region_that_no_partition_has_is_not_guessed_at(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    told = await workstation(clients).messages_way(a_scope("atlantis-1"))
    assert told == Unreadable("", "no endpoint of ssmmessages is known", told.obstacle, WORKSTATION)  # type: ignore[union-attr]


async def test_certificates_that_cannot_be_read_are_said(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scope = await opened(clients)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    clients.forget_credentials(None)
    told = await workstation(clients).messages_way(scope)
    assert isinstance(told, Unreadable)
    assert told.why == "cannot read the trusted certificates: No such file or directory"


FRANKFURT = ScopeName(None, "eu-central-1")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Invocation(("i-1", "web"), PARIS), NodeQuery(frozenset({"i-1"}), ACCOUNT, "eu-west-3")),
        (Invocation(("i-1", "mi-2"), FRANKFURT), NodeQuery(frozenset({"i-1", "mi-2"}), ACCOUNT, "eu-central-1")),
        (Invocation(("web",), FRANKFURT), None),
        (Invocation((), FRANKFURT), None),
        (Invocation(("i-1",), None), None),
    ],
)
async def test_only_ids_are_looked_for_and_only_where_the_aws_cli_would_look(
    request_: Invocation, expected: NodeQuery | None, clients: Clients
) -> None:
    told = await workstation(clients, request_).node_query(a_scope())
    assert told == expected if expected else isinstance(told, NotApplicable)


async def test_another_profiles_account_is_asked_for(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = tmp_path / "credentials"
    files.write_text("[home]\naws_access_key_id = ASIASIMULATORCALLER1\naws_secret_access_key = simulated\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(files))
    request = Invocation(("i-1",), ScopeName("home", "us-east-1"))
    told = await workstation(clients, request).node_query(a_scope(profile="work"))
    assert told == NodeQuery(frozenset({"i-1"}), ACCOUNT, "us-east-1")


@pytest.mark.parametrize(
    ("profiles", "regions", "environment", "expected"),
    [
        ((), (), {"AWS_REGION": "eu-west-3"}, PARIS),
        ((), ("eu-central-1", "eu-west-3"), {"AWS_REGION": "eu-west-3"}, PARIS),
        ((), ("all",), {"AWS_REGION": "eu-west-3"}, PARIS),
        ((), ("eu-central-1",), {"AWS_REGION": "eu-west-3"}, None),
        ((), ("eu-w*",), {"AWS_REGION": "eu-west-3"}, PARIS),
        ((), ("us-*",), {"AWS_REGION": "eu-west-3"}, None),
        ((), (), {}, None),
        (("a", "b"), (), {"AWS_REGION": "eu-west-3", "AWS_PROFILE": "b"}, ScopeName("b", "eu-west-3")),
        (("a",), (), {"AWS_REGION": "eu-west-3", "AWS_PROFILE": "b"}, None),
        (("b",), (), {"AWS_REGION": "eu-west-3", "AWS_PROFILE": "b", "AWS_ACCESS_KEY_ID": "AKIA"}, None),
    ],
)
def test_home_is_where_the_aws_cli_would_go_if_that_is_looked_at(
    profiles: tuple[str, ...], regions: tuple[str, ...], environment: dict[str, str], expected: ScopeName | None
) -> None:
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    assert home_scope(profiles, regions, {**files, **environment}) == expected
