"""What the agent of a connected node was refused when somebody last tried a session, as CloudTrail records it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import Need, permission, refusal
from ssmtui.simulator.authorisation.actions import log_group_arn, log_lookup_arn
from ssmtui.simulator.authorisation.collect import find_key
from ssmtui.simulator.reality import preferences
from ssmtui.simulator.reality.credentials import NodeIdentity
from ssmtui.simulator.reality.preferences import SessionPreferences
from ssmtui.simulator.reality.registration import registration_of


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call of a node that AWS refused: the event's source and name, and what AWS said. It is a management event."""

    principal: str
    source: str
    event: str
    message: str


def refused_calls(account: str, region: str, node_id: str) -> tuple[RefusedCall, ...]:
    """In the agent's order, up to the first that ends the session; a node that is not connected has tried none."""
    registration = registration_of(account, region, node_id)
    if registration.unconnected is not None or registration.role is None:
        return ()
    identity = NodeIdentity.of(registration.role, node_id, region)
    refused: list[RefusedCall] = []
    for event, need, ends in _asked(account, region, preferences.in_force(account, region)):
        decision = permission(identity.principal, need, region, identity.policies)
        if decision.allowed:
            continue
        service = need.action.partition(":")[0]
        said = refusal(service, identity.principal.caller_arn, need, decision)
        refused.append(RefusedCall(identity.principal.caller_arn, service, event, said.message))
        if ends:
            break
    return tuple(refused)


def _asked(account: str, region: str, wanted: SessionPreferences) -> Iterator[tuple[str, Need, bool]]:
    key = find_key(account, region, wanted.key_id) if wanted.key_id else None
    if key is not None:
        yield "Decrypt", Need("kms:Decrypt", key.arn), True
    if wanted.log_group and wanted.only_encrypted_log_group:
        yield "DescribeLogGroups", Need("logs:DescribeLogGroups", log_lookup_arn(account, region)), True
    if wanted.bucket and wanted.only_encrypted_bucket:
        arn = f"arn:{get_partition(region)}:s3:::{wanted.bucket}"
        yield "GetBucketEncryption", Need("s3:GetEncryptionConfiguration", arn), True
    if wanted.log_group:
        yield "CreateLogStream", Need("logs:CreateLogStream", log_group_arn(wanted.log_group, account, region)), False
