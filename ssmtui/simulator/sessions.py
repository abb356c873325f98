"""The session policies of the account's callers: what somebody who took a role kept of its permissions.

moto takes a session policy with sts:AssumeRole and forgets it.
"""

from __future__ import annotations

_policies: dict[str, str] = {}


def limit(session_arn: str, document: str) -> None:
    """Make a session have a policy of its own, besides those of its role."""
    _policies[session_arn] = document


def policy_of(session_arn: str) -> str | None:
    """The session policy's document, or None where the session was taken without one."""
    return _policies.get(session_arn)


def forget() -> None:
    """Let every session have what its role has."""
    _policies.clear()
