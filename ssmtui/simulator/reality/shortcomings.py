"""What is amiss with a node to which sessions open all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from moto.kms.models import kms_backends

from ssmtui.simulator.authorisation.collect import find_key
from ssmtui.simulator.reality import preferences
from ssmtui.simulator.reality.network import find_instance
from ssmtui.simulator.state import agent, hidden, now

# https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
_COMMANDS_BY_SSMMESSAGES_SINCE = (3, 3, 40, 0)
_WINDOWS_2025_SINCE = (3, 3, 1345, 0)
_FLAWED = ((3, 0, 732, 0), (3, 0, 755, 0)), ((3, 1, 1446, 0), (3, 1, 1476, 0))
_FLAWED_ON_WINDOWS = (((0,), (3, 1, 282, 0)), *_FLAWED)
_LONGEST_IDLE = 60
_ACCESS_TAG = "SystemsManagerJustInTimeNodeAccessManaged"
_LONGEST_WORK = timedelta(days=1)
_CROWD = 10


def shortcomings(account: str, region: str, node_id: str) -> tuple[str, ...]:
    """The slugs of what a session to the node does not stop at, agent first."""
    return (*_of_agent(account, region, node_id), *_of_preferences(account, region, node_id))


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _of_agent(account: str, region: str, node_id: str) -> Iterator[str]:
    crowd = Counter(each.owner for each in hidden(account, region).sessions.values() if each.target == node_id)
    if max(crowd.values(), default=0) >= _CROWD:
        yield "sessions-left-open"
    open_sessions = [each for each in hidden(account, region).sessions.values() if each.ended_at is None]
    if any(each.target == node_id and now() - each.started_at > _LONGEST_WORK for each in open_sessions):
        yield "run-out-of-watches"
    its_agent = agent(account, region, node_id)
    own = numbers(its_agent.version)
    known = hidden(account, region)
    if "Server 2025" in its_agent.platform_name and own < _WINDOWS_2025_SINCE:
        yield "agent-needs-wmic"
    flaws = _FLAWED_ON_WINDOWS if its_agent.platform_type == "Windows" else _FLAWED
    if any(since <= own < mended for since, mended in flaws):
        yield "agent-version-flawed"
    if own < _COMMANDS_BY_SSMMESSAGES_SINCE:
        yield "message-api-retiring"
    if any(each.registered_before and numbers(each.version) > own for each in known.agents.values()):
        yield "agent-outdated"
    hybrid = known.hybrid_nodes.get(node_id)
    if hybrid is not None and any(
        other_id != node_id
        and other.registered_before
        and other.computer_name == its_agent.computer_name
        and getattr(find_instance(account, region, other_id), "private_ip", None) == hybrid.ip_address
        for other_id, other in known.agents.items()
    ):
        yield "duplicate-registration"


def _of_preferences(account: str, region: str, node_id: str) -> Iterator[str]:
    in_force = preferences.in_force(account, region)
    its_agent = agent(account, region, node_id)
    if not in_force.is_default:
        yield "preferences-drift"
    if _lacks_access_tag(account, region, in_force.key_id):
        yield "kms-key-jit-tag-missing"
    if in_force.idle_timeout and not 1 <= int(in_force.idle_timeout) <= _LONGEST_IDLE:
        yield "timeout-out-of-range"
    old_windows = its_agent.platform_type == "Windows" and "Server 2012" in its_agent.platform_name
    if in_force.streaming and in_force.log_group and old_windows:
        yield "streaming-unsupported"
    if preferences.bypassed(account, region):
        yield "custom-document-bypasses"


def _lacks_access_tag(account: str, region: str, key_id: str) -> bool:
    """Whether just-in-time access is in use, and its token does not reach the key."""
    in_use = any(each.type == "ManualApprovalPolicy" for each in hidden(account, region).documents.values())
    key = find_key(account, region, key_id) if key_id else None
    if key is None or not in_use:
        return False
    tags = kms_backends[account][region].list_resource_tags(key.id)["Tags"]
    return {str(tag["TagKey"]): str(tag["TagValue"]) for tag in tags}.get(_ACCESS_TAG) != "true"
