"""What is told of a client's requests while it sends them: for counts, for patience, and for the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def watch(
    client: Any, *, sent: Callable[[str], None], failed: Callable[[str, str], None], dated: Callable[[str, str], None]
) -> None:
    """Tell of every request that a client sends, by operation, and of the code of every error that one received.

    `dated` hears the operation of every answer, and when AWS says that it gave it (the header `Date`).
    """

    def tell_sent(operation_name: str, **_: object) -> None:
        sent(operation_name)

    def tell_answered(
        parsed_response: dict[str, Any] | None = None, response_dict: dict[str, Any] | None = None, **heard: object
    ) -> None:
        operation = str(heard.get("event_name", "")).rpartition(".")[2]
        code = (parsed_response or {}).get("Error", {}).get("Code")
        if code is not None:
            failed(operation, str(code))
        date = (response_dict or {}).get("headers", {}).get("date")
        if date is not None:
            dated(operation, str(date))

    client.meta.events.register("request-created", tell_sent)
    client.meta.events.register("response-received", tell_answered)
