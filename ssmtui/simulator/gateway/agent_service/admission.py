"""Decide whether an agent is allowed to use a channel: its role decides, as in a simulated session."""

from __future__ import annotations

from typing import Final

from moto.utilities.utils import get_partition

from ssmtui.simulator import state
from ssmtui.simulator.authorisation import Need, permission, refusal
from ssmtui.simulator.gateway.agent_service.registration import RegisteredNode, find_registered

_CHANNELS: Final = "ssmmessages"


def access_denied(reason: str) -> str:
    """Return the body of a response that refuses a channel."""
    return f"<AccessDeniedException>\n  <Message>{reason}</Message>\n</AccessDeniedException>\n"


def node_of(access_key: str) -> RegisteredNode | None:
    """Return the real node whose role token an access key belongs to."""
    arn = state.caller_arn_of(access_key) or ""
    ends_at = state.shared.role_session_ends.get(access_key)
    return find_registered(arn.rpartition("/")[2]) if ends_at is not None and ends_at > state.now() else None


def check_node(registered: RegisteredNode, need: Need) -> str | None:
    """Return the message of AWS if a node lacks a permission, else None. Raises AwsError if it has no role."""
    identity = registered.identity()
    keys = identity.request_keys(need)
    decision = permission(identity.principal, need, registered.region, identity.policies, keys)
    if decision.allowed:
        return None
    service = need.action.partition(":")[0]
    if service == _CHANNELS:
        # A policy is written for any resource; AWS's text names the account's. (messages.py has the same text)
        arn = f"arn:{get_partition(registered.region)}:{service}:{registered.region}:{registered.account}:*"
        need = Need(need.action, arn)
    return refusal(service, identity.principal.caller_arn, need, decision).message
