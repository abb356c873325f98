"""`replace-instance-profile`: an instance is given another instance profile than the one that it has."""

from __future__ import annotations

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.delays import CREDENTIALS_REFUSED
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.profile_association import DELAY, STALE, association_guard, replace_association, with_profile
from ssmtui.fixes.identity.profile_choice import PROFILE, profile_choice, profile_named
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Choices
from ssmtui.model.identity import AccountProfiles, AttachedProfile
from ssmtui.model.node import Instance, Node
from ssmtui.model.plan import NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "replace-instance-profile"


@fix(slug=_SLUG, stale=STALE)
def replace_instance_profile(
    scope: Scope,
    node: Node,
    attached: AttachedProfile | Absent | Moot | Unreadable,
    profiles: AccountProfiles | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Put the one that was chosen in its place."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    before = instance.profile_arn
    if before is None or not isinstance(attached, AttachedProfile):
        return NotApplicable(_SLUG, say("{node} has no instance profile that could be seen", node=node.name))
    choice = profile_choice(scope, profiles, before)
    answer = chosen(_SLUG, choices, (choice,))
    if isinstance(answer, NotApplicable):
        return answer
    found = profile_named(profiles, answer[PROFILE])
    if found is None or found.role is None:
        return NotApplicable(_SLUG, say("{profile} holds no role", profile=answer[PROFILE]), (choice,))
    after = found.profile.arn
    old = attached.profile
    return Plan(
        fix=_SLUG,
        title=say("Give {node} the instance profile {profile}", node=node.name, profile=found.profile.name),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(replace_association(scope, instance, found.profile.name, found.profile.role_arn),),
        before=before,
        after=after,
        guards=(association_guard(instance, before),),
        way_back=WayBack(
            (association_guard(instance, after),), (replace_association(scope, instance, old.name, old.role_arn),)
        ),
        reach=Reach.NODE,
        undo=say("The instance gets {profile} back.", profile=old.name),
        facts_after=(with_profile(node, instance, after),),
        stale=STALE,
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        loses=_loses(attached),
        notes=(say("Whatever runs on the instance can then act as the role {role}.", role=found.role.name),),
    )


def _loses(attached: AttachedProfile) -> str:
    if attached.role is None:
        return ""
    return say("Whatever runs on the instance can no longer act as the role {role}.", role=attached.role.name)
