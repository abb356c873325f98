"""Answers that send the asker elsewhere: never followed.

The SDK's HTTP client goes where a 3xx answer points, and takes the session's token there in a header. AWS answers so
for buckets of other Regions alone, which the SDK finds by itself and signs for anew.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

SESSION_FOR = "_get_session"
"""The step of aiobotocore's sender that gives what sends a request, by the proxy that it goes through."""


def without_redirects(sender: Any) -> Any:
    """A sender of requests (`AIOHTTPSession`) that gives every answer as it came; it is changed itself."""
    session_for: Callable[[str | None], Coroutine[Any, Any, Any]] = getattr(sender, SESSION_FOR)

    async def staying(proxy_url: str | None) -> _Staying:
        return _Staying(await session_for(proxy_url))

    setattr(sender, SESSION_FOR, staying)
    return sender


class _Staying:
    """An HTTP session as far as the sender uses it."""

    __slots__ = ("_session",)

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **how: Any) -> Any:
        return await self._session.request(method, **{**how, "allow_redirects": False})
