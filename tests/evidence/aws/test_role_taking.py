"""Roles taken with a profile's credentials: by which name, when again, and what it means where AWS gives none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.credentials import role_session_name
from ssmtui.evidence.aws.scopes import OpenScope, open_scope
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem, SharedCredentials
from tests.evidence.aws.test_scopes import a_role, an_error, identity
from tests.evidence.stub_server import StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

ROLE = "arn:aws:iam::210987654321:role/ops/Audit"
ALEX = "arn:aws:iam::123456789012:user/alex"
IN_ROLE = ScopeName(None, "eu-west-3", ROLE)


def taken(key: str, lasts: timedelta = timedelta(hours=1)) -> bytes:
    return (
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s"
        f"</SecretAccessKey><SessionToken>t-{key}</SessionToken><Expiration>{(datetime.now(UTC) + lasts).isoformat()}"
        "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    ).encode()


@pytest.fixture
async def stub() -> AsyncIterator[StubServer]:
    async with stub_server() as served:
        served.answer("GetCallerIdentity", identity(ALEX))
        served.answer("GetCallerIdentity", identity("arn:aws:sts::210987654321:assumed-role/Audit/ssmtui-alex"))
        served.answer("GetRole", a_role(ROLE))
        yield served


@pytest.fixture
async def clients(stub: StubServer) -> AsyncIterator[Clients]:
    settings = ClientSettings(endpoint_url=stub.endpoint_url, external_id="audit-7", timeouts=Timeouts(attempts=1))
    made = Clients(settings)
    yield made
    await made.close()


def assumed(stub: StubServer) -> list[tuple[str, str, str]]:
    return [
        (sent["RoleArn"], sent["RoleSessionName"], sent.get("ExternalId", ""))
        for operation, sent in stub.sent
        if operation == "AssumeRole"
    ]


async def test_a_role_is_taken_by_a_name_that_tells_who_has_it_and_everything_is_read_in_it(
    stub: StubServer, clients: Clients
) -> None:
    stub.answer("AssumeRole", taken("ASIAROLE"))
    opened = await open_scope(clients, IN_ROLE)
    assert isinstance(opened, OpenScope)
    assert (opened.scope.account, opened.scope.principal) == ("210987654321", ROLE)
    assert assumed(stub) == [(ROLE, "ssmtui-alex", "audit-7")]
    keys = [(operation, sent["access key"]) for operation, sent in stub.sent]
    assert keys == [
        ("GetCallerIdentity", "AKIAIOSFODNN7EXAMPLE"),
        ("AssumeRole", "AKIAIOSFODNN7EXAMPLE"),
        ("GetCallerIdentity", "ASIAROLE"),
        ("GetRole", "ASIAROLE"),
    ]


async def test_it_is_taken_once_for_all_regions_and_lent_as_it_is(stub: StubServer, clients: Clients) -> None:
    stub.answer("AssumeRole", taken("ASIAROLE"))
    for region in ("eu-west-3", "eu-central-1"):
        assert isinstance(await open_scope(clients, IN_ROLE.in_region(region)), OpenScope)
    assert len(assumed(stub)) == 1
    assert await clients.lend(IN_ROLE) == SharedCredentials("ASIAROLE", "s", "t-ASIAROLE")


async def test_it_is_taken_again_before_it_ends(stub: StubServer, clients: Clients) -> None:
    stub.answer("AssumeRole", taken("ASIAFIRST", timedelta(minutes=5)))
    stub.answer("AssumeRole", taken("ASIASECOND"))
    assert isinstance(await open_scope(clients, IN_ROLE), OpenScope)
    assert (await clients.lend(IN_ROLE)).access_key == "ASIASECOND"


async def test_roles_are_taken_anew_once_their_profile_has_new_credentials(stub: StubServer, clients: Clients) -> None:
    stub.answer("AssumeRole", taken("ASIAROLE"))
    assert isinstance(await open_scope(clients, IN_ROLE), OpenScope)
    clients.forget_credentials(None)
    assert isinstance(await open_scope(clients, IN_ROLE), OpenScope)
    assert len(assumed(stub)) == 2


async def test_a_role_that_is_refused_says_what_it_takes(stub: StubServer, clients: Clients) -> None:
    said = f"User: {ALEX} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    stub.answer("AssumeRole", an_error("AccessDenied", said), 403)
    error = await open_scope(clients, IN_ROLE)
    assert isinstance(error, ScopeError)
    assert (error.name, error.problem, error.action) == (IN_ROLE, ScopeProblem.ROLE_NOT_TAKEN, "sts:AssumeRole")
    assert error.message == f"Could not assume the role {ROLE}: AccessDenied: {said}."
    assert (
        f"Two policies must allow sts:AssumeRole: a policy of {ALEX}, and the trust policy of the role" in error.advice
    )
    assert "--external-id" in error.advice


async def test_what_an_organization_forbids_is_for_its_administrators(stub: StubServer, clients: Clients) -> None:
    said = f"User: {ALEX} is not authorized to perform: sts:AssumeRole on resource: {ROLE} with an explicit deny in a "
    stub.answer("AssumeRole", an_error("AccessDenied", f"{said}service control policy"), 403)
    error = await open_scope(clients, IN_ROLE)
    assert isinstance(error, ScopeError)
    assert error.problem is ScopeProblem.ROLE_NOT_TAKEN
    assert "the administrators of the organization" in error.advice


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("ExpiredToken", ScopeProblem.EXPIRED_CREDENTIALS),
        ("InvalidClientTokenId", ScopeProblem.NO_CREDENTIALS),
        ("ValidationError", ScopeProblem.FAILED),
    ],
)
async def test_other_reasons_stay_what_they_are(
    stub: StubServer, clients: Clients, code: str, problem: ScopeProblem
) -> None:
    stub.answer("AssumeRole", an_error(code), 400)
    error = await open_scope(clients, IN_ROLE)
    assert isinstance(error, ScopeError)
    assert error.problem is problem


async def test_a_role_is_taken_also_where_nobody_says_who_takes_it(stub: StubServer, clients: Clients) -> None:
    stub.answers["GetCallerIdentity"].clear()
    stub.answer("GetCallerIdentity", an_error("AccessDenied"), 403)
    stub.answer("GetCallerIdentity", identity("arn:aws:sts::210987654321:assumed-role/Audit/ssmtui"))
    stub.answer("AssumeRole", taken("ASIAROLE"))
    assert isinstance(await open_scope(clients, IN_ROLE), OpenScope)
    assert assumed(stub) == [(ROLE, "ssmtui", "audit-7")]


@given(st.text())
def test_any_name_makes_one_that_sts_takes(who: str) -> None:
    name = role_session_name(who)
    assert name.startswith("ssmtui")
    assert len(name) <= 64
    assert all(each.isascii() and (each.isalnum() or each in "_+=,.@-") for each in name)
