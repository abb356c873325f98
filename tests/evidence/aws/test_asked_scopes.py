"""Which scopes are asked for: profiles, roles, an organization's accounts, Regions by name and by pattern."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.scopes import RequestedScopes, discover_scopes, list_scope_names
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.model.scope_request import OtherAccounts
from tests.evidence.aws.test_role_taking import taken
from tests.evidence.aws.test_scopes import an_error, identity, use_files
from tests.evidence.stub_server import HANG, StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

PARIS = ScopeName(None, "eu-west-3")
HERE = {"AWS_REGION": "eu-west-3"}
OWN, SHOP, LABS = "123456789012", "222222222222", "333333333333"


def role(account: str, name: str = "Audit") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def enabled(*regions: str) -> bytes:
    items = "".join(f"<item><regionName>{each}</regionName></item>" for each in regions)
    return f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>".encode()


def account(id_: str, **state: str) -> dict[str, str]:
    return {"Id": id_, "Name": f"acme-{id_}", **(state or {"State": "ACTIVE"})}


@pytest.fixture
async def stub() -> AsyncIterator[StubServer]:
    async with stub_server() as served:
        yield served


@pytest.fixture
async def clients(stub: StubServer) -> AsyncIterator[Clients]:
    made = Clients(ClientSettings(endpoint_url=stub.endpoint_url, timeouts=Timeouts(attempts=1)))
    yield made
    await made.close()


async def test_the_region_is_the_one_that_the_aws_cli_would_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clients: Clients
) -> None:
    use_files(monkeypatch, tmp_path, "[default]\nregion = eu-north-1\n[profile work]\nregion = eu-south-1\n")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}
    expected = [
        ((None,), (), files, ScopeName(None, "eu-north-1")),
        (("work",), (), files, ScopeName("work", "eu-south-1")),
        ((), (), files | {"AWS_PROFILE": "work"}, ScopeName(None, "eu-south-1")),
        (("work",), (), files | {"AWS_DEFAULT_REGION": "eu-west-2"}, ScopeName("work", "eu-west-2")),
        (("work",), (), files | both, ScopeName("work", "eu-west-1")),
        (("work",), ("us-east-1",), files | both, ScopeName("work", "us-east-1")),
    ]
    for profiles, regions, environment, name in expected:
        assert await list_scope_names(clients, RequestedScopes(profiles, regions, environment)) == (name,)


async def test_every_profile_is_looked_at_in_every_region_once(clients: Clients) -> None:
    asked = RequestedScopes(("a", "b", "a"), ("eu-west-1", "eu-west-2"), {})
    assert await list_scope_names(clients, asked) == tuple(
        ScopeName(profile, region) for profile in ("a", "b") for region in ("eu-west-1", "eu-west-2")
    )


async def test_a_profile_may_have_regions_of_its_own(clients: Clients) -> None:
    asked = RequestedScopes(("a", "b", "c"), ("eu-west-1",), HERE, regions_of={"b": ("eu-west-2",), "c": ()})
    assert await list_scope_names(clients, asked) == (
        ScopeName("a", "eu-west-1"),
        ScopeName("b", "eu-west-2"),
        ScopeName("c", HERE["AWS_REGION"]),
    )


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("[profile a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n", ScopeProblem.NO_REGION),
        ("[profile a]\n", ScopeProblem.NO_CREDENTIALS),
        ("[profile b]\n", ScopeProblem.UNKNOWN_PROFILE),
    ],
)
async def test_without_a_region_a_profile_that_is_unknown_or_has_no_credentials_is_reported_first(
    config: str, problem: ScopeProblem, clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config"
    file.write_text(config, encoding="utf-8")
    for name, value in (
        ("AWS_CONFIG_FILE", str(file)),
        ("AWS_SHARED_CREDENTIALS_FILE", os.devnull),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    (error,) = await list_scope_names(clients, RequestedScopes(("a",), (), {"AWS_CONFIG_FILE": str(file)}))
    assert isinstance(error, ScopeError)
    assert (error.name, error.problem) == (ScopeName("a", ""), problem)


@pytest.mark.parametrize(
    ("profile", "regions", "others", "asked_at"),
    [
        (None, ("all",), OtherAccounts(), "us-east-1"),
        (None, ("all", "eu-west-3"), OtherAccounts(), "eu-west-3"),
        (None, ("eu-*",), OtherAccounts(), "us-east-1"),
        (None, ("cn-*",), OtherAccounts(), "cn-northwest-1"),
        (None, ("us-gov-*",), OtherAccounts(), "us-gov-west-1"),
        (None, ("all",), OtherAccounts(roles=(f"arn:aws-cn:iam::{SHOP}:role/Audit",)), "cn-northwest-1"),
        ("gov", ("all",), OtherAccounts(), "us-gov-west-1"),
        (None, ("all",), OtherAccounts(organization="Audit"), "us-east-1"),
    ],
)
async def test_if_no_region_is_set_the_partitions_default_is_asked_which_there_are(
    profile: str | None,
    regions: tuple[str, ...],
    others: OtherAccounts,
    asked_at: str,
    clients: Clients,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    use_files(monkeypatch, tmp_path, f"[profile gov]\nrole_arn = arn:aws-us-gov:iam::{OWN}:role/Audit\n")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "none"}
    opened: list[str] = []

    async def fails(_clients: Clients, name: ScopeName) -> ScopeError:
        opened.append(name.region)
        return ScopeError(name, ScopeProblem.UNREACHABLE, "", "")

    monkeypatch.setattr("ssmtui.evidence.aws.scopes.open_scope", fails)
    await list_scope_names(clients, RequestedScopes((profile,), regions, files, others))
    assert opened == [asked_at]


async def test_all_regions_are_those_enabled_for_the_account(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    stub.answer("DescribeRegions", enabled("eu-west-3", "eu-central-1"))
    assert await list_scope_names(clients, RequestedScopes((), ("all",), HERE)) == (
        ScopeName(None, "eu-central-1"),
        PARIS,
    )


async def test_where_regions_may_not_be_listed_the_error_says_so(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity("arn:aws:iam::123456789012:user/alex"))
    refusal = (
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
    )
    stub.answer("DescribeRegions", refusal.encode(), 403)
    (error,) = await list_scope_names(clients, RequestedScopes((), ("all",), HERE))
    assert isinstance(error, ScopeError)
    assert (error.problem, error.action) == (ScopeProblem.REFUSED, "ec2:DescribeRegions")


async def test_roles_take_the_place_of_the_profiles_own_account(clients: Clients) -> None:
    asked = RequestedScopes(("a", "b"), ("eu-west-1",), {}, OtherAccounts((role(SHOP), role(LABS), role(SHOP))))
    assert await list_scope_names(clients, asked) == tuple(
        ScopeName(profile, "eu-west-1", taken) for profile in ("a", "b") for taken in (role(SHOP), role(LABS))
    )


async def test_an_organizations_accounts_are_those_that_are_active_and_ones_own_takes_no_role(
    stub: StubServer, clients: Clients
) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    first = [account(SHOP), account(OWN, State="ACTIVE", Status="ACTIVE"), account("444444444444", State="SUSPENDED")]
    stub.answer("ListAccounts", {"Accounts": first, "NextToken": "more"})
    last = [account(LABS, Status="ACTIVE"), account("555555555555", State="PENDING_CLOSURE", Status="ACTIVE")]
    stub.answer("ListAccounts", {"Accounts": last})
    asked = RequestedScopes((None,), ("eu-west-3", "eu-west-1"), HERE, OtherAccounts(organization="ops/Audit"))
    assert await list_scope_names(clients, asked) == tuple(
        ScopeName(None, region, of)
        for of in (None, role(SHOP, "ops/Audit"), role(LABS, "ops/Audit"))
        for region in ("eu-west-3", "eu-west-1")
    )


async def test_accounts_that_are_named_are_not_asked_for(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    asked = RequestedScopes((), (), HERE, OtherAccounts(organization="Audit", accounts=(LABS, OWN)))
    assert await list_scope_names(clients, asked) == (ScopeName(None, "eu-west-3", role(LABS)), PARIS)
    assert stub.asked["ListAccounts"] == 0


async def test_an_organization_that_tells_nothing_is_in_error_and_ones_own_account_is_looked_at(
    stub: StubServer, clients: Clients
) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    said = "You don't have permissions to access this resource."
    stub.error("ListAccounts", "AccessDeniedException", said)
    error, own = await list_scope_names(clients, RequestedScopes((), (), HERE, OtherAccounts(organization="Audit")))
    assert own == PARIS
    assert isinstance(error, ScopeError)
    assert (error.name, error.problem) == (ScopeName(None, "eu-west-3", role("*")), ScopeProblem.REFUSED)
    assert error.action == "organizations:ListAccounts"
    assert said.rstrip(".") in error.message
    assert "delegated administrator" in error.advice
    assert "--account" in error.advice


async def test_whoever_cannot_be_asked_for_the_organization_is_one_error(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", an_error("ExpiredToken"), 400)
    (error,) = await list_scope_names(clients, RequestedScopes((), (), HERE, OtherAccounts(organization="Audit")))
    assert isinstance(error, ScopeError)
    assert (error.name, error.problem) == (PARIS, ScopeProblem.EXPIRED_CREDENTIALS)


async def test_a_pattern_is_every_enabled_region_of_its_form(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    stub.answer("DescribeRegions", enabled("us-east-1", "eu-west-3", "eu-central-1"))
    asked = RequestedScopes((), ("eu-*", "eu-west-3", "ap-south-1"), HERE)
    found = await list_scope_names(clients, asked)
    assert found == (ScopeName(None, "eu-central-1"), PARIS, ScopeName(None, "ap-south-1"))


async def test_a_pattern_that_no_region_is_of_names_the_near_ones(stub: StubServer, clients: Clients) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    stub.answer("DescribeRegions", enabled("us-east-1", "eu-west-3", "eu-central-1"))
    error, there = await list_scope_names(clients, RequestedScopes((), ("eu-wst*", "us-east-1"), HERE))
    assert there == ScopeName(None, "us-east-1")
    assert isinstance(error, ScopeError)
    assert (error.name.region, error.problem) == ("eu-wst*", ScopeProblem.NO_REGION)
    assert "eu-west-3" in error.advice


async def test_each_account_is_asked_for_its_own_regions_and_who_answers_first_comes_first(
    stub: StubServer, clients: Clients
) -> None:
    stub.answer("GetCallerIdentity", identity(f"arn:aws:iam::{OWN}:user/alex"))
    stub.answer("AssumeRole", taken("ASIAROLE"))
    stub.answer("DescribeRegions", HANG)
    stub.answer("DescribeRegions", enabled("eu-west-3"))
    asked = RequestedScopes((), ("all",), HERE, OtherAccounts((role(SHOP), role(LABS))))
    telling = discover_scopes(clients, asked)
    (first,) = await anext(telling)
    assert isinstance(first, ScopeName)
    assert first.region == "eu-west-3"
    await telling.aclose()


REGIONS = ("eu-west-1", "eu-west-3", "us-east-1")
PLACES = st.lists(st.sampled_from(REGIONS), max_size=4)
PROFILES = st.lists(st.sampled_from(("a", "b", "c")), max_size=3)
ROLES = st.lists(st.sampled_from((role(SHOP), role(LABS), role(OWN, "Other"))), max_size=4)


async def names_of(profiles: Iterable[str], roles: Iterable[str], regions: Iterable[str]) -> tuple[Any, ...]:
    clients = Clients()
    try:
        asked = RequestedScopes(tuple(profiles), tuple(regions), HERE, OtherAccounts(tuple(roles)))
        return await list_scope_names(clients, asked)
    finally:
        await clients.close()


@given(PROFILES, ROLES, PLACES)
async def test_scopes_are_profiles_by_roles_by_regions_each_once(
    profiles: list[str], roles: list[str], regions: list[str]
) -> None:
    found = await names_of(profiles, roles, regions)
    product = {
        ScopeName(profile, region, of)
        for profile in (*profiles,) or (None,)
        for of in (*roles,) or (None,)
        for region in regions or ["eu-west-3"]
    }
    assert set(found) == product
    assert len(found) == len(product)
