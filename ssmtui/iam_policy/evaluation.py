"""Evaluate IAM policies for a request, as far as the request is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from ssmtui.iam_policy.conditions import condition_holds
from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.iam_policy.patterns import Context, VariableValues, find_variables, is_known, matches, resource_matches
from ssmtui.iam_policy.truth import Truth, logical_and, logical_not, logical_or, truth_from_bool

__all__ = [
    "AuthorizationRequest",
    "PolicyResult",
    "Truth",
    "condition_keys",
    "evaluate_request",
    "is_role_session",
    "logical_and",
    "logical_not",
    "logical_or",
    "name_sessions",
    "names_session",
    "undecided_keys",
]


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request as policies see it.

    `principals` are all names with which a policy can mean the caller (role ARN, service name); empty for identity
    policies, which name nobody. `accounts` are the names of the caller's account: a denial for the account denies
    everybody in it, and NotPrincipal must also name the account. `bounded` says whether the caller has a permissions
    boundary; only NotPrincipal uses it. `context` has the known condition keys with their values, empty if the request
    does not have the key; a key that is not listed is unknown. `session` is the ARN of the role session that makes the
    request; empty if unknown.
    """

    action: str
    resource: str
    principals: tuple[str, ...] = ()
    context: Context = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    bounded: Truth = Truth.PERHAPS
    session: str = ""


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """Whether the statements of a policy allow a request, and whether they deny it explicitly. A denial wins."""

    allows: Truth
    denies: Truth

    @property
    def permits(self) -> Truth:
        """Return the policy's decision: allowed and not denied."""
        return logical_and(self.allows, logical_not(self.denies))


def evaluate_request(policies: Iterable[Policy], request: AuthorizationRequest) -> PolicyResult:
    """Evaluate several policies together for a request."""
    allows = denies = Truth.NO
    for policy in policies:
        filling = VariableValues(request.context, policy.has_variables)
        for statement in policy.statements:
            applies = _applies(statement, request, filling)
            if statement.effect is Effect.ALLOW:
                allows = logical_or(allows, applies)
            else:
                denies = logical_or(denies, applies)
    return PolicyResult(allows, denies)


def undecided_keys(policies: Iterable[Policy], request: AuthorizationRequest) -> tuple[str, ...]:
    """Return the unknown condition keys that decide whether a statement applies, sorted."""
    keys: set[str] = set()
    for policy in policies:
        filling = VariableValues(request.context, policy.has_variables)
        for statement in policy.statements:
            if _applies(statement, request, filling) is Truth.PERHAPS:
                keys.update(key for key in _keys(statement) if not is_known(key, request.context))
    return tuple(sorted(keys))


def condition_keys(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Return the keys in the conditions and variables of policies, sorted."""
    return tuple(sorted({key for policy in policies for statement in policy.statements for key in _keys(statement)}))


def name_sessions(policies: Iterable[Policy]) -> bool:
    """Return whether a policy names a role session as a principal."""
    statements = (statement for policy in policies for statement in policy.statements)
    return any(":assumed-role/" in name for each in statements for name in (*each.principals, *each.not_principals))


def _keys(statement: Statement) -> Iterable[str]:
    for text in (*statement.resources, *statement.not_resources):
        yield from find_variables(text)
    for condition in statement.conditions:
        if condition.key:
            yield condition.key
        for text in condition.values:
            yield from find_variables(text)


def _applies(statement: Statement, request: AuthorizationRequest, filling: VariableValues) -> Truth:
    applies = logical_and(_principal_fits(statement, request), truth_from_bool(action_fits(statement, request.action)))
    if applies is not Truth.NO:
        applies = logical_and(applies, _resource_fits(statement, request.resource, filling))
    for condition in statement.conditions:
        if applies is Truth.NO:
            return Truth.NO
        applies = logical_and(applies, condition_holds(condition, filling))
    return applies


def _principal_fits(statement: Statement, request: AuthorizationRequest) -> Truth:
    if statement.not_principals:
        return logical_not(_spared(statement.not_principals, request))
    if not request.principals and not statement.principals:
        return Truth.YES
    # An Allow for an account delegates the decision to the account; a Deny for an account denies everybody in it.
    meant = (*request.principals, *(request.accounts if statement.effect is Effect.DENY else ()))
    fits = Truth.NO
    for name in statement.principals:
        fits = logical_or(fits, _names(name, meant, request.session))
    return fits


def _names(name: str, principals: tuple[str, ...], session: str) -> Truth:
    if name == "*" or name in principals:
        return Truth.YES
    of_role = any(is_role_session(name, principal) for principal in principals)
    return names_session(name, session) if of_role else Truth.NO


def names_session(name: str, session: str) -> Truth:
    """Return whether a session of the role is the one that makes the request; `session` is empty if it is unknown."""
    return truth_from_bool(name == session) if session else Truth.PERHAPS


def is_role_session(name: str, principal: str) -> bool:
    """Return whether a policy's principal is a session of the role."""
    if ":assumed-role/" not in name or ":role/" not in principal:
        return False
    session, role = name.split(":", 5), principal.split(":", 5)
    return session[4] == role[4] and session[5].split("/")[1] == role[5].rpartition("/")[2]


def _spared(not_principals: tuple[str, ...], request: AuthorizationRequest) -> Truth:
    """Return whether NotPrincipal excludes the caller: it names the caller and the account, and there is no boundary.

    With a permissions boundary, such a denial applies to everybody. An account that is not named may be denied as a
    whole
    (reference_policies_elements_notprincipal).
    """
    named = Truth.NO
    for name in not_principals:
        named = logical_or(named, _names(name, request.principals, request.session))
    by_account = truth_from_bool(any(name in request.accounts for name in not_principals))
    if named is Truth.NO and by_account is Truth.NO:
        return Truth.NO
    return logical_and(logical_not(request.bounded), Truth.YES if named is by_account is Truth.YES else Truth.PERHAPS)


def action_fits(statement: Statement, action: str) -> bool:
    """Return whether a statement is about an action."""
    if statement.not_actions:
        return not _is_among(statement.not_actions, action)
    return _is_among(statement.actions, action)


# Some managed policies have thousands of actions, and the same few are looked up for every node.
@lru_cache(maxsize=4096)
def _is_among(patterns: tuple[str, ...], action: str) -> bool:
    name = action.lower()
    return any(matches(pattern.lower(), name) for pattern in patterns)


def _resource_fits(statement: Statement, resource: str, filling: VariableValues) -> Truth:
    if statement.not_resources:
        return logical_not(_any_fits(statement.not_resources, resource, filling))
    # A trust policy has no Resource element: it belongs to a role.
    return _any_fits(statement.resources, resource, filling) if statement.resources else Truth.YES


def _any_fits(patterns: Iterable[str], resource: str, filling: VariableValues) -> Truth:
    truth = Truth.NO
    for pattern in patterns:
        truth = logical_or(truth, resource_matches(pattern, resource, filling))
    return truth
