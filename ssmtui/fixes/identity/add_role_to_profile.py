"""`add-role-to-profile`: an instance profile that holds no role is given one."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.delays import CREDENTIALS_REFUSED
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.profile_association import DELAY
from ssmtui.fixes.identity.profile_choice import ROLE, role_choice, role_named
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import Choices
from ssmtui.model.identity import AccountRoles, AttachedProfile, InstanceProfile, Role, RoleSource
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack, passing
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "add-role-to-profile"
_STALE = (AttachedProfile, Observation)


@fix(slug=_SLUG, stale=_STALE)
def add_role_to_profile(
    scope: Scope, attached: AttachedProfile, roles: AccountRoles | Unreadable, choices: Choices
) -> Plan | NotApplicable:
    """Put the role that was chosen into it; a profile holds one at most."""
    profile = attached.profile
    if attached.role is not None:
        why = say("{profile} holds the role {role} already", profile=profile.name, role=attached.role.name)
        return NotApplicable(_SLUG, why)
    choice = role_choice(roles, scope, RoleSource.INSTANCE_PROFILE)
    answer = chosen(_SLUG, choices, (choice,))
    if isinstance(answer, NotApplicable):
        return answer
    role = role_named(roles, answer[ROLE])
    if role is None:
        return NotApplicable(_SLUG, say("there is no role {role}", role=answer[ROLE]), (choice,))
    filled = AttachedProfile(replace(profile, role_arn=role.arn), role)
    return Plan(
        fix=_SLUG,
        title=say("Put the role {role} into the instance profile {profile}", role=role.name, profile=profile.name),
        scope=scope,
        subject=Subject(SubjectKind.INSTANCE_PROFILE, profile.arn),
        calls=(_call("AddRoleToInstanceProfile", profile, role),),
        before="",
        after=role.arn,
        guards=(_guard(profile, ""),),
        way_back=WayBack((_guard(profile, role.arn),), (_call("RemoveRoleFromInstanceProfile", profile, role),)),
        reach=Reach.SUBJECT,
        undo=say("The role is taken out of the instance profile again."),
        facts_after=(FactChange(AttachedProfile, filled, replaces=attached),),
        stale=_STALE,
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(
            say(
                "It reaches every instance that has {profile}: whatever runs there can then act as the role {role}.",
                profile=profile.name,
                role=role.name,
            ),
        ),
    )


def _call(operation: str, profile: InstanceProfile, role: Role) -> Call:
    parameters = {"InstanceProfileName": profile.name, "RoleName": role.name}
    besides = (passing(role.arn, "ec2.amazonaws.com"),) if operation.startswith("Add") else ()
    return Call("iam", operation, parameters, f"iam:{operation}", profile.arn, besides=besides)


def _guard(profile: InstanceProfile, expected: str) -> Guard:
    which = {"InstanceProfileName": profile.name}
    return Guard(
        say("the role in the instance profile"),
        "iam",
        "GetInstanceProfile",
        which,
        "InstanceProfile.Roles.*.Arn",
        expected,
    )
