"""Who the caller is to policies: what their variables stand for, and what is known of each of its requests."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.answers import Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.policy_patterns import Context
from ssmtui.model.questions import own_session_arns, own_session_context
from ssmtui.model.scope import Scope

_ANY_SESSION = "session"
"""Stands for the name of a role's session, where the role alone is named."""


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """The unique id of who calls, as the policy variable `aws:userid` has it, and the name of the session or user.

    `of_any_session` says that a role is judged whose session is not named: what stands in the id for it means nothing.
    """

    user_id: str
    name: str
    is_user: bool
    of_any_session: bool = False

    def session_arns(self, scope: Scope) -> tuple[str, ...]:
        """ARNs that a session of this caller's may have."""
        return own_session_arns(scope, self.user_id, self.name)

    def session_context(self) -> tuple[tuple[str, str], ...]:
        """What the policy variables stand for."""
        return own_session_context(self.user_id, self.name if self.is_user else None)

    def known(self) -> Context:
        """The same as it is known of every request; a role has no `aws:username`."""
        named: Context = {"aws:username": (self.name,) if self.is_user else ()}
        return named if self.of_any_session else {**named, "aws:userid": (self.user_id,)}


def _principal_and_session(scope: Scope, caller: JudgedCaller) -> Hashable:
    return caller.principal, scope.judged


@reads("sts:GetCallerIdentity", "iam:GetRole", "iam:GetUser", key=_principal_and_session)
async def caller_identity(aws: Aws, scope: Scope, caller: JudgedCaller) -> CallerIdentity:
    """STS tells it of who asks; IAM tells the unique id of a principal that is named instead."""
    if scope.judged is None:
        user_id = (await aws.call("sts", "GetCallerIdentity")).text("UserId")
        return CallerIdentity(user_id, scope.caller.rpartition("/")[2], is_user=not caller.is_role)
    if not caller.is_role:
        user = (await aws.call("iam", "GetUser", UserName=caller.name)).part("User")
        return CallerIdentity(user.text("UserId"), caller.name, is_user=True)
    role_id = (await aws.call("iam", "GetRole", RoleName=caller.name)).part("Role").text("RoleId")
    session = scope.judged.session or _ANY_SESSION
    return CallerIdentity(f"{role_id}:{session}", session, is_user=False, of_any_session=not scope.judged.session)


def known_of_caller(scope: Scope, caller: JudgedCaller, identity: CallerIdentity | Unreadable) -> Context:
    """What is known of every request that the caller makes itself."""
    directly = direct_context(scope, caller.principal)
    return {**directly, **identity.known()} if isinstance(identity, CallerIdentity) else directly


LISTING_NODES = ("ssm:DescribeInstanceProperties", "ssm:DescribeInstanceInformation")
"""By either of these are managed nodes listed."""


def done_by_caller(scope: Scope, fleet: ManagedFleet | Unreadable) -> tuple[str, ...]:
    """Actions, one of which the caller was let do: what lists the nodes, where it is the caller who is judged."""
    return LISTING_NODES if scope.judged is None and isinstance(fleet, ManagedFleet) else ()
