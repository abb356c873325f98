"""How connections to AWS are encrypted: clients that trust the same certificates share one context."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Sequence
from pathlib import Path

import certifi
import pytest
from aiobotocore import httpsession
from botocore.exceptions import HTTPClientError

from ssmtui.evidence.aws import allowed_reads, sdk
from ssmtui.evidence.aws.http_session import Contexts, http_session
from tests.evidence.stub_server import StubServer, stub_server

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[ssl.SSLContext]:
    """The contexts that the SDK makes from now on."""
    contexts: list[ssl.SSLContext] = []
    make = httpsession.create_urllib3_context

    def kept() -> ssl.SSLContext:
        contexts.append(make())
        return contexts[-1]

    monkeypatch.setattr(httpsession, "create_urllib3_context", kept)
    monkeypatch.setattr("ssmtui.evidence.aws.http_session._CONTEXTS", Contexts())
    return contexts


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of certificates that the person trusts."""
    file = tmp_path / "certificates.pem"
    shutil.copy(certifi.where(), file)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
    return file


async def ask(stub: StubServer, services: Sequence[str]) -> None:
    session = sdk.Session(None, "eu-west-3", sdk.Terminal())
    await session.take_credentials()
    for service in services:
        async with session.client(service, "eu-west-3", stub.endpoint_url, sdk.Timeouts()) as client:
            operation = {"ssm": "ListDocuments", "kms": "ListAliases"}[service]
            stub.answer(operation, {})
            await sdk.invoke(client, operation, {})


def keep_one(certificates: Path) -> None:
    """Trust the first certificate of a file alone."""
    first, end, _ = certificates.read_text().partition("-----END CERTIFICATE-----\n")
    certificates.write_text(first + end)


def empty(certificates: Path) -> None:
    """Trust nobody."""
    certificates.write_text("")


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("ssm", "ListDocuments"), ("kms", "ListAliases"):
        monkeypatch.setitem(allowed_reads._DECLARED, each, ":".join(each))


@pytest.mark.usefixtures("certificates")
async def test_clients_of_all_services_and_sessions_share_a_context(made: list[ssl.SSLContext]) -> None:
    async with stub_server() as stub:
        await ask(stub, ["ssm", "kms"])
        await ask(stub, ["ssm"])
    (context,) = made
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs()


async def test_certificates_that_change_are_read_anew(made: list[ssl.SSLContext], certificates: Path) -> None:
    async with stub_server() as stub:
        await ask(stub, ["ssm"])
        keep_one(certificates)
        await ask(stub, ["ssm"])
    assert len(made) == 2
    assert len(made[1].get_ca_certs()) == 1


@pytest.mark.parametrize("own", [{"verify": False}, {"client_cert": certifi.where()}, {"proxies_config": {"x": "y"}}])
def test_what_is_one_clients_own_is_not_shared(own: dict[str, object]) -> None:
    plain = http_session(verify=True)
    assert "_build_verify_context" in vars(plain)
    assert "_build_verify_context" not in vars(http_session(**{"verify": True, **own}))


@pytest.mark.long
@pytest.mark.usefixtures("made")
async def test_certificates_that_are_none_are_told_each_time_by_the_sdk(certificates: Path) -> None:
    empty(certificates)
    async with stub_server() as stub:
        for _ in range(2):
            with pytest.raises(HTTPClientError, match="no certificate"):
                await ask(stub, ["ssm"])
