"""Calls that a node's role was refused a while ago, as CloudTrail's event history holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ssmtui.model.authorization import LookedUp


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """One call that AWS refused: what was asked, on what, when, and AWS's word for why.

    `resource` is empty where the record does not say it. `because` is the kind of policy (`service control policy`),
    empty where the record does not say that; `policy` its ARN, where AWS names one. `in_session` says that it was made
    for a session to the node, as the encryption context tells. `looked_up` is AWS's own word for it, where the record
    carries an authorization id.
    """

    action: str
    resource: str
    at: datetime
    error: str
    because: str = ""
    explicit: bool | None = None
    policy: str = ""
    in_session: bool = False
    looked_up: LookedUp | None = None


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """The newest refusals of a node's role within the last hour, the newest first.

    `complete` is False where the role called so much that only the newest of its calls were looked at.
    """

    calls: tuple[RefusedCall, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class SessionRefusals:
    """Those of them that sessions to the node meet, by what its sessions are configured to use."""

    role: str
    calls: tuple[RefusedCall, ...]
