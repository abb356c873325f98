"""The filters that a packet from a node meets: its own security groups, and the network ACLs of both ends."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.checks.network.packet_filters import (
    Network,
    Place,
    acl_passes_answers,
    acl_passes_https,
    groups_admit,
)
from ssmtui.checks.network.ways import Closed, Surroundings, Unsure
from ssmtui.model.finding import Evidence
from ssmtui.model.policy_reading import Truth, both, either
from ssmtui.model.subject import Subject, SubjectKind


def leaving_the_node(around: Surroundings, towards: Place, target: str) -> Closed | Unsure | None:
    """What the node's own security groups say to HTTPS towards a place; None where they let it out."""
    groups = [(id_, around.groups.get(id_)) for id_ in sorted(around.placement.security_group_ids)]
    passes = Truth.NO
    for _, group in groups:
        passes = either(passes, Truth.PERHAPS if group is None else groups_admit(group.egress, towards))
    if passes is Truth.YES or not groups:
        return None
    subject = Subject(SubjectKind.SECURITY_GROUP, groups[0][0])
    names = _names(groups[0][0], len(groups))
    if passes is Truth.PERHAPS:
        hop = f"Whether the {names} of the node lets HTTPS out to {target} cannot be told from its rules"
        return Unsure("egress-blocked", subject, hop, (Evidence(f"the rules of {_all(groups)} are partial", _GROUPS),))
    hop = f"The {names} of the node lets no HTTPS out"
    evidence = (Evidence(f"no outbound rule of {_all(groups)} admits port 443 to {target}", _GROUPS),)
    return Closed("egress-blocked", subject, hop, evidence, ("open-node-egress",))


def entering_the_endpoint(around: Surroundings, group_ids: Sequence[str], endpoint: str) -> Closed | Unsure | None:
    """What the endpoint's security groups say to HTTPS from the node; None where they let it in."""
    groups = [(id_, around.groups.get(id_)) for id_ in sorted(group_ids)]
    passes = Truth.NO
    for _, group in groups:
        passes = either(passes, Truth.PERHAPS if group is None else groups_admit(group.ingress, around.node))
    if passes is Truth.YES or not groups:
        return None
    subject = Subject(SubjectKind.SECURITY_GROUP, groups[0][0])
    names = _names(groups[0][0], len(groups))
    source = f"{around.placement.subnet_id} or the node's groups"
    if passes is Truth.PERHAPS:
        hop = f"Whether the {names} of the endpoint {endpoint} admits the node cannot be told from its rules"
        evidence = (Evidence(f"the rules of {_all(groups)} are partial", _GROUPS),)
        return Unsure("endpoint-security-group-closed", subject, hop, evidence)
    hop = f"The {names} of the VPC endpoint admits no HTTPS from {around.placement.subnet_id}"
    evidence = (Evidence(f"no inbound rule of {_all(groups)} on {endpoint} admits port 443 from {source}", _GROUPS),)
    return Closed("endpoint-security-group-closed", subject, hop, evidence, ("open-endpoint-ingress",))


def at_the_subnet(
    around: Surroundings, subnet_id: str, remote: Network | None, *, outwards: bool
) -> Closed | Unsure | None:
    """What a subnet's network ACL says to HTTPS out of it (or into it) and to the answers; None where both pass."""
    acl = around.acls.of(subnet_id)
    if acl is None:
        hop = f"The network ACL of {subnet_id} is not to be seen"
        return Unsure("network-acl-blocks", Subject(SubjectKind.SUBNET, subnet_id), hop, (Evidence(hop, _ACLS),))
    requests = acl_passes_https(acl, remote, egress=outwards)
    answers = acl_passes_answers(acl, remote, egress=not outwards)
    passes = both(requests, answers)
    if passes is Truth.YES:
        return None
    subject = Subject(SubjectKind.NETWORK_ACL, acl.id)
    there, back = ("outbound", "inbound") if outwards else ("inbound", "outbound")
    blocked = f"{there} port 443" if requests is not Truth.YES else f"{back} ports 1024-65535"
    if passes is Truth.PERHAPS:
        hop = f"The network ACL {acl.id} of {subnet_id} may block {blocked}"
        return Unsure("network-acl-blocks", subject, hop, (Evidence(f"{acl.id} admits {blocked} in part", _ACLS),))
    hop = f"The network ACL {acl.id} of {subnet_id} blocks {blocked}"
    evidence = (Evidence(f"no entry of {acl.id} admits {blocked}", _ACLS),)
    return Closed("network-acl-blocks", subject, hop, evidence, ("steps-network",))


_GROUPS = "ec2:DescribeSecurityGroups"
_ACLS = "ec2:DescribeNetworkAcls"


def _names(first: str, count: int) -> str:
    return f"security group {first}" if count == 1 else f"security group {first} (of {count})"


def _all(groups: Sequence[tuple[str, object]]) -> str:
    return ", ".join(id_ for id_, _ in groups)
