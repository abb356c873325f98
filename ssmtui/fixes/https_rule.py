"""One rule for HTTPS added to a security group: in common to the fixes that open one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ssmtui.model.group_rule_text import RULES_PATH, https_line, rules_text
from ssmtui.model.network import GroupRule, SecurityGroup, SecurityGroups
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Parameter, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

STALE = (SecurityGroups, Observation)

# aws-facts §2.9: an agent that finds no way to AWS asks again after 5 minutes, then less and less often.
_DELAY = "At once in EC2. An SSM Agent that found no way asks again after 5 minutes, and up to an hour later."


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
        return NotApplicable(rule.fix, f"{subject.id} is no security group that could be seen")
    line = https_line(rule.cidr, egress=rule.egress)
    before, after = rules_text(group), rules_text(group, line)
    if line in before.splitlines():
        return NotApplicable(rule.fix, f"{group.id} has that rule already: something else is in the way")
    side = "Egress" if rule.egress else "Ingress"
    which: Mapping[str, JSON] = {"Filters": [{"Name": "group-id", "Values": [group.id]}]}
    return Plan(
        fix=rule.fix,
        title=f"{rule.title} {group.id} ({group.name})",
        scope=scope,
        subject=Subject(SubjectKind.SECURITY_GROUP, group.id),
        calls=(_call(f"AuthorizeSecurityGroup{side}", scope, group, rule),),
        before=before,
        after=after,
        guards=(_guard(which, before),),
        way_back=WayBack((_guard(which, after),), (_call(f"RevokeSecurityGroup{side}", scope, group, rule),)),
        reach=Reach.SUBJECT,
        undo="The rule is taken away again.",
        facts_after=(FactChange(SecurityGroups, _with_rule(groups, group, rule), replaces=groups),),
        stale=STALE,
        delay=_DELAY,
        notes=(*rule.notes, f"It counts for everything that {group.id} is on."),
    )


def _call(operation: str, scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    parameters: dict[str, Parameter] = {
        "GroupId": group.id,
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": rule.cidr}]},
        ],
    }
    arn = scope.arn("ec2", f"security-group/{group.id}")
    return Call("ec2", operation, parameters, f"ec2:{operation}", arn)


def _guard(which: Mapping[str, JSON], expected: str) -> Guard:
    name = "what the security group admits"
    return Guard(name, "ec2", "DescribeSecurityGroupRules", which, RULES_PATH, expected)


def _with_rule(groups: SecurityGroups, group: SecurityGroup, rule: HttpsRule) -> SecurityGroups:
    added = GroupRule("tcp", 443, 443, cidrs=(rule.cidr,))
    opened_group = (
        replace(group, egress=(*group.egress, added))
        if rule.egress
        else replace(group, ingress=(*group.ingress, added))
    )
    return SecurityGroups({**groups.by_id, group.id: opened_group})
