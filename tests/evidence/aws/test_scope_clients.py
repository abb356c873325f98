"""The SDK behind `Aws`: only reads, in time, and patient."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import ssmtui
from ssmtui.evidence.aws import allowed_reads, sdk
from ssmtui.evidence.aws.allowed_reads import NotAReadOperation
from ssmtui.evidence.aws.clients import Clients, ClientSettings, RetryPolicy, ScopeClient
from ssmtui.evidence.aws.limits import MAX_SIMULATIONS
from ssmtui.evidence.aws.reader_api import AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.aws.sdk import Timeouts, invoke
from ssmtui.model.fact import ReadFailure
from ssmtui.model.scope import ScopeName
from tests.evidence.clock import FakeClock
from tests.evidence.stub_server import HANG, StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")

NAME = ScopeName(None, "eu-west-3")


@pytest.fixture(autouse=True)
def no_pacing_by_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own rate limiter waits by the clock on the wall; ours is what is looked at here."""

    async def at_once(self: object, **_: object) -> bool:
        return True

    monkeypatch.setattr("aiobotocore.retries.bucket.AsyncTokenBucket.acquire", at_once)


STATUS = {"Target": "i-1", "Status": "connected"}


@asynccontextmanager
async def scope_clients(
    stub: StubServer, *, attempts: int = 1, deadline: float = 30.0, clock: FakeClock | None = None
) -> AsyncIterator[tuple[Clients, ScopeClient]]:
    clock = clock or FakeClock()
    settings = ClientSettings(
        endpoint_url=stub.endpoint_url,
        deadline=deadline,
        timeouts=Timeouts(attempts=attempts),
        retry_policy=RetryPolicy(first=1, longest=4, total=20),
    )
    clients = Clients(settings, clock=clock, sleep=clock.sleep)
    try:
        yield clients, clients.scope(NAME)
    finally:
        await clients.close()


async def status_of(aws: ScopeClient) -> object:
    return (await aws.call("ssm", "GetConnectionStatus", Target="i-1")).text("Status")


async def test_a_read_answers_and_is_counted() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("GetConnectionStatus", STATUS)
        assert [await status_of(aws), await status_of(aws)] == ["connected", "connected"]
        assert aws.calls == {"ssm:GetConnectionStatus": 2}
        assert not aws.throttled
        assert all(f"ssmtui/{ssmtui.__version__}" in agent for agent in stub.agents)


async def test_what_is_not_a_read_is_refused_before_anything_is_sent() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        with pytest.raises(NotAReadOperation, match="ssm:UpdateDocument"):
            await aws.call("ssm", "UpdateDocument", Name="x", Content="{}")
        assert stub.asked == {}


async def test_a_write_is_refused_below_the_call_site_too() -> None:
    async with stub_server() as stub, scope_clients(stub) as (clients, _):
        client = await clients.open_client(ScopeName(None, "eu-west-3"), "ssm")
        with pytest.raises(NotAReadOperation, match="ssm:UpdateDocument"):
            await invoke(client, "UpdateDocument", {"Name": "x", "Content": "{}"})
        with pytest.raises(NotAReadOperation, match="ssm:StartSession"):
            await client.start_session(Target="i-1")
        assert stub.asked == {}


async def test_an_answer_that_gives_a_secret_away_is_refused_below_the_call_site_whoever_declares_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(allowed_reads._DECLARED, ("ssm", "GetParameter"), "ssm:GetParameter")
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        with pytest.raises(NotAReadOperation, match="ssm:GetParameter"):
            await aws.call("ssm", "GetParameter", Name="password", WithDecryption=True)
        assert stub.asked == {}


async def test_pages_follow_their_tokens_to_the_end() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": [{"InstanceId": "i-1"}], "NextToken": "x"})
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": []})
        pages = [page async for page in aws.pages("ssm", "DescribeInstanceProperties", MaxResults=5)]
        assert [len(page.parts("InstanceProperties")) for page in pages] == [1, 0]


async def test_pages_go_on_though_connections_are_let_go_of_between_two_of_them() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": [], "NextToken": "x"})
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": []})
        pages = aws.pages("ssm", "DescribeInstanceProperties")
        first = asyncio.ensure_future(anext(pages))
        while not stub.in_flight:  # noqa: ASYNC110 - the server is of this very loop
            await asyncio.sleep(0)
        await aws.let_go()
        assert (await first).optional_text("NextToken") == "x"
        assert len([page async for page in pages]) == 1


async def test_a_token_that_leads_in_a_circle_is_no_endless_listing() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": [], "NextToken": "again"})
        with pytest.raises(MalformedAnswer):
            _ = [page async for page in aws.pages("ssm", "DescribeInstanceProperties")]
        assert stub.asked["DescribeInstanceProperties"] == 2


async def test_tokens_that_come_back_later_end_a_listing_too() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        for token in ("first", "second", "first"):
            stub.answer("DescribeInstanceProperties", {"InstanceProperties": [], "NextToken": token})
        with pytest.raises(MalformedAnswer, match="ssm:DescribeInstanceProperties: the pagination does not end"):
            _ = [page async for page in aws.pages("ssm", "DescribeInstanceProperties")]
        assert stub.asked["DescribeInstanceProperties"] == 3


async def test_tokens_that_are_always_new_end_a_listing_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssmtui.evidence.aws.clients.MAX_PAGES", 5)
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        for token in range(10):
            stub.answer("DescribeInstanceProperties", {"InstanceProperties": [], "NextToken": str(token)})
        with pytest.raises(MalformedAnswer, match="ssm:DescribeInstanceProperties: the pagination does not end"):
            _ = [page async for page in aws.pages("ssm", "DescribeInstanceProperties")]
        assert stub.asked["DescribeInstanceProperties"] == 6


async def test_a_token_that_is_too_long_to_be_one_is_not_sent_again() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("DescribeInstanceProperties", {"InstanceProperties": [], "NextToken": "x" * 3_000_000})
        with pytest.raises(MalformedAnswer, match="NextToken is too long"):
            _ = [page async for page in aws.pages("ssm", "DescribeInstanceProperties")]
        assert stub.asked["DescribeInstanceProperties"] == 1


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "GetRole", {"RoleName": "a\ud800"}),
        ("ec2", "DescribeSubnets", {"SubnetIds": ["subnet-1", "\udfff"]}),
        ("ssm", "DescribeInstanceProperties", {"FiltersWithOperator": [{"Key": "x", "Values": ["\udc80"]}]}),
    ],
)
async def test_half_a_character_is_no_name_to_ask_for(
    service: str, operation: str, parameters: dict[str, object]
) -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        with pytest.raises(ReadFailed, match=f"{service}:{operation}.* contains an invalid character") as failed:
            await aws.call(service, operation, **parameters)
        assert (failed.value.unreadable.obstacle, stub.asked) == (ReadFailure.FAILED, {})


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<DescribeSubnetsResponse><subnetSet><item><subnetId>&c;</subnetId></item></subnetSet></DescribeSubnetsResponse>"""


@pytest.mark.parametrize("before", ["", "\ufeff", '<?xml version="1.0"?>\n<!-- x -->'])
async def test_an_answer_that_declares_entities_is_malformed(before: str) -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("DescribeSubnets", (before + BOMB).encode())
        with pytest.raises(ReadFailed) as failed:
            await aws.call("ec2", "DescribeSubnets")
        assert failed.value.unreadable.obstacle is ReadFailure.MALFORMED


@pytest.mark.parametrize(
    ("code", "status", "obstacle", "action"),
    [
        ("AccessDeniedException", 400, ReadFailure.REFUSED, "ssm:GetConnectionStatus"),
        ("ExpiredTokenException", 400, ReadFailure.EXPIRED, ""),
        ("InternalServerError", 500, ReadFailure.FAILED, ""),
    ],
)
async def test_a_read_that_fails_says_what_stood_in_its_way(
    code: str, status: int, obstacle: ReadFailure, action: str
) -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.error("GetConnectionStatus", code, status=status)
        with pytest.raises(ReadFailed) as caught:
            await status_of(aws)
        assert (caught.value.unreadable.obstacle, caught.value.unreadable.action) == (obstacle, action)


async def test_an_answer_about_the_thing_is_an_aws_error() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.error("DescribeDocument", "InvalidDocument", "it does not exist")
        with pytest.raises(AwsError) as caught:
            await aws.call("ssm", "DescribeDocument", Name="SSM-SessionManagerRunShell")
        assert caught.value.code == "InvalidDocument"


async def test_a_parameter_that_aws_could_never_accept_is_an_answer_about_the_thing() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        with pytest.raises(AwsError) as caught:
            await aws.call("s3", "HeadBucket", Bucket="no bucket can be called this")
        assert caught.value.code == "InvalidParameter"


async def test_garbage_where_xml_belongs_is_malformed() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("GetRole", b"<Response>what?")
        with pytest.raises(ReadFailed) as caught:
            await aws.call("iam", "GetRole", RoleName="web")
        assert caught.value.unreadable.obstacle is ReadFailure.MALFORMED


ROLE = b"<GetRoleResponse><GetRoleResult><Role><RoleName>web</RoleName>%s</Role></GetRoleResult></GetRoleResponse>"


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("ssm", "DescribeInstanceProperties", b"[]"),
        ("ssm", "DescribeInstanceProperties", b"7"),
        ("ssm", "DescribeInstanceProperties", b'"x"'),
        ("ssm", "DescribeInstanceProperties", b'{"InstanceProperties": {"InstanceId": "i-1"}}'),
        ("ssm", "DescribeInstanceProperties", b'{"InstanceProperties": [7]}'),
        ("ssm", "DescribeInstanceProperties", b'{"InstanceProperties": [{"LastPingDateTime": "yesterday"}]}'),
        ("ssm", "DescribeInstanceProperties", b'{"InstanceProperties": [{"LastPingDateTime": [1]}]}'),
        ("ssm", "DescribeInstanceProperties", b'{"InstanceProperties": [{"LastPingDateTime": 1e300}]}'),
        ("iam", "GetRole", ROLE % b"<CreateDate>yesterday</CreateDate>"),
        ("iam", "GetRole", ROLE % b"<MaxSessionDuration>long</MaxSessionDuration>"),
        ("iam", "GetRole", ROLE % b"<MaxSessionDuration>1<b/></MaxSessionDuration>"),
        ("ec2", "GetConsoleOutput", b"<GetConsoleOutputResponse><output>x</output></GetConsoleOutputResponse>"),
    ],
)
async def test_what_the_sdk_cannot_take_apart_is_malformed_and_no_defect(
    service: str, operation: str, body: bytes
) -> None:
    asked: dict[str, dict[str, object]] = {
        "GetRole": {"RoleName": "web"},
        "GetConsoleOutput": {"InstanceId": "i-0123456789abcdef0"},
    }
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer(operation, body)
        with pytest.raises((ReadFailed, MalformedAnswer)) as caught:
            (await aws.call(service, operation, **asked.get(operation, {}))).parts("InstanceProperties")
        failed = caught.value
        assert isinstance(failed, ReadFailed | MalformedAnswer)
        assert failed.unreadable.obstacle is ReadFailure.MALFORMED
        assert failed.unreadable.source == f"{service}:{operation}"


async def test_throttling_slows_down_and_fails_nothing() -> None:
    clock = FakeClock()
    async with stub_server() as stub, scope_clients(stub, clock=clock) as (_, aws):
        for _ in range(4):
            stub.error("GetConnectionStatus", "ThrottlingException", "Rate exceeded")
        stub.answer("GetConnectionStatus", STATUS)
        assert await status_of(aws) == "connected"
        assert aws.throttled
        assert aws.calls["ssm:GetConnectionStatus"] == 5
        pauses = [each for each in clock.slept if each > 0.5]
        for pause, expected in zip(pauses, (1, 2, 4, 4), strict=True):
            assert expected * 0.75 <= pause <= expected * 1.25
        clock.now += 60
        assert not aws.throttled


async def test_a_failure_that_comes_after_throttling_is_tried_again() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.error("GetConnectionStatus", "ThrottlingException", "Rate exceeded")
        stub.error("GetConnectionStatus", "InternalServerError", "An internal error", 500)
        stub.answer("GetConnectionStatus", STATUS)
        assert await status_of(aws) == "connected"


async def test_what_fails_again_and_again_has_failed() -> None:
    async with stub_server() as stub, scope_clients(stub, clock=FakeClock()) as (_, aws):
        stub.error("GetConnectionStatus", "ThrottlingException", "Rate exceeded")
        stub.error("GetConnectionStatus", "InternalServerError", "An internal error", 500)
        with pytest.raises(ReadFailed) as caught:
            await status_of(aws)
        assert caught.value.unreadable.obstacle is ReadFailure.FAILED
        assert aws.calls["ssm:GetConnectionStatus"] == 7


async def test_patience_has_an_end_that_says_what_it_was() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.error("GetConnectionStatus", "ThrottlingException", "Rate exceeded")
        with pytest.raises(ReadFailed) as caught:
            await status_of(aws)
        assert caught.value.unreadable.obstacle is ReadFailure.THROTTLED


async def test_a_read_without_an_answer_ends_at_its_deadline() -> None:
    async with stub_server() as stub, scope_clients(stub, deadline=0.05) as (_, aws):
        stub.answer("GetConnectionStatus", HANG)
        with pytest.raises(ReadFailed) as caught:
            await status_of(aws)
        assert caught.value.unreadable.obstacle is ReadFailure.TIMED_OUT


async def test_nobody_there_is_unreachable() -> None:
    async with stub_server() as stub:
        pass
    async with scope_clients(stub) as (_, aws):
        with pytest.raises(ReadFailed) as caught:
            await status_of(aws)
        assert caught.value.unreadable.obstacle is ReadFailure.UNREACHABLE


async def test_few_simulations_go_out_together_and_many_other_reads() -> None:
    body = b"<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults/>"
    body += b"</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    many = 4 * MAX_SIMULATIONS
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("SimulatePrincipalPolicy", body)
        asking = {"PolicySourceArn": "arn:aws:iam::123456789012:role/web", "ActionNames": ["kms:Decrypt"]}
        await asyncio.gather(*(aws.call("iam", "SimulatePrincipalPolicy", **asking) for _ in range(many)))
        assert stub.most_in_flight <= MAX_SIMULATIONS
        stub.answer("DescribeKey", {"KeyMetadata": {"KeyId": "x"}})
        await asyncio.gather(*(aws.call("kms", "DescribeKey", KeyId="x") for _ in range(many)))
        assert stub.most_in_flight > MAX_SIMULATIONS


async def test_the_limits_are_told_of_every_request_that_aws_throttles(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server() as stub, scope_clients(stub) as (clients, aws):
        slowed: list[tuple[str, ...]] = []
        monkeypatch.setattr(clients.limits, "slow_down", lambda *of: slowed.append(of))
        stub.error("GetConnectionStatus", "ThrottlingException", "Rate exceeded")
        stub.answer("GetConnectionStatus", STATUS)
        await status_of(aws)
    assert set(slowed) == {(aws.account, "ssm", "GetConnectionStatus")}


async def test_the_endpoint_may_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server() as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", stub.endpoint_url)
        clients = Clients()
        stub.answer("GetConnectionStatus", STATUS)
        try:
            assert await status_of(clients.scope(NAME)) == "connected"
        finally:
            await clients.close()


async def test_the_first_asker_for_a_client_may_give_up_and_the_second_gets_it() -> None:
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        stub.answer("GetConnectionStatus", STATUS)
        first, second = (asyncio.ensure_future(status_of(aws)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == "connected"


async def test_a_request_that_a_library_gives_up_though_nobody_wanted_that_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def given_up(*_: object) -> object:
        raise asyncio.CancelledError

    monkeypatch.setattr(sdk, "invoke", given_up)
    async with stub_server() as stub, scope_clients(stub) as (_, aws):
        with pytest.raises(ReadFailed) as failed:
            await status_of(aws)
        assert failed.value.unreadable.obstacle is ReadFailure.FAILED
        assert failed.value.unreadable.why == "ssm:GetConnectionStatus: the request was interrupted"
