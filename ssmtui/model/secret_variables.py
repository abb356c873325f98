"""The variables of an environment that hold a secret: a program that needs none of them is started without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECRET: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_SSM_START_SESSION_RESPONSE",
    }
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without them."""
    return {name: value for name, value in environment.items() if name not in SECRET}
