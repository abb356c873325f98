"""What EC2 tells of an instance besides its listing."""

from __future__ import annotations

from ssmtui.evidence.gathering.reading import derives
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.interfaces import NetworkInterfaces
from ssmtui.model.network import Placement
from ssmtui.model.standing import RunningInstance


@derives
def placement(running: RunningInstance, interfaces: NetworkInterfaces | Absent | Moot | Unreadable) -> Placement | Moot:
    """Where the instance sits in the network, by its primary interface: as it is itself, where it was looked at."""
    primary = interfaces.primary if isinstance(interfaces, NetworkInterfaces) else None
    if primary is not None:
        return primary.placement
    instance = running.instance
    if instance.subnet_id is None or instance.vpc_id is None:
        return Moot(say("the instance is in no subnet"))
    return Placement(
        subnet_id=instance.subnet_id,
        vpc_id=instance.vpc_id,
        security_group_ids=instance.security_group_ids,
        private_ip=instance.private_ip or "",
        has_public_ip=instance.public_ip is not None,
    )
