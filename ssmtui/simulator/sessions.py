"""The session policies of the account's callers: what somebody who took a role kept of its permissions.

moto takes a session policy with sts:AssumeRole and forgets it.
"""

from __future__ import annotations

_policies: dict[str, str] = {}
_grants: dict[str, str] = {}


def limit(session_arn: str, document: str) -> None:
    """Make a session have a policy of its own, besides those of its role."""
    _policies[session_arn] = document


def policy_of(session_arn: str) -> str | None:
    """The session policy's document, or None where the session was taken without one."""
    return _policies.get(session_arn)


def grant(session_arn: str, document: str) -> None:
    """Make a session have just that policy and no role behind it, as a token of just-in-time access has."""
    _grants[session_arn] = document


def granted_to(session_arn: str) -> str | None:
    """The policy of a session that has no role behind it; None of any other."""
    return _grants.get(session_arn)


def forget() -> None:
    """Let every session have what its role has."""
    _policies.clear()
    _grants.clear()
