"""Roles taken with a profile's credentials: `--role-arn`, and the accounts of an organization."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

ASSUME_ROLE = "sts:AssumeRole"

_OURS = "ssmtui"
_LONGEST_NAME = 64
_NO_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
"""What cannot stand in the name of a role session
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)."""


@dataclass(frozen=True, slots=True)
class RoleToTake:
    """A role as AWS is asked for it.

    `session_name` is by what the role's account knows who has taken it; `external_id` is what its owner has agreed
    with who takes it, where they have.
    """

    arn: str
    session_name: str
    external_id: str | None = None


def session_name_of(who: str) -> str:
    """The name of the session of who takes a role: what they have there is told apart from what others have.

    Ids of Session Manager sessions begin with it, and policies let each end only their own by that.
    """
    return "-".join(filter(None, (_OURS, _NO_NAME.sub("-", who))))[:_LONGEST_NAME]


def role_credentials(sts: Callable[[], Awaitable[Any]], role: RoleToTake) -> Any:
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
