"""Access that the simulated account has issued: session tokens, role sessions, session policies, access requests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ssmtui.simulator.scenario import AccessDecision

_issued_tokens: set[str] = set()


def issue_token(token: str) -> str:
    """Note that a token is given away."""
    _issued_tokens.add(token)
    return token


def is_issued_token(token: str) -> bool:
    """Whether a token was given away here."""
    return token in _issued_tokens


def forget_tokens() -> None:
    """Take all tokens back."""
    _issued_tokens.clear()


_role_session_ends: dict[str, datetime] = {}


def begin_role_session(access_key: str, end: datetime) -> None:
    """Note until when an access key of a role counts."""
    _role_session_ends[access_key] = end


def has_role_session_ended(access_key: str, now: datetime) -> bool:
    """Whether an access key counts no more; one that no role was taken by has no end."""
    return access_key in _role_session_ends and _role_session_ends[access_key] <= now


def forget_role_sessions() -> None:
    """Forget every session."""
    _role_session_ends.clear()


_session_policies: dict[str, str] = {}
_session_grants: dict[str, str] = {}


def set_session_policy(session_arn: str, document: str) -> None:
    """Make a session have a policy of its own, besides those of its role."""
    _session_policies[session_arn] = document


def session_policy_of(session_arn: str) -> str | None:
    """The session policy's document, or None where the session was taken without one."""
    return _session_policies.get(session_arn)


def grant_session_policy(session_arn: str, document: str) -> None:
    """Make a session have just that policy and no role behind it, as a token of just-in-time access has."""
    _session_grants[session_arn] = document


def granted_session_policy(session_arn: str) -> str | None:
    """The policy of a session that has no role behind it; None of any other."""
    return _session_grants.get(session_arn)


def forget_session_policies() -> None:
    """Let every session have what its role has."""
    _session_policies.clear()
    _session_grants.clear()


ACCESS_LASTS: Final = timedelta(hours=1)
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-just-in-time-node-access.html"""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request for access to nodes, by the ARN of who made it, and how it will be decided."""

    id: str
    account: str
    region: str
    requester: str
    node_ids: tuple[str, ...]
    asked_at: datetime
    decision: AccessDecision

    def status(self, now: datetime) -> str:
        """How the request stands, in GetAccessToken's words."""
        decided_at = self.asked_at + self.decision.after
        if now < decided_at:
            return "Pending"
        if not self.decision.approves:
            return "Rejected"
        return "Approved" if now < decided_at + ACCESS_LASTS else "Expired"

    @property
    def ends_at(self) -> datetime:
        """When the access is over, where it is given."""
        return self.asked_at + self.decision.after + ACCESS_LASTS


_access_requests: dict[str, AccessRequest] = {}


def request_access(
    account: str, region: str, requester: str, node_ids: tuple[str, ...], asked_at: datetime, decision: AccessDecision
) -> AccessRequest:
    """Make a request."""
    id_ = f"oi-{secrets.token_hex(6)}"
    _access_requests[id_] = AccessRequest(id_, account, region, requester, node_ids, asked_at, decision)
    return _access_requests[id_]


def all_access_requests() -> Mapping[str, AccessRequest]:
    """Every request, by its id."""
    return _access_requests


def forget_access_requests() -> None:
    """Let nobody have asked."""
    _access_requests.clear()
