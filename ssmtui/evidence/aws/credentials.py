"""Credentials that can be replaced while clients sign with them, and roles assumed with a profile's credentials."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


class UnusableCredentials(Exception):
    """Credentials that no request can be signed with. Says nothing of them."""


def replaceable_credentials(credentials: Any) -> Any:
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


async def replace_credentials(place: Any, fresh: Any) -> bool:
    """Sign with other credentials from now on; whether they are others than were signed with until now."""
    before = place.given
    now = await fresh.get_frozen_credentials()
    place.behind, place.method, place.given = fresh.behind, fresh.method, now
    return bool(before != now)


def _plain(frozen: Any) -> Any:
    """The credentials, which go into headers as they are. Raises StrangeCredentials."""
    for each in (frozen.access_key, frozen.secret_key, frozen.token or "-"):
        if not (isinstance(each, str) and each and each.isascii() and each.isprintable()):
            raise UnusableCredentials
    return frozen


ASSUME_ROLE = "sts:AssumeRole"

_OURS = "ssmtui"
_LONGEST_NAME = 64
_NO_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
"""What cannot stand in the name of a role session
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""


@dataclass(frozen=True, slots=True)
class RoleToAssume:
    """A role as AWS is asked for it.

    `session_name` is by what the role's account knows who has taken it; `external_id` is what its owner has agreed
    with who takes it, where they have.
    """

    arn: str
    session_name: str
    external_id: str | None = None


def role_session_name(who: str) -> str:
    """The name of the session of who takes a role: what they have there is told apart from what others have.

    Ids of Session Manager sessions begin with it, and policies let each end only their own by that.
    """
    return "-".join(filter(None, (_OURS, _NO_NAME.sub("-", who))))[:_LONGEST_NAME]


def assume_role_credentials(sts: Callable[[], Awaitable[Any]], role: RoleToAssume) -> Any:
    """The credentials of a role, taken when they are first asked for, and again before they end.

    `sts` gives a client that takes it. The hour that AWS gives unless asked for more is the longest there is for a role
    that is taken by another role (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html, role chaining).
    """
    from aiobotocore.credentials import AioDeferredRefreshableCredentials

    async def taken() -> Mapping[str, str]:
        asked = {"RoleArn": role.arn, "RoleSessionName": role.session_name}
        if role.external_id is not None:
            asked["ExternalId"] = role.external_id
        told = (await (await sts()).assume_role(**asked))["Credentials"]
        return {
            "access_key": told["AccessKeyId"],
            "secret_key": told["SecretAccessKey"],
            "token": told["SessionToken"],
            "expiry_time": told["Expiration"].isoformat(),
        }

    return AioDeferredRefreshableCredentials(refresh_using=taken, method="assume-role")
