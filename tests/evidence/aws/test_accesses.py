"""What could be looked at besides, and in which Regions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.scopes import OpenScope, list_accesses, open_scope
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.scope import Scope, ScopeName
from tests.evidence.aws.test_scopes import an_error, identity
from tests.evidence.stub_server import StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

ALEX = "arn:aws:iam::123456789012:user/alex"
PARIS = ScopeName(None, "eu-west-3")
FILES = """\
[default]
region = eu-west-3
[profile prod]
region = us-east-1
sso_account_id = 210987654321
[profile china]
region = cn-north-1
"""
REGIONS = b"""<DescribeRegionsResponse><regionInfo>
<item><regionName>eu-west-3</regionName></item><item><regionName>af-south-1</regionName></item>
</regionInfo></DescribeRegionsResponse>"""


@pytest.fixture
async def stub() -> AsyncIterator[StubServer]:
    async with stub_server() as served:
        served.answer("GetCallerIdentity", identity(ALEX))
        yield served


@pytest.fixture
async def clients(stub: StubServer) -> AsyncIterator[Clients]:
    made = Clients(ClientSettings(endpoint_url=stub.endpoint_url, timeouts=Timeouts(attempts=1)))
    yield made
    await made.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "config"
    file.write_text(FILES)
    return {"AWS_CONFIG_FILE": str(file), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}


async def opened(clients: Clients) -> Scope:
    scope = await open_scope(clients, PARIS)
    assert isinstance(scope, OpenScope)
    return scope.scope


async def test_the_regions_of_an_account_that_is_looked_at_are_those_that_aws_lists(
    stub: StubServer, clients: Clients, environment: dict[str, str]
) -> None:
    stub.answer("DescribeRegions", REGIONS)
    own, *others = await list_accesses(clients, [await opened(clients)], [], environment)
    assert (own.profile, own.account, own.home, own.regions) == (
        None,
        "123456789012",
        "eu-west-3",
        ("af-south-1", "eu-west-3"),
    )
    assert own.scopes == (ScopeName(None, "af-south-1"), PARIS)
    assert [(each.profile, each.account, each.home) for each in others] == [
        ("china", "", "cn-north-1"),
        ("prod", "210987654321", "us-east-1"),
    ]


async def test_where_that_is_refused_they_are_those_of_the_partition(
    stub: StubServer, clients: Clients, environment: dict[str, str]
) -> None:
    stub.answer("DescribeRegions", an_error("UnauthorizedOperation"), 403)
    own, china, prod = await list_accesses(clients, [await opened(clients)], [], environment)
    assert {"eu-west-3", "us-east-1", "af-south-1"} <= set(own.regions)
    assert own.regions == prod.regions
    assert set(china.regions) == {"cn-north-1", "cn-northwest-1"}


async def test_nobody_is_asked_for_credentials_for_it(
    stub: StubServer, clients: Clients, environment: dict[str, str]
) -> None:
    role = ScopeName("prod", "eu-west-3", "arn:aws:iam::345678901234:role/Audit")
    told = await list_accesses(clients, [], [ScopeName("prod", "eu-west-3"), role], environment)
    assert [(each.profile, each.role) for each in told] == [
        ("prod", None),
        ("prod", role.role),
        ("china", None),
        ("default", None),
    ]
    assert stub.asked == {}
