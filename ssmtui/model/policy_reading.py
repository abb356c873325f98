"""What a policy says to one request, as far as the request is known.

Not every condition can be evaluated from outside: a condition key of the request that nobody told counts as unknown,
and the policy's word is then `PERHAPS`, never a guess.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ssmtui.model.policy import Condition, Effect, Policy, Statement


class Truth(Enum):
    """Yes, no, or not to be told from here."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as policies see it.

    `principals` are all the names under which a policy may mean who asks (role ARN, service name); an empty tuple asks
    an identity policy, which names nobody. `context` holds what is known of condition keys: their values, none where
    the key is known to be missing from the request; a key that is not listed is unknown.
    """

    action: str
    resource: str
    principals: tuple[str, ...] = ()
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """Whether a policy's statements allow a request, and whether they deny it explicitly. A denial wins."""

    allows: Truth
    denies: Truth

    @property
    def permits(self) -> Truth:
        """The policy's last word: allowed and not denied."""
        return both(self.allows, opposite(self.denies))


def read_policies(policies: Iterable[Policy], request: Request) -> Reading:
    """What policies say together to a request."""
    allows = denies = Truth.NO
    for policy in policies:
        for statement in policy.statements:
            applies = _applies(statement, request)
            if statement.effect is Effect.ALLOW:
                allows = either(allows, applies)
            else:
                denies = either(denies, applies)
    return Reading(allows, denies)


def both(one: Truth, other: Truth) -> Truth:
    """And."""
    if Truth.NO in (one, other):
        return Truth.NO
    return Truth.PERHAPS if Truth.PERHAPS in (one, other) else Truth.YES


def either(one: Truth, other: Truth) -> Truth:
    """Or."""
    return opposite(both(opposite(one), opposite(other)))


def opposite(truth: Truth) -> Truth:
    """Not."""
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.PERHAPS: Truth.PERHAPS}[truth]


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` fits the whole text, in time linear in both: patterns are other people's."""
    at = star = -1
    mark = place = 0
    while place < len(text):
        at_pattern = at + 1
        if at_pattern < len(pattern) and pattern[at_pattern] == "*":
            star, mark, at = at_pattern, place, at_pattern
        elif at_pattern < len(pattern) and pattern[at_pattern] in ("?", text[place]):
            at, place = at_pattern, place + 1
        elif star >= 0:
            mark += 1
            at, place = star, mark
        else:
            return False
    return all(character == "*" for character in pattern[at + 1 :])


def _applies(statement: Statement, request: Request) -> Truth:
    applies = both(_principal_fits(statement, request), _truth(_action_fits(statement, request.action)))
    applies = both(applies, _resource_fits(statement, request))
    for condition in statement.conditions:
        if applies is Truth.NO:
            return Truth.NO
        applies = both(applies, _holds(condition, request.context))
    return applies


def _principal_fits(statement: Statement, request: Request) -> Truth:
    if statement.not_principals:
        # Who is spared must be named in every form that a request has (session and account too); whether that was
        # done for a role's sessions cannot be told.
        spared = any(name in statement.not_principals for name in request.principals)
        return Truth.PERHAPS if spared else Truth.YES
    if not request.principals and not statement.principals:
        return Truth.YES
    return _truth(any(name == "*" or name in request.principals for name in statement.principals))


def _action_fits(statement: Statement, action: str) -> bool:
    asked = action.casefold()
    if statement.not_actions:
        return not any(matches(pattern.casefold(), asked) for pattern in statement.not_actions)
    return any(matches(pattern.casefold(), asked) for pattern in statement.actions)


def _resource_fits(statement: Statement, request: Request) -> Truth:
    if statement.not_resources:
        return opposite(_any_fits(statement.not_resources, request))
    # A trust policy names no resource: it belongs to one.
    return _any_fits(statement.resources, request) if statement.resources else Truth.YES


def _any_fits(patterns: Iterable[str], request: Request) -> Truth:
    found = Truth.NO
    for pattern in patterns:
        found = either(found, _fits(_filled_in(pattern, request.context), request.resource))
    return found


def _filled_in(pattern: str, context: Mapping[str, tuple[str, ...]]) -> str:
    """The pattern with those policy variables replaced whose one value is known."""
    if "${" not in pattern:
        return pattern
    for key, values in context.items():
        if len(values) == 1:
            pattern = pattern.replace(f"${{{key}}}", values[0])
    return pattern


def _fits(pattern: str, text: str) -> Truth:
    if "${" in pattern:
        # A policy variable stands for something of the request; the text around it can still rule the pattern out.
        return Truth.PERHAPS if matches(_without_variables(pattern), text) else Truth.NO
    return _truth(matches(pattern, text))


def _without_variables(pattern: str) -> str:
    parts = pattern.split("${")
    return parts[0] + "".join(f"*{part.partition('}')[2]}" for part in parts[1:])


def _holds(condition: Condition, context: Mapping[str, tuple[str, ...]]) -> Truth:
    quantifier, _, named = condition.operator.rpartition(":")
    operator = named.removesuffix("IfExists")
    values = _known(condition.key, context)
    if values is None:
        return Truth.PERHAPS
    if operator == "Null":
        return _truth((not values) == ("true" in {value.casefold() for value in condition.values}))
    test = _TESTS.get(operator.replace("Not", "", 1) if operator not in _TESTS else operator)
    if test is None or any("${" in value for value in condition.values):
        return Truth.PERHAPS
    negated = operator not in _TESTS
    if not values:
        return _truth(negated or named.endswith("IfExists") or quantifier == "ForAllValues")
    fitting = [any(test(wanted, value) for wanted in condition.values) != negated for value in values]
    return _truth(all(fitting) if quantifier == "ForAllValues" or (negated and not quantifier) else any(fitting))


def _known(key: str, context: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    wanted = key.casefold()
    return next((values for name, values in context.items() if name.casefold() == wanted), None)


def _equals(wanted: str, value: str) -> bool:
    return wanted == value


def _equals_in_any_case(wanted: str, value: str) -> bool:
    return wanted.casefold() == value.casefold()


def _arn_like(wanted: str, value: str) -> bool:
    """Each of an ARN's six parts for itself: a `*` does not reach over a colon of the first five."""
    patterns, parts = wanted.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) and all(matches(*pair) for pair in zip(patterns, parts, strict=True))


# The negated forms (StringNotEquals, ArnNotLike, …) are these, turned round. What is missing here (dates, numbers,
# addresses) is left open.
_TESTS = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_in_any_case,
    "StringLike": matches,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _equals_in_any_case,
}


def _truth(fact: bool) -> Truth:  # noqa: FBT001 - the fact is the one thing it turns
    return Truth.YES if fact else Truth.NO
