"""`enable-host-management`: turn on Default Host Management Configuration in a Region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ssmtui.iam_policy.document import policy_from_data
from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import core_questions
from ssmtui.model.identity import AccountRoles, HostManagement, HostManagementRole, Role, RoleSource
from ssmtui.model.node_facts import Observation
from ssmtui.model.permissions import Decision, EvaluationResult, HostManagementPermissions
from ssmtui.model.plan import (
    JSON,
    Call,
    FactChange,
    FixNotApplicable,
    Guard,
    Plan,
    Reach,
    UndoPlan,
    json_text,
    pass_role_permission,
)
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import CREDENTIALS_REFUSED, chosen_values, reset, setting_guard, updated
from ssmtui.remediation.plans.identity.instance_profiles import ROLE, role_choice, role_named
from ssmtui.remediation.plans.identity.roles import SYSTEMS_MANAGER, TAKE

_SLUG = "enable-host-management"
_STALE = (HostManagement, HostManagementRole, HostManagementPermissions, Observation)
_OFF = "$None"

# User Guide, fleet-manager-default-host-management-configuration: the role and the policy that the console makes.
_USUAL_ROLE, _USUAL_PATH = "AWSSystemsManagerDefaultEC2InstanceManagementRole", "/service-role/"
_USUAL_POLICY = "AmazonSSMManagedEC2InstanceDefaultPolicy"
_TRUST: Mapping[str, JSON] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": SYSTEMS_MANAGER}, "Action": TAKE}],
}

_DELAY = translatable(
    "Up to 30 minutes, until the agents of instances without a profile that works look for credentials again."
)
_WHOM = translatable(
    "It reaches every instance of the Region whose own profile does not let it register, now and later: Systems "
    "Manager can then run commands there. Whoever may start sessions to all nodes reaches these too."
)
_NEEDS = translatable("It serves SSM Agent from 3.2.582.0 on, where the instance metadata service answers (IMDSv2).")


@fix(slug=_SLUG, stale=_STALE, whole_region=True)
def enable_host_management(
    scope: Scope, setting: HostManagement, roles: AccountRoles | Unreadable, choices: Choices
) -> Plan | FixNotApplicable:
    """Name a role in the setting; the usual one is made where the account has none of that name."""
    choice = _choice(scope, roles, setting)
    answer = chosen_values(_SLUG, choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    name = answer.get(ROLE, _USUAL_ROLE)
    role = role_named(roles, name)
    if role is None and (name != _USUAL_ROLE or isinstance(roles, Unreadable)):
        why = say("the role {role} is not to be seen: name one with role=…", role=name)
        return FixNotApplicable(_SLUG, why, (choice,))
    made = _usual_role(scope) if role is None else None
    used = role or made or _usual_role(scope)
    value = used.arn.partition(":role/")[2]
    if made is None and setting.role_name == value:
        others = any(not each.why_not for each in choice.candidates)
        return FixNotApplicable(_SLUG, _why_no_other(name, others=others), (choice,) if others else ())
    return _plan(scope, setting, used, value, is_new=made is not None)


def _plan(scope: Scope, setting: HostManagement, role: Role, value: str, *, is_new: bool) -> Plan:
    was = setting.role_name
    changes = was != value
    passed = pass_role_permission(role.arn, SYSTEMS_MANAGER)
    arn = setting.setting_arn
    back = (reset(arn),) if was is None else (updated(arn, was, passed),)
    return Plan(
        fix=_SLUG,
        title=say("Turn on default host management in {region} with the role {role}", region=scope.region, role=value),
        scope=scope,
        subject=Subject(SubjectKind.SERVICE_SETTING, arn),
        calls=(*(_made(scope, role) if is_new else ()), *((updated(arn, value, passed),) if changes else ())),
        before=(was or _OFF) if changes else "",
        after=value if changes else f"{role.arn}\n{_attached(scope, role)['PolicyArn']}",
        guards=(setting_guard(arn, was or _OFF), *((_role_guard(role, None),) if is_new else ())),
        way_back=UndoPlan(
            (setting_guard(arn, value), *((_role_guard(role, role.arn), _policy_guard(scope, role)) if is_new else ())),
            (*(back if changes else ()), *(_unmade(scope, role) if is_new else ())),
        ),
        reach=Reach.REGION,
        undo=_undo(was, is_new=is_new),
        facts_after=(
            FactChange(HostManagement, HostManagement(arn, value), replaces=setting),
            *(_facts_of(role) if is_new else ()),
        ),
        stale=_STALE,
        delay=say(_DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(say(_WHOM), say(_NEEDS)),
        confirmation=scope.region,
    )


def _undo(was: str | None, *, is_new: bool) -> str:
    if was is not None:
        return say("The setting names {role} again.", role=was)
    if is_new:
        return say("Host management is turned off again, and the role that was made is deleted.")
    return say("Host management is turned off again.")


def _why_no_other(role: str, *, others: bool) -> str:
    if others:
        return say("default host management is on, with the role {role}: choose another role", role=role)
    return say(
        "default host management is on, with the role {role}, and this account has no other role that Systems "
        "Manager is allowed to assume",
        role=role,
    )


def _choice(scope: Scope, roles: AccountRoles | Unreadable, setting: HostManagement) -> Choice:
    found = role_choice(roles, scope, RoleSource.HOST_MANAGEMENT)
    named = {f"arn:{scope.partition}:iam::{scope.account}:role/{setting.role_name}"}
    now = say("the setting names it now")
    roles_found = tuple(replace(each, why_not=now) if named & set(each.also) else each for each in found.candidates)
    usual = Candidate(_USUAL_ROLE, about=say("the usual one, made with {policy}", policy=_USUAL_POLICY))
    known = isinstance(roles, AccountRoles) and role_named(roles, _USUAL_ROLE) is None
    candidates = (*((usual,) if known else ()), *sorted(roles_found, key=lambda each: bool(each.why_not)))
    return Choice(found.name, found.meaning, candidates, optional=True, note=found.note)


def _usual_role(scope: Scope) -> Role:
    arn = f"arn:{scope.partition}:iam::{scope.account}:role{_USUAL_PATH}{_USUAL_ROLE}"
    return Role(arn, _USUAL_ROLE, policy_from_data(_TRUST, json.dumps(_TRUST, indent=2)))


def _facts_of(role: Role) -> tuple[FactChange, ...]:
    """The role as it will be: IAM cannot simulate one that is not there yet."""
    supposed = say("the policy that this change attaches")
    answers = tuple(EvaluationResult(each, Decision.ALLOWED, source=supposed) for each in core_questions())
    return (
        FactChange(HostManagementRole, HostManagementRole(role)),
        FactChange(HostManagementPermissions, HostManagementPermissions(role.arn, answers)),
    )


def _made(scope: Scope, role: Role) -> tuple[Call, ...]:
    made = {"RoleName": role.name, "Path": _USUAL_PATH, "AssumeRolePolicyDocument": json_text(_TRUST)}
    return (
        Call("iam", "CreateRole", made, "iam:CreateRole", role.arn),
        Call("iam", "AttachRolePolicy", _attached(scope, role), "iam:AttachRolePolicy", role.arn),
    )


def _unmade(scope: Scope, role: Role) -> tuple[Call, ...]:
    return (
        Call("iam", "DetachRolePolicy", _attached(scope, role), "iam:DetachRolePolicy", role.arn),
        Call("iam", "DeleteRole", {"RoleName": role.name}, "iam:DeleteRole", role.arn),
    )


def _attached(scope: Scope, role: Role) -> Mapping[str, JSON]:
    return {"RoleName": role.name, "PolicyArn": f"arn:{scope.partition}:iam::aws:policy/{_USUAL_POLICY}"}


def _role_guard(role: Role, expected: str | None) -> Guard:
    return Guard(
        say("the role {role}", role=role.name), "iam", "GetRole", {"RoleName": role.name}, "Role.Arn", expected
    )


def _policy_guard(scope: Scope, role: Role) -> Guard:
    """The role that was made is whole only with its policy: a process may end between the two calls."""
    expected = str(_attached(scope, role)["PolicyArn"])
    which = {"RoleName": role.name}
    path = "AttachedPolicies.*.PolicyArn"
    return Guard(say("what is attached to the role"), "iam", "ListAttachedRolePolicies", which, path, expected)
