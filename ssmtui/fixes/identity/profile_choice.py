"""The instance profile and the role that a person chooses from what the account has."""

from __future__ import annotations

from ssmtui.fixes.identity.role_trust import service_of, trust_in
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.identity import AccountProfiles, AccountRoles, AttachedProfile, Role, RoleSource
from ssmtui.model.policy_reading import Truth
from ssmtui.model.scope import Scope

PROFILE, ROLE = "profile", "role"


def profile_choice(scope: Scope, profiles: AccountProfiles | Unreadable, now: str | None) -> Choice:
    """An instance profile by its name; `now` is the ARN of the one that the instance has."""
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
    return Choice(PROFILE, meaning, tuple(sorted(candidates, key=lambda each: bool(each.why_not))))


def role_choice(roles: AccountRoles | Unreadable, scope: Scope, source: RoleSource) -> Choice:
    """A role by its name, of those that the service may take."""
    meaning = say("role")
    if isinstance(roles, Unreadable):
        return Choice(ROLE, meaning, note=_unlisted(roles))
    service = service_of(source, scope)
    candidates = tuple(
        Candidate(each.name, also=(each.arn,))
        for each in roles.roles
        if trust_in(each, service, scope).permits is not Truth.NO and "/aws-service-role/" not in each.arn
    )
    return Choice(ROLE, meaning, candidates)


def role_named(roles: AccountRoles | Unreadable, name: str) -> Role | None:
    """The role of that name."""
    if isinstance(roles, Unreadable):
        return None
    return next((each for each in roles.roles if each.name == name), None)


def profile_named(profiles: AccountProfiles | Unreadable, name: str) -> AttachedProfile | None:
    """The instance profile of that name."""
    if isinstance(profiles, Unreadable):
        return None
    return next((each for each in profiles.profiles if each.profile.name == name), None)


def _why_no_profile(scope: Scope, attached: AttachedProfile, now: str | None) -> str:
    if attached.profile.arn == now:
        return say("the instance has it now")
    if attached.role is None:
        return say("it holds no role")
    service = service_of(RoleSource.INSTANCE_PROFILE, scope)
    if trust_in(attached.role, service, scope).permits is Truth.NO:
        return say("{service} may not take its role {role}", service=service, role=attached.role.name)
    return ""


def _unlisted(unreadable: Unreadable) -> str:
    return say("what there is could not be listed: {why}", why=unreadable.why)
