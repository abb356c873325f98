"""Condition keys of requests to KMS about the encryption context, and the constraints of grants.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from moto.kms.models import Grant

Values = str | tuple[str, ...]

_IN_CONTEXT: Final = "kms:EncryptionContext:"


def context_keys(encryption_context: Mapping[str, str]) -> tuple[tuple[str, Values], ...]:
    """Return the condition keys about the encryption context of a request."""
    if not encryption_context:
        return ()
    pairs = ((f"{_IN_CONTEXT}{key}", value) for key, value in encryption_context.items())
    return (*pairs, ("kms:EncryptionContextKeys", tuple(encryption_context)))


def data_key_context(session_id: str, node_id: str) -> Mapping[str, str]:
    """Return the encryption context of the data key of a session, as the agent and the plugin pass it."""
    return {"aws:ssm:SessionId": session_id, "aws:ssm:TargetId": node_id}


def admits(grant: Grant, keys: Mapping[str, Values]) -> bool:
    """Return whether the constraints of a grant admit a request with these condition keys.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    own = {key.removeprefix(_IN_CONTEXT): value for key, value in keys.items() if key.startswith(_IN_CONTEXT)}
    constraints = grant.constraints or {}
    subset, equals = constraints.get("EncryptionContextSubset"), constraints.get("EncryptionContextEquals")
    return (subset is None or subset.items() <= own.items()) and (equals is None or equals == own)
