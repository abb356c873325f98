"""What a test runs on a terminal: the desk, holding a session without the plugin whose other side the test has.

Arguments: the stream URL, the file that terminated sessions are written to, the ledger's folder.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey
from ssmtui.session.opener import Opener
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.session_service import AwsSessionService, backends
from ssmtui.session.terminal import write_if_room
from tests.session.data_channel.far_side import REQUEST, SESSION, FakeCalls


@dataclass
class Calls(FakeCalls):
    """Gives the session that the test has made, and writes down whether it is terminated."""

    url: str = ""
    ended: Path = Path()

    def start(self, request: SessionRequest) -> OpenedSession:
        return OpenedSession(SESSION, self.url, "canary-token", endpoint=self.url)

    def resume(self, session_id: str) -> OpenedSession:
        return replace(self.start(REQUEST), token="canary-token-2")

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        if key_id == "alias/defect":
            raise ZeroDivisionError
        return super().data_key(key_id, context)

    def terminate(self, session_id: str) -> None:
        with self.ended.open("a", encoding="utf-8") as file:
            file.write(f"{session_id}\n")


def main() -> None:
    """Hold, and tell how it ended."""
    url, ended, registry = sys.argv[1:4]
    calls = Calls(url=url, ended=Path(ended))
    desk = AwsSessionService(Opener(SessionRegistry(Path(registry)), lambda _: calls, None), backends())
    try:
        told = desk.hold(REQUEST, desk.start(REQUEST).result(), builtin=True)
        write_if_room(2, f"told: {told.text!r} over={told.over}\n".encode())
    finally:
        desk.close()
    sys.exit(told.exit_code)


if __name__ == "__main__":
    main()
