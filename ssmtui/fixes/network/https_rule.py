"""One rule for HTTPS added to a security group: in common to the fixes that open one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssmtui.fixes.frame.delays import NO_WAY_TO_AWS
from ssmtui.language import marked, say
from ssmtui.model.group_rule_text import RULES_PATH, https_line, rules_text
from ssmtui.model.network import GroupRule, SecurityGroup, SecurityGroups
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Parameter, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

STALE = (SecurityGroups, Observation)

_DELAY = marked("At once in EC2. An SSM Agent that found no way asks again after 5 minutes, and up to an hour later.")


@dataclass(frozen=True, slots=True)
class HttpsRule:
    """HTTPS in from a network, or out to it. `title` goes on to the group's name."""

    fix: str
    title: str
    cidr: str
    egress: bool
    notes: tuple[str, ...]


def opened(rule: HttpsRule, scope: Scope, subject: Subject, groups: SecurityGroups) -> Plan | NotApplicable:
    """The plan that adds the rule to the group that is the subject, or why that cannot be done."""
    group = groups.get(subject.id) if subject.kind is SubjectKind.SECURITY_GROUP else None
    if group is None:
        return NotApplicable(rule.fix, say("{subject} is no security group that could be seen", subject=subject.id))
    line = https_line(rule.cidr, egress=rule.egress)
    before, after = rules_text(group), rules_text(group, line)
    if line in before.splitlines():
        return NotApplicable(
            rule.fix, say("{group} has that rule already: something else is in the way", group=group.id)
        )
    return Plan(
        fix=rule.fix,
        title=f"{rule.title} {group.id} ({group.name})",
        scope=scope,
        subject=Subject(SubjectKind.SECURITY_GROUP, group.id),
        calls=(authorized(scope, group, rule),),
        before=before,
        after=after,
        guards=(rules_guard(group, before),),
        way_back=WayBack((rules_guard(group, after),), (revoked(scope, group, rule),)),
        reach=Reach.SUBJECT,
        undo=say("The rule is taken away again."),
        facts_after=(FactChange(SecurityGroups, with_rule(groups, group, rule), replaces=groups),),
        stale=STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(_DELAY),
        notes=(*rule.notes, say("It counts for everything that {group} is on.", group=group.id)),
    )


def authorized(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    """The call that adds the rule."""
    return _call("AuthorizeSecurityGroup", scope, group, rule)


def revoked(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
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
