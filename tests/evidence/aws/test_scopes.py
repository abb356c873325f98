"""Opening a scope, and what to do where it does not open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointResolutionError

from ssmtui.aws.credentials import PromptForbidden
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.failures import classify_exception
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.evidence.aws.scope_errors import scope_error
from ssmtui.evidence.aws.scopes import OpenScope, iam_principal_of, open_scope
from ssmtui.evidence.aws.sdk import Terminal, Timeouts
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.readers.caller import CallerIdentity
from ssmtui.model.fact import Now, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem
from tests.builders.fleet import NOON
from tests.evidence.fake_aws import FakeAws, refused
from tests.evidence.stub_server import StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

PARIS = ScopeName(None, "eu-west-3")


def identity(arn: str) -> bytes:
    account = arn.split(":")[4]
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>{arn}</Arn><UserId>AROA:alex</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ).encode()


def an_error(code: str, message: str = "no") -> bytes:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>".encode()


def a_role(arn: str) -> bytes:
    return f"<GetRoleResponse><GetRoleResult><Role><Arn>{arn}</Arn></Role></GetRoleResult></GetRoleResponse>".encode()


@pytest.fixture
async def stub() -> AsyncIterator[StubServer]:
    async with stub_server() as served:
        yield served


@pytest.fixture
async def clients(stub: StubServer) -> AsyncIterator[Clients]:
    made = Clients(ClientSettings(endpoint_url=stub.endpoint_url, timeouts=Timeouts(attempts=1)))
    yield made
    await made.close()


def use_files(monkeypatch: pytest.MonkeyPatch, folder: Path, config: str, credentials: str = "") -> None:
    (folder / "config").write_text(config)
    (folder / "credentials").write_text(credentials)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


async def test_a_user_opens_a_scope(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/team/alex"))
    opened = await open_scope(clients, PARIS)
    assert isinstance(opened, OpenScope)
    assert opened.scope == Scope(
        name=PARIS,
        account="123456789012",
        region="eu-west-3",
        partition="aws",
        dns_suffix="amazonaws.com",
        caller="arn:aws:iam::123456789012:user/team/alex",
        principal="arn:aws:iam::123456789012:user/team/alex",
        has_long_term_key=True,
    )
    assert opened.aws.calls == {"sts:GetCallerIdentity": 1}
    assert opened.aws.account == "123456789012"


@pytest.mark.parametrize(("key", "is_long_term"), [("AKIAIOSFODNN7EXAMPLE", True), ("ASIAIOSFODNN7EXAMPLE", False)])
async def test_the_key_id_tells_a_users_access_key_from_temporary_credentials(
    stub: StubServer, clients: Clients, monkeypatch: pytest.MonkeyPatch, key: str, is_long_term: object
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    opened = await open_scope(clients, PARIS)
    assert isinstance(opened, OpenScope)
    assert opened.scope.has_long_term_key is is_long_term


async def test_sts_is_asked_once_to_open_a_scope_and_to_read_its_caller(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    opened = await open_scope(clients, PARIS)
    assert isinstance(opened, OpenScope)
    store = FactStore(opened.aws, opened.scope, Now(NOON))
    for times in (1, 2):
        found = (await store.resolver(None).fact(CallerIdentity)).value
        assert found == CallerIdentity("AROA:alex", "alex", is_user=True)
        assert opened.aws.calls == {"sts:GetCallerIdentity": times}
        store.forget(())


async def test_the_role_behind_a_session_is_named_with_its_path(stub: StubServer, clients: Clients) -> None:
    role = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123"
    stub.answer(
        "GetCallerIdentity",
        identity("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123/alex@example.org"),
    )
    stub.answer("GetRole", a_role(role))
    opened = await open_scope(clients, PARIS)
    assert isinstance(opened, OpenScope)
    assert opened.scope.principal == role


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        ("arn:aws:sts::1:assumed-role/Engineer/alex", "arn:aws:iam::1:role/Engineer"),
        ("arn:aws-us-gov:sts::1:assumed-role/Engineer/i-0", "arn:aws-us-gov:iam::1:role/Engineer"),
        ("arn:aws:iam::1:root", None),
        ("arn:aws:sts::1:federated-user/alex", None),
    ],
)
async def test_who_can_be_simulated_where_the_role_cannot_be_looked_up(caller: str, principal: str | None) -> None:
    for answer in (refused("iam:GetRole"), AwsError("NoSuchEntity", "no")):
        assert await iam_principal_of(FakeAws(iam_GetRole=answer), caller) == principal


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [("us-gov-west-1", "aws-us-gov", "amazonaws.com"), ("cn-north-1", "aws-cn", "amazonaws.com.cn")],
)
async def test_the_partition_comes_from_botocore(
    stub: StubServer, clients: Clients, region: str, partition: str, suffix: str
) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:{partition}:iam::123456789012:user/alex"))
    opened = await open_scope(clients, ScopeName(None, region))
    assert isinstance(opened, OpenScope)
    assert (opened.scope.partition, opened.scope.dns_suffix) == (partition, suffix)


@pytest.mark.parametrize(
    ("code", "problem", "cause"),
    [
        ("ExpiredToken", ScopeProblem.EXPIRED_CREDENTIALS, "credentials-expired"),
        ("InvalidClientTokenId", ScopeProblem.NO_CREDENTIALS, "caller-credentials"),
        ("AccessDenied", ScopeProblem.REFUSED, ""),
        ("Strange", ScopeProblem.FAILED, ""),
    ],
)
async def test_a_scope_that_sts_refuses_says_what_to_do(
    stub: StubServer, clients: Clients, code: str, problem: ScopeProblem, cause: str
) -> None:
    stub.answer("GetCallerIdentity", an_error(code), 400)
    error = await open_scope(clients, PARIS)
    assert isinstance(error, ScopeError)
    assert (error.name, error.problem, bool(error.advice), error.cause) == (PARIS, problem, True, cause)
    assert error.action == ("sts:GetCallerIdentity" if problem is ScopeProblem.REFUSED else "")


def test_who_is_asked_to_slow_down_is_told_to_wait_and_of_no_outage() -> None:
    slowed = Unreadable("", "throttled by AWS for 60 s", ReadFailure.THROTTLED, "sts:GetCallerIdentity")
    error = scope_error(PARIS, slowed, "Could not identify the caller")
    assert (error.problem, error.cause) == (ScopeProblem.THROTTLED, "")
    assert "in a minute or two" in error.advice


async def test_after_a_new_login_the_scope_opens(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", an_error("ExpiredToken"), 400)
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    assert isinstance(await open_scope(clients, PARIS), ScopeError)
    assert isinstance(await open_scope(clients, PARIS), OpenScope)


async def test_no_credentials_at_all(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = await open_scope(clients, PARIS)
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.NO_CREDENTIALS
    assert "aws configure" in error.advice
    assert (error.cause, error.command) == ("credentials-missing", "aws configure")


async def test_a_profile_that_nobody_has(clients: Clients) -> None:
    error = await open_scope(clients, ScopeName("nobody", "eu-west-3"))
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.UNKNOWN_PROFILE
    assert "nobody" in error.message


async def test_a_profile_that_nobody_has_is_told_with_the_near_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clients: Clients
) -> None:
    use_files(monkeypatch, tmp_path, "[profile prod-eu]\n[profile labs]\n")
    error = await open_scope(clients, ScopeName("prod-ue", "eu-west-3"))
    assert isinstance(error, ScopeError)
    assert error.advice == "Did you mean prod-eu? List the profiles with: aws configure list-profiles"


async def test_an_sso_profile_without_a_login_names_the_login_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clients: Clients
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    use_files(
        monkeypatch,
        tmp_path,
        "[profile work]\nsso_session = c\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
        "[sso-session c]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-3\n",
    )
    error = await open_scope(clients, ScopeName("work", "eu-west-3"))
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.EXPIRED_CREDENTIALS
    assert error.advice == "Log in with: aws sso login --profile work"
    assert (error.cause, error.command) == ("credentials-expired", "aws sso login --profile work")


async def test_a_command_is_one_that_a_shell_takes_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stub: StubServer, clients: Clients
) -> None:
    use_files(
        monkeypatch,
        tmp_path,
        "[profile 'at work']\nlogin_session = arn:aws:iam::123456789012:user/alex\n",
        "[at work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-a-secret\n",
    )
    stub.answer("GetCallerIdentity", an_error("ExpiredToken"), 400)
    error = await open_scope(clients, ScopeName("at work", "eu-west-3"))
    assert isinstance(error, ScopeError)
    assert (error.cause, error.command) == ("credentials-expired", "aws login --profile 'at work'")


@pytest.mark.parametrize(
    ("variable", "value", "region", "told"),
    [
        ("AWS_PAGER", "", "é", "Provided region_name 'é' doesn't match a supported format"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "wrong", "eu-west-3", "STS regional endpoints option wrong is invalid"),
        ("AWS_CA_BUNDLE", "/no/such.pem", "eu-west-3", "No such file or directory: '/no/such.pem'"),
        ("AWS_CA_BUNDLE", "/", "eu-west-3", "the certificate file / (AWS_CA_BUNDLE, "),
        ("AWS_CA_BUNDLE", " ", "eu-west-3", "resolved to an empty or whitespace-only string"),
        ("AWS_CA_BUNDLE", __file__, "eu-west-3", "cannot be used: [X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
    ],
)
async def test_a_setting_that_the_sdk_cannot_use_is_told_as_one(
    variable: str, value: str, region: str, told: str, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    error = await open_scope(clients, ScopeName(None, region))
    assert isinstance(error, ScopeError)
    assert (error.problem, error.cause) == (ScopeProblem.FAILED, "caller-credentials")
    assert told in error.message
    assert error.advice == (
        "Check the settings of this computer: the options, the variables that begin with AWS_, and ~/.aws/config."
    )


def test_an_endpoint_that_the_thing_asked_for_has_none_of_is_no_setting_of_this_computers() -> None:
    strange = EndpointResolutionError(msg="Unrecognized S3 Express bucket name format.")
    failed = classify_exception(strange, "s3:ListBucket", 30)
    assert isinstance(failed, ReadFailed)
    why = "s3:ListBucket: Unrecognized S3 Express bucket name format."
    assert failed.unreadable == Unreadable("", why, ReadFailure.FAILED, "s3:ListBucket")
    assert failed.unreadable.source == "s3:ListBucket"


async def test_nobody_there_is_unreachable() -> None:
    async with stub_server() as stub:
        pass
    gone = Clients(ClientSettings(endpoint_url=stub.endpoint_url, timeouts=Timeouts(attempts=1)))
    error = await open_scope(gone, PARIS)
    await gone.close()
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.UNREACHABLE


def test_what_does_not_answer_is_told_from_what_is_not_there() -> None:
    late = scope_error(
        PARIS, Unreadable("", "no answer", ReadFailure.TIMED_OUT, "ssm:DescribeInstances"), "Could not list nodes"
    )
    assert (late.problem, late.cause) == (ScopeProblem.SILENT, "")
    assert late.advice == "Check the network and the proxy, then try again. SSMTUI_TIMEOUT sets a longer timeout."


def test_credentials_that_nothing_gives_in_time_are_none() -> None:
    late = scope_error(
        PARIS, Unreadable("", "no answer", ReadFailure.TIMED_OUT, WORKSTATION), "Could not identify the caller"
    )
    assert (late.problem, late.cause) == (ScopeProblem.NO_CREDENTIALS, "caller-credentials")
    assert late.advice.startswith(
        "The source of the credentials does not respond. Find out why with: aws sts get-caller-identity"
    )


MFA = (
    "[profile guarded]\nrole_arn = arn:aws:iam::123456789012:role/Engineer\nsource_profile = plain\n"
    "mfa_serial = arn:aws:iam::123456789012:mfa/alex\n"
)
PLAIN = "[plain]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = not-a-secret\n"


async def test_once_the_screen_is_taken_no_code_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clients: Clients
) -> None:
    use_files(monkeypatch, tmp_path, MFA, PLAIN)
    clients.forbid_prompts()
    error = await open_scope(clients, ScopeName("guarded", "eu-west-3"))
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.EXPIRED_CREDENTIALS
    assert "an MFA code is required" in error.message


async def test_two_regions_of_one_profile_ask_for_one_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stub: StubServer, clients: Clients
) -> None:
    asked: list[str] = []

    def code(text: str) -> str:
        asked.append(text)
        return "123456"

    use_files(monkeypatch, tmp_path, MFA, PLAIN)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", stub.endpoint_url)
    clients._terminal = Terminal(code)
    expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    stub.answer(
        "AssumeRole",
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s"
        f"</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiry}</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>".encode(),
    )
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    opened = [await open_scope(clients, ScopeName("guarded", region)) for region in ("eu-west-3", "eu-central-1")]
    assert all(isinstance(each, OpenScope) for each in opened)
    assert len(asked) == 1


def test_a_forbidden_prompt_says_so_and_asks_nobody() -> None:
    terminal = Terminal(lambda _: "123456")
    assert terminal.prompt("code: ") == "123456"
    terminal.forbid()
    with pytest.raises(PromptForbidden):
        terminal.prompt("code: ")
