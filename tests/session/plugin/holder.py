"""What a test runs on a terminal: `hold`, on an open session of nobody's, with the stand-in for the plugin.

Arguments: the plugin's path, the file that terminated sessions are written to, and StartSession's document, if any.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ssmtui.model.lending import LentCredentials
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.session_opening import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey, SessionCalls
from ssmtui.session.plugin.holding import PluginUse, hold
from ssmtui.session.plugin.invocation import Endpoint

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
OPENED = OpenedSession("jane-0123456789abcdef0", "wss://ssmmessages.eu-west-3.amazonaws.com/v1/x", TOKEN)


@dataclass(frozen=True, slots=True)
class Calls:
    """Writes down which sessions are terminated. Lends credentials, and can do nothing else."""

    ended: Path

    def start(self, request: SessionRequest) -> OpenedSession:
        raise NotImplementedError

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

    def credentials(self) -> LentCredentials:
        return LentCredentials("AKIALENT", SECRET, "session")


def main() -> None:
    """Hold, and tell how it ended."""
    plugin, ended, document = sys.argv[1:4]
    request = SessionRequest(SCOPE, "i-0123456789abcdef0", document=document or None)
    use = PluginUse(plugin, Endpoint("https://ssm.eu-west-3.amazonaws.com"))
    told = hold(request, OPENED, Calls(Path(ended)), use)
    sys.stderr.write(f"told: {told}\n")
    sys.exit(told.exit_code)


if __name__ == "__main__":
    main()
