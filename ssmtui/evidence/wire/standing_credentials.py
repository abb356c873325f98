"""Credentials that others can take the place of while clients sign with them: AWS may stop taking those of a login."""

from __future__ import annotations

from typing import Any


class StrangeCredentials(Exception):
    """Credentials that no request can be signed with. Says nothing of them."""


def standing(credentials: Any) -> Any:
    """What clients are to sign with: the credentials, until `stand_in` gives others."""
    from aiobotocore.credentials import AioCredentials

    class Standing(AioCredentials):  # type: ignore[misc] # the SDK has no types
        def __init__(self) -> None:
            super().__init__("standing", "standing", method=credentials.method)
            self.behind = credentials
            self.given: Any = None

        async def get_frozen_credentials(self) -> Any:
            self.given = _plain(await self.behind.get_frozen_credentials())
            return self.given

    return Standing()


async def stand_in(place: Any, fresh: Any) -> bool:
    """Sign with other credentials from now on; whether they are others than were signed with until now."""
    before = place.given
    now = await fresh.get_frozen_credentials()
    place.behind, place.method, place.given = fresh.behind, fresh.method, now
    return bool(before != now)


def _plain(frozen: Any) -> Any:
    """The credentials, which go into headers as they are. Raises StrangeCredentials."""
    for each in (frozen.access_key, frozen.secret_key, frozen.token or "-"):
        if not (isinstance(each, str) and each and each.isascii() and each.isprintable()):
            raise StrangeCredentials
    return frozen
