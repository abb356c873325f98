"""How big an answer may be: a larger one is not read to its end, so that nobody can fill the memory by answering."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from ssmtui.evidence.wire.redirects import SESSION_FOR

MOST: Final = 40 * 2**20
"""Bytes. A page of a thousand instances with all the tags that there may be has some twenty million."""


class AnswerTooBig(Exception):
    """An answer that is larger than any that AWS gives, and so was left unread."""


class Unread(bytes):
    """What stands for the content of an answer that is too big: the SDK asks again whatever fails while it reads."""


_UNREAD = Unread(b"too big")
_PIECE = 2**20


def with_bounded_answers(sender: Any) -> Any:
    """A sender of requests (`AIOHTTPSession`) that reads no answer larger than `MOST`; it is changed itself."""
    session_for: Callable[[str | None], Coroutine[Any, Any, Any]] = getattr(sender, SESSION_FOR)

    async def bounding(proxy_url: str | None) -> _Bounding:
        return _Bounding(await session_for(proxy_url))

    setattr(sender, SESSION_FOR, bounding)
    return sender


class _Bounding:
    """An HTTP session as far as the sender uses it."""

    __slots__ = ("_session",)

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **how: Any) -> Any:
        return _Bounded(await self._session.request(method, **how))


class _Bounded:
    """A response as far as the sender and the SDK use it."""

    __slots__ = ("_content", "_response")

    def __init__(self, response: Any) -> None:
        self._response = response
        self._content: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    async def read(self) -> bytes:
        if self._content is None:
            self._content = await self._read()
        return self._content

    async def _read(self) -> bytes:
        length: int | None = self._response.content_length
        if length is not None and length <= MOST:
            content: bytes = await self._response.read()
            return content
        pieces: list[bytes] = []
        left = -1 if length is not None else MOST
        while left >= 0:
            piece: bytes = await self._response.content.read(_PIECE)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            left -= len(piece)
        self._response.close()
        return _UNREAD
