"""What the policy of a key or a bucket says of a role: that it may, that its account decides, or that it may not.

A permissions boundary that is silent limits what such a policy gives to a role, and not what it gives to an IAM user,
to a session of the role, or to everybody whose `aws:PrincipalArn` is the role's:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ssmtui.language import say
from ssmtui.model.agent_requests import direct_context
from ssmtui.model.identity import Role
from ssmtui.model.policy import Effect, Policy, Statement
from ssmtui.model.policy_reading import AuthorizationRequest, Truth, both, either, is_session_of, read_policies
from ssmtui.model.scope import Scope

NOTHING_MORE: Mapping[str, str] = MappingProxyType({})

_PRINCIPAL_ARN = "aws:principalarn"
_EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class ResourceSays:
    """What a resource's policy says of a role: whether it names the role, leaves it to the account, or denies.

    `named` is what the thing is called in evidence (`the key's policy`), `source` the call that the policy came from.
    `past_boundary` is whether it allows in one of the ways that a boundary's silence does not limit.
    """

    named: str
    source: str
    names_role: Truth
    leaves_to_account: Truth
    denies: Truth
    past_boundary: Truth = Truth.NO

    @property
    def in_words(self) -> str:
        """What it says, as a sentence about it."""
        return f"{self.named} {self._says()}"

    def _says(self) -> str:
        if self.denies is Truth.YES:
            return say("denies it to the role explicitly")
        if Truth.PERHAPS in (self.denies, self.names_role, self.leaves_to_account):
            return say("makes it depend on conditions that cannot be evaluated from here")
        if self.names_role is Truth.YES:
            return say("allows it to the role")
        if self.leaves_to_account is Truth.YES:
            return say("leaves it to the account and does not name the role")
        return say("admits neither the role nor its account")


def resource_says(
    policy: Policy,
    named: str,
    source: str,
    *,
    scope: Scope,
    role: Role,
    action: str,
    resource: str,
    known: Mapping[str, str] = NOTHING_MORE,
    bounded: Truth = Truth.PERHAPS,
) -> ResourceSays:
    """What a policy says of a role's direct request.

    `known` are values of further condition keys; `bounded` is whether a permissions boundary is set on the role.
    """
    context = {**direct_context(scope, role.arn), **{key: (value,) for key, value in known.items()}}
    account = (f"arn:{scope.partition}:iam::{role.account}:root", role.account)
    asked = AuthorizationRequest(action, resource, (role.arn,), context, account, bounded)
    own = read_policies((policy,), asked)
    whole = read_policies((policy,), AuthorizationRequest(action, resource, account, context, account))
    return ResourceSays(named, source, own.allows, whole.allows, own.denies, _past_boundary(policy, asked, role.arn))


def _past_boundary(policy: Policy, asked: AuthorizationRequest, principal: str) -> Truth:
    allows = Truth.NO
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            said = read_policies((replace(policy, statements=(statement,)),), asked).allows
            allows = either(allows, both(said, _is_unlimited(statement, principal)))
    return allows


def _is_unlimited(statement: Statement, principal: str) -> Truth:
    """Whether a boundary's silence leaves what a statement allows. Of everybody, unconditionally, AWS says neither."""
    if ":user/" in principal and principal in statement.principals:
        return Truth.YES
    # The session may be another one than the one that asks, and what the same statement says of the role is limited.
    by_session = any(is_session_of(name, principal) for name in statement.principals)
    if _EVERYBODY not in statement.principals:
        return Truth.PERHAPS if by_session else Truth.NO
    names_principal = any(
        each.key.casefold() == _PRINCIPAL_ARN and _is_positive(each.operator) for each in statement.conditions
    )
    return Truth.YES if names_principal else Truth.PERHAPS


def _is_positive(operator: str) -> bool:
    return "Not" not in operator and operator != "Null"
