"""Check TLS: no data goes to a server with an untrusted certificate, unless AWS_CA_BUNDLE trusts it."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope import ScopeName, SharedCredentials
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.write_operation import ChangeFailedError, OutcomeUnknownError
from ssmtui.session.calls import SessionProblem
from ssmtui.session.client import SessionClient
from ssmtui.session.data_channel.stream_url import StreamUrl
from ssmtui.session.data_channel.websocket import ConnectError, open_socket
from ssmtui.simulator.gateway.tls_proxy import Authority
from tools.trust.secrets.runs import KEYS, TOKEN, Looked

_PACKAGE = Path(__file__).parents[3] / "ssmtui"
_OFF = re.compile(
    r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified|ssl\s*=\s*False|no.verify"
)
_REGION = "eu-west-3"
_LENT = SharedCredentials(*KEYS.values())


def look_at_encryption(folder: Path) -> Looked:
    """Call a server with an untrusted certificate, then with the user's bundle; and check the source."""
    looked = Looked()
    all_reads()
    for file in sorted(_PACKAGE.rglob("*.py")):
        looked.looked["source file"] += 1
        if (found := _OFF.search(file.read_text(encoding="utf-8"))) is not None:
            looked.lost.append(f"{file.relative_to(_PACKAGE)} says {found[0]}")
    authority = Authority(folder)
    bundle = folder / "trusted.pem"
    bundle.write_bytes(authority.certificate)
    for name, ask in _ASKING.items():
        for trusted in (False, True):
            with _server(authority.context_for("localhost")) as (url, heard), pytest.MonkeyPatch.context() as patch:
                _keys_alone(patch)
                if trusted:
                    patch.setenv("AWS_CA_BUNDLE", str(bundle))
                looked.looked["TLS connection"] += 1
                _told_nothing(ask, url)
                if bool(heard) is not trusted:
                    looked.lost.append(
                        f"{name} was {'not ' if trusted else ''}sent to a server, vouched for: {trusted}"
                    )
    return looked


def _by_reader(url: str) -> None:
    async def read() -> None:
        clients = Clients(ClientSettings(url, timeouts=sdk.Timeouts(2, 2, 1), deadline=5))
        try:
            await clients.scope(ScopeName(None, _REGION)).call("sts", "GetCallerIdentity")
        finally:
            await clients.close()

    asyncio.run(read())


def _by_writer(url: str) -> None:
    writer = Writer(ClientAccess(None, _REGION, url), lend=lambda _refused=None: _LENT)
    writer.write("ec2", "StopInstances", {"InstanceIds": ["i-1"]})


def _by_sessions(url: str) -> None:
    SessionClient(ClientAccess(None, _REGION, url), lambda _refused=None: _LENT).terminate("x")


def _by_channel(url: str) -> None:
    asked = StreamUrl(f"{url.replace('https', 'wss')}/v1/data-channel/s-1", "localhost", loopback=True)
    asyncio.run(open_socket(asked, {"Authorization": TOKEN}, within=5, closing_within=1))


_ASKING: dict[str, Callable[[str], None]] = {
    "a read": _by_reader,
    "a write": _by_writer,
    "a session": _by_sessions,
    "a data channel": _by_channel,
}


@contextmanager
def _server(context: ssl.SSLContext) -> Iterator[tuple[str, list[bytes]]]:
    """Yield a server that does not respond, and the data that it could read."""
    import socket

    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as spoken:
                    heard.append(spoken.recv(4096))
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}", heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _told_nothing(ask: Callable[[str], None], url: str) -> None:
    """Call a server that does not respond; how that is reported is not checked here."""
    with pytest.raises((ReadFailed, ChangeFailedError, OutcomeUnknownError, SessionProblem, ConnectError)):
        ask(url)


def _keys_alone(patch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_") or each.lower().endswith("_proxy")]:
        patch.delenv(name)
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    for name, value in {**KEYS, **files}.items():
        patch.setenv(name, value)
