"""Fixes that give instances a role: instance profiles, and default host management."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ssmtui.iam_policy.document import policy_from_data
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import NoFact, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import core_questions
from ssmtui.model.identity import (
    HOST_MANAGEMENT_OFF,
    AccountProfiles,
    AccountRoles,
    AttachedProfile,
    HostManagement,
    HostManagementRole,
    InstanceProfile,
    Role,
    RoleSource,
    UsedHostManagement,
    is_reserved,
)
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_facts import Observation, ProfileAttachment
from ssmtui.model.permissions import Decision, EvaluationResult, HostManagementPermissions
from ssmtui.model.plan import (
    JSON,
    Call,
    FactChange,
    FixNotApplicable,
    Guard,
    GuardReference,
    Parameter,
    Plan,
    Reach,
    UndoPlan,
    json_text,
    pass_role_permission,
)
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.identity.roles import SYSTEMS_MANAGER, TAKE, service_of, trust_in
from ssmtui.remediation.plans.plan_parts import (
    CREDENTIALS_REFUSED,
    chosen_values,
    own_instance,
    reset,
    setting_guard,
    updated,
)
from ssmtui.remediation.plans.plan_parts import INSTANCE_FACTS as OF_INSTANCES
from ssmtui.remediation.plans.registry import Draft, fix

STALE = (*OF_INSTANCES, AttachedProfile, ProfileAttachment)

# docs/facts/nodes.md §6: the agent looks for credentials every 25 to 30 minutes.
DELAY = translatable(
    "Up to 30 minutes: SSM Agent waits that long before it looks for credentials again. To speed this up, restart "
    "the agent or the node."
)

_ARNS = "IamInstanceProfileAssociations.*.IamInstanceProfile.Arn"
_ID = GuardReference(0, "IamInstanceProfileAssociations.0.AssociationId")
"""The association that the first guard read."""


def association_guard(instance: Instance, profile_arn: str) -> Guard:
    """Return a guard on the ARN of the instance's profile; empty if there must be none."""
    which: dict[str, JSON] = {
        "Filters": [
            {"Name": "instance-id", "Values": [instance.id]},
            {"Name": "state", "Values": ["associating", "associated"]},
        ]
    }
    name = say("the instance profile of the instance")
    return Guard(name, "ec2", "DescribeIamInstanceProfileAssociations", which, _ARNS, profile_arn)


def associate(scope: Scope, instance: Instance, profile: AttachedProfile) -> Call:
    """Return the call that attaches a profile to an instance without one."""
    parameters: dict[str, Parameter] = {
        "InstanceId": instance.id,
        "IamInstanceProfile": {"Name": profile.profile.name},
    }
    return _association_call("AssociateIamInstanceProfile", scope, instance, parameters, profile.profile.role_arn)


def disassociate(scope: Scope, instance: Instance) -> Call:
    """Return the call that removes the profile. Its guard must be the first guard."""
    return _association_call("DisassociateIamInstanceProfile", scope, instance, {"AssociationId": _ID}, None)


def replace_association(scope: Scope, instance: Instance, name: str, role_arn: str | None) -> Call:
    """Return the call that replaces the profile. Its guard must be the first guard."""
    parameters: dict[str, Parameter] = {"AssociationId": _ID, "IamInstanceProfile": {"Name": name}}
    return _association_call("ReplaceIamInstanceProfileAssociation", scope, instance, parameters, role_arn)


def with_profile(node: Node, instance: Instance, profile_arn: str) -> FactChange:
    """Return the node with the profile: AWS is then asked for the permissions of its role."""
    return FactChange(Node, replace(node, instance=replace(instance, profile_arn=profile_arn)), replaces=node)


def _association_call(
    operation: str, scope: Scope, instance: Instance, parameters: dict[str, Parameter], role_arn: str | None
) -> Call:
    arn = scope.arn("ec2", f"instance/{instance.id}")
    besides = (pass_role_permission(role_arn, "ec2.amazonaws.com"),) if role_arn else ()
    return Call("ec2", operation, parameters, f"ec2:{operation}", arn, besides=besides)


PROFILE, ROLE = "profile", "role"


def profile_choice(scope: Scope, profiles: AccountProfiles | Unreadable, now: str | None) -> Choice:
    """Return the choice of an instance profile by name; `now` is the ARN of the current profile."""
    meaning = say("instance profile")
    if isinstance(profiles, Unreadable):
        return Choice(PROFILE, meaning, note=_unlisted(profiles))
    candidates = (
        Candidate(
            each.profile.name,
            about=say("role {role}", role=each.role.name) if each.role is not None else "",
            why_not=_why_no_profile(scope, each, now),
            also=(each.profile.arn,),
        )
        for each in profiles.profiles
    )
    unreadable = (Candidate(each.name, why_not=each.unreadable.why) for each in profiles.unreadable)
    return Choice(PROFILE, meaning, tuple(sorted((*candidates, *unreadable), key=lambda each: bool(each.why_not))))


def role_choice(roles: AccountRoles | Unreadable, scope: Scope, source: RoleSource) -> Choice:
    """Return the choice of a role by name, among the roles that the service can assume."""
    meaning = say("role")
    if isinstance(roles, Unreadable):
        return Choice(ROLE, meaning, note=_unlisted(roles))
    service = service_of(source, scope)
    candidates = tuple(
        Candidate(each.name, also=(each.arn,))
        for each in roles.roles
        if trust_in(each, service, scope).permits is not Truth.NO and not is_reserved(each.arn)
    )
    unreadable = (Candidate(each.name, why_not=each.unreadable.why) for each in roles.unreadable)
    return Choice(ROLE, meaning, (*candidates, *unreadable))


def role_named(roles: AccountRoles | Unreadable, name: str) -> Role | None:
    """Return the role with that name."""
    if isinstance(roles, Unreadable):
        return None
    return next((each for each in roles.roles if each.name == name), None)


def is_free(roles: AccountRoles | Unreadable, name: str) -> bool:
    """Return whether the account has no role with that name."""
    if isinstance(roles, Unreadable):
        return False
    return role_named(roles, name) is None and all(each.name != name for each in roles.unreadable)


def profile_named(profiles: AccountProfiles | Unreadable, name: str) -> AttachedProfile | None:
    """Return the instance profile with that name."""
    if isinstance(profiles, Unreadable):
        return None
    return next((each for each in profiles.profiles if each.profile.name == name), None)


def _chosen_profile(
    scope: Scope, profiles: AccountProfiles | Unreadable, now: str | None, choices: Choices
) -> tuple[AttachedProfile, Role] | FixNotApplicable:
    """Return the chosen profile and its role, or why it cannot be used; `now` is the ARN of the current profile."""
    choice = profile_choice(scope, profiles, now)
    answer = chosen_values(choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    found = profile_named(profiles, answer[PROFILE])
    if found is None or found.role is None:
        return FixNotApplicable("", say("{profile} has no role", profile=answer[PROFILE]), (choice,))
    return found, found.role


def _why_no_profile(scope: Scope, attached: AttachedProfile, now: str | None) -> str:
    if attached.profile.arn == now:
        return say("the instance already has this profile")
    if attached.role is None:
        return say("the profile has no role")
    service = service_of(RoleSource.INSTANCE_PROFILE, scope)
    if trust_in(attached.role, service, scope).permits is Truth.NO:
        return say(
            "{service} is not allowed to assume the role {role} of the profile",
            service=service,
            role=attached.role.name,
        )
    return ""


def _unlisted(unreadable: Unreadable) -> str:
    return say("the choices could not be listed: {why}", why=unreadable.why)


_ADD_ROLE_TO_PROFILE = "add-role-to-profile"


@fix(slug=_ADD_ROLE_TO_PROFILE, stale=(AttachedProfile, Observation))
def add_role_to_profile(
    scope: Scope, attached: AttachedProfile, roles: AccountRoles | Unreadable, choices: Choices
) -> Draft:
    """Add the chosen role to the profile; a profile can have only one."""
    profile = attached.profile
    if attached.role is not None:
        return say("{profile} already has the role {role}", profile=profile.name, role=attached.role.name)
    choice = role_choice(roles, scope, RoleSource.INSTANCE_PROFILE)
    answer = chosen_values(choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    role = role_named(roles, answer[ROLE])
    if role is None:
        return FixNotApplicable(
            _ADD_ROLE_TO_PROFILE, say("the role {role} does not exist", role=answer[ROLE]), (choice,)
        )
    filled = AttachedProfile(replace(profile, role_arn=role.arn), role)
    return Plan(
        title=say("Add the role {role} to the instance profile {profile}", role=role.name, profile=profile.name),
        scope=scope,
        subject=Subject(SubjectKind.INSTANCE_PROFILE, profile.arn),
        calls=(_profile_role_call("AddRoleToInstanceProfile", profile, role),),
        before="",
        after=role.arn,
        guards=(_profile_role_guard(profile, ""),),
        way_back=UndoPlan(
            (_profile_role_guard(profile, role.arn),),
            (_profile_role_call("RemoveRoleFromInstanceProfile", profile, role),),
        ),
        reach=Reach.SUBJECT,
        undo=say("The role is removed from the instance profile."),
        facts_after=(FactChange(AttachedProfile, filled, replaces=attached),),
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(
            say(
                "This affects all instances that use {profile}: software on them can then act as the role {role}.",
                profile=profile.name,
                role=role.name,
            ),
        ),
    )


def _profile_role_call(operation: str, profile: InstanceProfile, role: Role) -> Call:
    parameters = {"InstanceProfileName": profile.name, "RoleName": role.name}
    besides = (pass_role_permission(role.arn, "ec2.amazonaws.com"),) if operation.startswith("Add") else ()
    return Call("iam", operation, parameters, f"iam:{operation}", profile.arn, besides=besides)


def _profile_role_guard(profile: InstanceProfile, expected: str) -> Guard:
    which = {"InstanceProfileName": profile.name}
    return Guard(
        say("the role of the instance profile"),
        "iam",
        "GetInstanceProfile",
        which,
        "InstanceProfile.Roles.*.Arn",
        expected,
    )


@fix(slug="attach-instance-profile", stale=STALE)
def attach_instance_profile(
    scope: Scope, node: Node, profiles: AccountProfiles | Unreadable, choices: Choices
) -> Draft:
    """Attach the chosen profile."""
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    if instance.profile_arn is not None:
        return say("{node} already has an instance profile", node=node.name)
    chosen = _chosen_profile(scope, profiles, None, choices)
    if isinstance(chosen, FixNotApplicable):
        return chosen
    found, role = chosen
    profile = found.profile
    return Plan(
        title=say("Attach the instance profile {profile} to {node}", profile=profile.name, node=node.name),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(associate(scope, instance, found),),
        before="",
        after=profile.arn,
        guards=(association_guard(instance, ""),),
        way_back=UndoPlan((association_guard(instance, profile.arn),), (disassociate(scope, instance),)),
        reach=Reach.NODE,
        undo=say("The instance profile is detached from the instance."),
        facts_after=(with_profile(node, instance, profile.arn),),
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(say("Software on the instance can then act as the role {role}.", role=role.name),),
    )


@fix(slug="replace-instance-profile", stale=STALE)
def replace_instance_profile(
    scope: Scope,
    node: Node,
    attached: AttachedProfile | NoFact,
    profiles: AccountProfiles | Unreadable,
    choices: Choices,
) -> Draft:
    """Replace the profile by the chosen profile."""
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    before = instance.profile_arn
    if before is None or not isinstance(attached, AttachedProfile):
        return say("{node} has no known instance profile", node=node.name)
    chosen = _chosen_profile(scope, profiles, before, choices)
    if isinstance(chosen, FixNotApplicable):
        return chosen
    found, role = chosen
    after = found.profile.arn
    old = attached.profile
    return Plan(
        title=say("Replace the instance profile of {node} with {profile}", node=node.name, profile=found.profile.name),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(replace_association(scope, instance, found.profile.name, found.profile.role_arn),),
        before=before,
        after=after,
        guards=(association_guard(instance, before),),
        way_back=UndoPlan(
            (association_guard(instance, after),), (replace_association(scope, instance, old.name, old.role_arn),)
        ),
        reach=Reach.NODE,
        undo=say("The instance gets the instance profile {profile} again.", profile=old.name),
        facts_after=(with_profile(node, instance, after),),
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        loses=_loses(attached),
        notes=(say("Software on the instance can then act as the role {role}.", role=role.name),),
    )


def _loses(attached: AttachedProfile) -> str:
    if attached.role is None:
        return ""
    return say("Software on the instance can no longer act as the role {role}.", role=attached.role.name)


_ENABLE_HOST_MANAGEMENT = "enable-host-management"

# User Guide, fleet-manager-default-host-management-configuration: the role and the policy that the console creates.
_USUAL_ROLE, _USUAL_PATH = "AWSSystemsManagerDefaultEC2InstanceManagementRole", "/service-role/"
_USUAL_POLICY = "AmazonSSMManagedEC2InstanceDefaultPolicy"
_TRUST: Mapping[str, JSON] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": SYSTEMS_MANAGER}, "Action": TAKE}],
}

_HOST_MANAGEMENT_DELAY = translatable(
    "Up to 30 minutes, until the agents of instances without a working profile look for credentials again."
)
_WHOM = translatable(
    "This affects all current and future instances of the Region whose own profile does not allow them to register: "
    "Systems Manager can then run commands on them. Principals that are allowed to start sessions on all nodes can "
    "also access these instances."
)
_SERVICE_MANAGED = translatable(
    "Systems Manager created the current role {role} (permission model SERVICE_MANAGED) and keeps it. It is not known "
    "whether AWS accepts this role in the undo. If it does not, ssm:RegisterDefaultHostManagementConfiguration with "
    "PermissionModel SERVICE_MANAGED registers the role again."
)
_NEEDS = translatable("Requires SSM Agent 3.2.582.0 or later and the instance metadata service (IMDSv2).")


@fix(
    slug=_ENABLE_HOST_MANAGEMENT,
    stale=(HostManagement, UsedHostManagement, HostManagementRole, HostManagementPermissions, Observation),
    whole_region=True,
)
def enable_host_management(
    scope: Scope,
    setting: UsedHostManagement,
    present: HostManagementRole | NoFact,
    roles: AccountRoles | Unreadable,
    choices: Choices,
) -> Draft:
    """Set the role of default host management; the usual role is created if the account has no role with that name."""
    choice = _choice(scope, roles, setting)
    answer = chosen_values(choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    name = answer.get(ROLE, _USUAL_ROLE)
    role = role_named(roles, name)
    if role is None and (name != _USUAL_ROLE or not is_free(roles, name)):
        why = say("the role {role} was not found or could not be read: choose another role with role=…", role=name)
        return FixNotApplicable(_ENABLE_HOST_MANAGEMENT, why, (choice,))
    made = _usual_role(scope) if role is None else None
    used = role or made or _usual_role(scope)
    value = used.arn.partition(":role/")[2]
    if made is None and setting.role_name == value:
        others = any(not each.why_not for each in choice.candidates)
        return FixNotApplicable(
            _ENABLE_HOST_MANAGEMENT, _why_no_other(name, others=others), (choice,) if others else ()
        )
    plan = _host_management_plan(scope, setting, used, value, is_new=made is not None)
    if isinstance(present, HostManagementRole) and present.service_managed:
        return replace(plan, notes=(*plan.notes, say(_SERVICE_MANAGED, role=present.role.name)))
    return plan


def _host_management_plan(scope: Scope, setting: UsedHostManagement, role: Role, value: str, *, is_new: bool) -> Plan:
    was = setting.role_name
    changes = was != value
    passed = pass_role_permission(role.arn, SYSTEMS_MANAGER)
    arn = setting.setting_arn
    back = (reset(arn),) if was is None else (updated(arn, was, passed),)
    return Plan(
        title=say("Turn on default host management in {region} with the role {role}", region=scope.region, role=value),
        scope=scope,
        subject=Subject(SubjectKind.SERVICE_SETTING, arn),
        calls=(*(_made(scope, role) if is_new else ()), *((updated(arn, value, passed),) if changes else ())),
        before=(was or HOST_MANAGEMENT_OFF) if changes else "",
        after=value if changes else f"{role.arn}\n{_attached(scope, role)['PolicyArn']}",
        guards=(setting_guard(arn, was or HOST_MANAGEMENT_OFF), *((_role_guard(role, None),) if is_new else ())),
        way_back=UndoPlan(
            (setting_guard(arn, value), *((_role_guard(role, role.arn), _policy_guard(scope, role)) if is_new else ())),
            (*(back if changes else ()), *(_unmade(scope, role) if is_new else ())),
        ),
        reach=Reach.REGION,
        undo=_undo(was, is_new=is_new),
        facts_after=(
            FactChange(UsedHostManagement, UsedHostManagement(arn, value), replaces=setting),
            *(_facts_of(role) if is_new else ()),
        ),
        delay=say(_HOST_MANAGEMENT_DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(say(_WHOM), say(_NEEDS)),
        confirmation=scope.region,
    )


def _undo(was: str | None, *, is_new: bool) -> str:
    if was is not None:
        return say("The setting uses the role {role} again.", role=was)
    if is_new:
        return say("Default host management is turned off again, and the created role is deleted.")
    return say("Default host management is turned off again.")


def _why_no_other(role: str, *, others: bool) -> str:
    if others:
        return say("default host management is on with the role {role}: choose another role", role=role)
    return say(
        "default host management is on with the role {role}, and this account has no other role that Systems Manager "
        "can assume",
        role=role,
    )


def _choice(scope: Scope, roles: AccountRoles | Unreadable, setting: UsedHostManagement) -> Choice:
    found = role_choice(roles, scope, RoleSource.HOST_MANAGEMENT)
    named = {f"arn:{scope.partition}:iam::{scope.account}:role/{setting.role_name}"}
    now = say("the setting already names this role")
    roles_found = tuple(replace(each, why_not=now) if named & set(each.also) else each for each in found.candidates)
    usual = Candidate(_USUAL_ROLE, about=say("the standard role, created with {policy}", policy=_USUAL_POLICY))
    candidates = (
        *((usual,) if is_free(roles, _USUAL_ROLE) else ()),
        *sorted(roles_found, key=lambda each: bool(each.why_not)),
    )
    return Choice(found.name, found.meaning, candidates, optional=True, note=found.note)


def _usual_role(scope: Scope) -> Role:
    arn = f"arn:{scope.partition}:iam::{scope.account}:role{_USUAL_PATH}{_USUAL_ROLE}"
    return Role(arn, _USUAL_ROLE, policy_from_data(_TRUST, json.dumps(_TRUST, indent=2)))


def _facts_of(role: Role) -> tuple[FactChange, ...]:
    """Return the facts about the new role: IAM cannot simulate a role that does not exist yet."""
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
    """Return a guard on the policy of the new role: the process can end between the two calls."""
    expected = str(_attached(scope, role)["PolicyArn"])
    which = {"RoleName": role.name}
    path = "AttachedPolicies.*.PolicyArn"
    return Guard(say("the policies attached to the role"), "iam", "ListAttachedRolePolicies", which, path, expected)
