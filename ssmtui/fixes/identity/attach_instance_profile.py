"""`attach-instance-profile`: an instance without an instance profile is given one of the account's."""

from __future__ import annotations

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.delays import CREDENTIALS_REFUSED
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.identity.profile_association import (
    DELAY,
    STALE,
    associate,
    association_guard,
    disassociate,
    with_profile,
)
from ssmtui.fixes.identity.profile_choice import PROFILE, profile_choice, profile_named
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import Choices
from ssmtui.model.identity import AccountProfiles
from ssmtui.model.node import Instance, Node
from ssmtui.model.plan import NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "attach-instance-profile"


@fix(slug=_SLUG, stale=STALE)
def attach_instance_profile(
    scope: Scope, node: Node, profiles: AccountProfiles | Unreadable, choices: Choices
) -> Plan | NotApplicable:
    """Attach the one that was chosen."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.profile_arn is not None:
        return NotApplicable(_SLUG, say("{node} has an instance profile already", node=node.name))
    choice = profile_choice(scope, profiles, None)
    answer = chosen(_SLUG, choices, (choice,))
    if isinstance(answer, NotApplicable):
        return answer
    found = profile_named(profiles, answer[PROFILE])
    if found is None or found.role is None:
        return NotApplicable(_SLUG, say("{profile} holds no role", profile=answer[PROFILE]), (choice,))
    profile = found.profile
    return Plan(
        fix=_SLUG,
        title=say("Attach the instance profile {profile} to {node}", profile=profile.name, node=node.name),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(associate(scope, instance, found),),
        before="",
        after=profile.arn,
        guards=(association_guard(instance, ""),),
        way_back=WayBack((association_guard(instance, profile.arn),), (disassociate(scope, instance),)),
        reach=Reach.NODE,
        undo=say("The instance profile is taken off the instance again."),
        facts_after=(with_profile(node, instance, profile.arn),),
        stale=STALE,
        delay=say(DELAY),
        settles_within=CREDENTIALS_REFUSED,
        notes=(say("Whatever runs on the instance can then act as the role {role}.", role=found.role.name),),
    )
