"""Just-in-time node access: who has asked for which node, and what is decided about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ssmtui.simulator.scenario import AccessDecision

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


_requests: dict[str, AccessRequest] = {}


def ask(
    account: str, region: str, requester: str, node_ids: tuple[str, ...], asked_at: datetime, decision: AccessDecision
) -> AccessRequest:
    """Make a request."""
    id_ = f"oi-{secrets.token_hex(6)}"
    _requests[id_] = AccessRequest(id_, account, region, requester, node_ids, asked_at, decision)
    return _requests[id_]


def requests() -> Mapping[str, AccessRequest]:
    """Every request, by its id."""
    return _requests


def forget() -> None:
    """Let nobody have asked."""
    _requests.clear()
