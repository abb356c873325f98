"""What a test runs on a terminal: the desk, holding a session that AWS knows nothing of.

Arguments: the file that terminated sessions are written to, the ledger's folder, StartSession's document, if any.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import Scope, ScopeName, SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey, SessionCalls
from ssmtui.session.opener import Opener
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.session_service import AwsSessionService, backends

TOKEN = "AAEAAcanary-of-a-token"
SECRET = "canary-of-a-secret"
SCOPE = Scope(
    name=ScopeName(None, "eu-west-3"),
    account="123456789012",
    region="eu-west-3",
    partition="aws",
    dns_suffix="amazonaws.com",
    caller="arn:aws:iam::123456789012:user/jane",
    principal="arn:aws:iam::123456789012:user/jane",
)
OPENED = OpenedSession(
    "jane-0123456789abcdef0",
    "wss://ssmmessages.eu-west-3.amazonaws.com/v1/x",
    TOKEN,
    "https://ssm.eu-west-3.amazonaws.com",
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Writes down which sessions are terminated. Lends credentials, and can do nothing else."""

    ended: Path

    def platform(self, node: str) -> PlatformFamily | None:
        raise NotImplementedError

    def start(self, request: SessionRequest) -> OpenedSession:
        return OPENED

    def resume(self, session_id: str) -> OpenedSession:
        raise NotImplementedError

    def terminate(self, session_id: str) -> None:
        with self.ended.open("a", encoding="utf-8") as file:
            file.write(f"{session_id}\n")

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        raise NotImplementedError

    def request_access(self, request: SessionRequest) -> str:
        raise NotImplementedError

    def with_access(self, access_request: str) -> SessionCalls | None:
        raise NotImplementedError

    def credentials(self) -> SharedCredentials:
        return SharedCredentials("AKIALENT", SECRET, "session")


def main() -> None:
    """Hold, and tell how it ended."""
    ended, registry, document = sys.argv[1:4]
    calls = Calls(Path(ended))
    desk = AwsSessionService(Opener(SessionRegistry(Path(registry)), lambda _: calls, None), backends())
    left = desk.end_leftovers(SCOPE).result()
    request = SessionRequest(SCOPE, "i-0123456789abcdef0", document=document or None)
    told = desk.hold(request, desk.start(request).result())
    sys.stderr.write(f"told: {told} {left}\n")
    desk.close()
    sys.exit(told.exit_code)


if __name__ == "__main__":
    main()
