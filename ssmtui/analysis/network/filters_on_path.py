"""Find the first security group or network ACL that blocks a packet on its path."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.analysis.network.packet_filters import (
    IpNetwork,
    PacketPeer,
    acl_passes_answers,
    acl_passes_https,
    groups_admit,
)
from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, UnknownPath
from ssmtui.iam_policy.truth import Truth, logical_and, logical_or
from ssmtui.language import say
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Evidence, Subject, SubjectKind
from ssmtui.model.network import SecurityGroup


def check_node_egress(around: NetworkContext, towards: PacketPeer, target: str) -> BlockedPath | UnknownPath | None:
    """Return the node's security groups if they block HTTPS to a place; None if they allow it."""
    groups = [(id_, around.groups.get(id_)) for id_ in sorted(around.placement.security_group_ids)]
    passes = Truth.NO
    for _, group in groups:
        passes = logical_or(
            passes, Truth.PERHAPS if group is None else groups_admit(group.egress, towards, around.lists)
        )
    if passes is Truth.YES or not groups:
        return None
    subject = Subject(SubjectKind.SECURITY_GROUP, groups[0][0])
    names = _names(groups[0][0], len(groups))
    if passes is Truth.PERHAPS:
        hop = say(
            "Cannot determine from the rules of the node's {names} whether HTTPS to {target} is allowed",
            names=names,
            target=target,
        )
        return UnknownPath(
            "egress-blocked",
            subject,
            hop,
            _undecided(around, groups),
            _needs(around, groups),
        )
    hop = say("The node's {names} does not allow outbound HTTPS", names=names)
    evidence = (
        Evidence(
            say("no outbound rule of {groups} allows port 443 to {target}", groups=_all(groups), target=target), _GROUPS
        ),
    )
    # The fix adds a rule for IPv4.
    ipv6 = towards.network is not None and towards.network.version == _IPV6
    return BlockedPath("egress-blocked", subject, hop, evidence, ("steps-network",) if ipv6 else ("open-node-egress",))


def check_endpoint_ingress(
    around: NetworkContext, group_ids: Sequence[str], endpoint: str
) -> BlockedPath | UnknownPath | None:
    """Return the endpoint's security groups if they block HTTPS from the node; None if they allow it."""
    groups = [(id_, around.groups.get(id_)) for id_ in sorted(group_ids)]
    passes = Truth.NO
    for _, group in groups:
        passes = logical_or(
            passes, Truth.PERHAPS if group is None else groups_admit(group.ingress, around.node, around.lists)
        )
    if passes is Truth.YES or not groups:
        return None
    subject = Subject(SubjectKind.SECURITY_GROUP, groups[0][0])
    names = _names(groups[0][0], len(groups))
    source = say("{subnet_id} or the node's security groups", subnet_id=around.placement.subnet_id)
    if passes is Truth.PERHAPS:
        hop = say(
            "Cannot determine from the rules of the {names} of the endpoint {endpoint} whether the node is allowed",
            names=names,
            endpoint=endpoint,
        )
        evidence = _undecided(around, groups)
        return UnknownPath("endpoint-security-group-closed", subject, hop, evidence, _needs(around, groups))
    hop = say(
        "The {names} of the VPC endpoint does not allow HTTPS from {subnet_id}",
        names=names,
        subnet_id=around.placement.subnet_id,
    )
    evidence = (
        Evidence(
            say(
                "no inbound rule of {groups} on {endpoint} allows port 443 from {source}",
                groups=_all(groups),
                endpoint=endpoint,
                source=source,
            ),
            _GROUPS,
        ),
    )
    return BlockedPath("endpoint-security-group-closed", subject, hop, evidence, ("open-endpoint-ingress",))


def check_subnet_acl(
    around: NetworkContext, subnet_id: str, remote: IpNetwork | None, *, outwards: bool
) -> BlockedPath | UnknownPath | None:
    """Return a subnet's network ACL if it blocks HTTPS out of it (or into it), or the answers; None if both pass."""
    acl = around.acls.of(subnet_id)
    if acl is None:
        hop = say("The network ACL of {subnet_id} is not visible", subnet_id=subnet_id)
        return UnknownPath("network-acl-blocks", Subject(SubjectKind.SUBNET, subnet_id), hop, (Evidence(hop, _ACLS),))
    requests = acl_passes_https(acl, remote, egress=outwards)
    answers = acl_passes_answers(acl, remote, egress=not outwards)
    passes = logical_and(requests, answers)
    if passes is Truth.YES:
        return None
    subject = Subject(SubjectKind.NETWORK_ACL, acl.id)
    if requests is not Truth.YES:
        blocked = say("outbound port 443") if outwards else say("inbound port 443")
    else:
        blocked = say("inbound ports 1024-65535") if outwards else say("outbound ports 1024-65535")
    if passes is Truth.PERHAPS:
        hop = say(
            "The network ACL {acl} of {subnet_id} possibly blocks {blocked}",
            acl=acl.id,
            subnet_id=subnet_id,
            blocked=blocked,
        )
        return UnknownPath(
            "network-acl-blocks",
            subject,
            hop,
            (Evidence(say("{acl} allows {blocked} in part", acl=acl.id, blocked=blocked), _ACLS),),
        )
    hop = say("The network ACL {acl} of {subnet_id} blocks {blocked}", acl=acl.id, subnet_id=subnet_id, blocked=blocked)
    evidence = (Evidence(say("no entry of {acl} allows {blocked}", acl=acl.id, blocked=blocked), _ACLS),)
    return BlockedPath("network-acl-blocks", subject, hop, evidence, ("steps-network",))


def first_blocking_hop(*found: BlockedPath | UnknownPath | None) -> BlockedPath | UnknownPath | None:
    """Return the first hop that certainly blocks the path, else the first that may block it."""
    return next((each for each in found if isinstance(each, BlockedPath)), None) or next(
        (each for each in found if each is not None), None
    )


_GROUPS = "ec2:DescribeSecurityGroups"
_ACLS = "ec2:DescribeNetworkAcls"
_IPV6 = 6


def _needs(around: NetworkContext, groups: Sequence[tuple[str, SecurityGroup | None]]) -> tuple[str, ...]:
    """Return the action that would read the prefix lists in the rules, if they were not read."""
    lists = _lists_not_read(around, groups)
    return (lists.action,) if lists is not None and lists.action else ()


def _undecided(around: NetworkContext, groups: Sequence[tuple[str, SecurityGroup | None]]) -> tuple[Evidence, ...]:
    """Return why rules do not decide: they were not read completely, or they apply to a part of the addresses."""
    lists = _lists_not_read(around, groups)
    if lists is None and all(group is not None for _, group in groups):
        fact = say("rules of {groups} apply to a part of the possible addresses", groups=_all(groups))
        return (Evidence(fact, _GROUPS),)
    partial = Evidence(say("the rules of {groups} were read only in part", groups=_all(groups)), _GROUPS)
    return (partial,) if lists is None else (partial, Evidence(lists.why, lists.source))


def _lists_not_read(around: NetworkContext, groups: Sequence[tuple[str, SecurityGroup | None]]) -> Unreadable | None:
    rules = [rule for _, group in groups if group is not None for rule in (*group.ingress, *group.egress)]
    named = any(rule.prefix_list_ids for rule in rules)
    return around.lists if named and isinstance(around.lists, Unreadable) else None


def _names(first: str, count: int) -> str:
    return (
        say("security group {first}", first=first)
        if count == 1
        else say("security group {first} (of {number})", first=first, number=count)
    )


def _all(groups: Sequence[tuple[str, object]]) -> str:
    return ", ".join(id_ for id_, _ in groups)
