"""`open-endpoint-ingress`: the security group of a VPC endpoint lets HTTPS in from the node's subnet."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.network.https_rule import STALE, HttpsRule, opened
from ssmtui.language import say
from ssmtui.model.network import Placement, SecurityGroups, Subnets
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject

_SLUG = "open-endpoint-ingress"


@fix(slug=_SLUG, stale=STALE)
def open_endpoint_ingress(
    scope: Scope, subject: Subject, placement: Placement, subnets: Subnets, groups: SecurityGroups
) -> Plan | NotApplicable:
    """Let it in from that subnet and from nowhere else."""
    subnet = subnets.get(placement.subnet_id)
    if subnet is None or not subnet.cidr:
        return NotApplicable(
            _SLUG, say("the addresses of the subnet {subnet_id} are not to be seen", subnet_id=placement.subnet_id)
        )
    note = say(
        "Only the subnet {subnet} ({cidr}) is let in; nodes of other subnets stay outside.",
        subnet=subnet.id,
        cidr=subnet.cidr,
    )
    title = say("Let HTTPS from {cidr} into the security group", cidr=subnet.cidr)
    rule = HttpsRule(_SLUG, title, subnet.cidr, egress=False, notes=(note,))
    return opened(rule, scope, subject, groups)
