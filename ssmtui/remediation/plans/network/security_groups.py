"""Fixes that add an HTTPS rule to a security group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import (
    RULES_PATH,
    GroupRule,
    Placement,
    SecurityGroup,
    SecurityGroups,
    Subnets,
    https_line,
    rules_text,
)
from ssmtui.model.node_facts import Observation
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Parameter, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import NO_WAY_TO_AWS

STALE = (SecurityGroups, Observation)

_DELAY = translatable(
    "At once in EC2. An SSM Agent that found no way asks again after 5 minutes, and up to an hour later."
)


@dataclass(frozen=True, slots=True)
class HttpsRule:
    """HTTPS in from a network, or out to it. `title` goes on to the group's name."""

    fix: str
    title: str
    cidr: str
    egress: bool
    notes: tuple[str, ...]


def https_rule_plan(rule: HttpsRule, scope: Scope, subject: Subject, groups: SecurityGroups) -> Plan | FixNotApplicable:
    """The plan that adds the rule to the group that is the subject, or why that cannot be done."""
    group = groups.get(subject.id) if subject.kind is SubjectKind.SECURITY_GROUP else None
    if group is None:
        return FixNotApplicable(rule.fix, say("{subject} is no security group that could be seen", subject=subject.id))
    line = https_line(rule.cidr, egress=rule.egress)
    before, after = rules_text(group), rules_text(group, line)
    if line in before.splitlines():
        return FixNotApplicable(
            rule.fix, say("{group} has that rule already: something else is in the way", group=group.id)
        )
    return Plan(
        fix=rule.fix,
        title=f"{rule.title} {group.id} ({group.name})",
        scope=scope,
        subject=Subject(SubjectKind.SECURITY_GROUP, group.id),
        calls=(authorize_call(scope, group, rule),),
        before=before,
        after=after,
        guards=(rules_guard(group, before),),
        way_back=UndoPlan((rules_guard(group, after),), (revoke_call(scope, group, rule),)),
        reach=Reach.SUBJECT,
        undo=say("The rule is taken away again."),
        facts_after=(FactChange(SecurityGroups, with_rule(groups, group, rule), replaces=groups),),
        stale=STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(_DELAY),
        notes=(*rule.notes, say("It counts for everything that {group} is on.", group=group.id)),
    )


def authorize_call(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    """The call that adds the rule."""
    return _call("AuthorizeSecurityGroup", scope, group, rule)


def revoke_call(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    """The call that takes it away."""
    return _call("RevokeSecurityGroup", scope, group, rule)


def rules_guard(group: SecurityGroup, expected: str) -> Guard:
    """A guard on all rules of the group, as `rules_text` writes them."""
    which: Mapping[str, JSON] = {"Filters": [{"Name": "group-id", "Values": [group.id]}]}
    name = say("what the security group admits")
    return Guard(name, "ec2", "DescribeSecurityGroupRules", which, RULES_PATH, expected)


def with_rule(groups: SecurityGroups, group: SecurityGroup, rule: HttpsRule) -> SecurityGroups:
    """The groups as they would be with the rule."""
    added = GroupRule("tcp", 443, 443, cidrs=(rule.cidr,))
    opened_group = (
        replace(group, egress=(*group.egress, added))
        if rule.egress
        else replace(group, ingress=(*group.ingress, added))
    )
    return SecurityGroups({**groups.by_id, group.id: opened_group})


def _call(verb: str, scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    parameters: dict[str, Parameter] = {
        "GroupId": group.id,
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": rule.cidr}]},
        ],
    }
    operation = f"{verb}{'Egress' if rule.egress else 'Ingress'}"
    arn = scope.arn("ec2", f"security-group/{group.id}")
    return Call("ec2", operation, parameters, f"ec2:{operation}", arn)


_OPEN_ENDPOINT_INGRESS = "open-endpoint-ingress"


@fix(slug=_OPEN_ENDPOINT_INGRESS, stale=STALE)
def open_endpoint_ingress(
    scope: Scope, subject: Subject, placement: Placement, subnets: Subnets, groups: SecurityGroups
) -> Plan | FixNotApplicable:
    """Let it in from that subnet and from nowhere else."""
    subnet = subnets.get(placement.subnet_id)
    if subnet is None or not subnet.cidr:
        return FixNotApplicable(
            _OPEN_ENDPOINT_INGRESS,
            say("the addresses of the subnet {subnet_id} are not to be seen", subnet_id=placement.subnet_id),
        )
    note = say(
        "Only the subnet {subnet} ({cidr}) is let in; nodes of other subnets stay outside.",
        subnet=subnet.id,
        cidr=subnet.cidr,
    )
    title = say("Let HTTPS from {cidr} into the security group", cidr=subnet.cidr)
    rule = HttpsRule(_OPEN_ENDPOINT_INGRESS, title, subnet.cidr, egress=False, notes=(note,))
    return https_rule_plan(rule, scope, subject, groups)


_OPEN_NODE_EGRESS = "open-node-egress"
_ANYWHERE = "0.0.0.0/0"
_NOTE = translatable("The group may be closed on purpose, to keep a suspect node apart: ask whoever closed it.")


@fix(slug=_OPEN_NODE_EGRESS, stale=STALE)
def open_node_egress(scope: Scope, subject: Subject, groups: SecurityGroups) -> Plan | FixNotApplicable:
    """Let it out to anywhere: the addresses of AWS's endpoints change, and S3 has no interface of its own."""
    rule = HttpsRule(
        _OPEN_NODE_EGRESS, say("Let HTTPS out of the security group"), _ANYWHERE, egress=True, notes=(say(_NOTE),)
    )
    return https_rule_plan(rule, scope, subject, groups)
