"""Evaluate a role's own policies, for callers who cannot simulate it and for keys that the simulation lacked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ssmtui.evidence.readers.identity.role_facts import RolePolicies
from ssmtui.evidence.readers.permissions.simulation import ContextFunction, no_context
from ssmtui.iam_policy.evaluation import AuthorizationRequest, PolicyResult, evaluate_request, undecided_keys
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth, logical_and, truth_from_bool
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.permissions import SIMULATION, Decision, Denier, DenyingPolicy, EvaluationResult, Question, answer_of

POLICY_READS_SOURCE = "iam:GetRolePolicy, iam:GetPolicyVersion"

_TAG_KEY = "aws:principaltag/"
_EVERYTHING = PolicyResult(Truth.YES, Truth.NO)


def evaluate_role_policies(
    role: RolePolicies, questions: Sequence[Question], known: ContextFunction = no_context
) -> tuple[EvaluationResult, ...]:
    """The answers in the order of the questions. `known` tells what is known of the request behind each."""
    return tuple(_answer(role, question, known(question)) for question in questions)


def _answer(role: RolePolicies, question: Question, known: Context) -> EvaluationResult:
    consulted = (*role.policies, *((role.boundary,) if role.boundary is not None else ()))
    context: dict[str, tuple[str, ...]] = dict(known) | {key: (value,) for key, value in question.context}
    request = AuthorizationRequest(question.action, question.resource, context=context)
    asked = undecided_keys(consulted, request)
    if role.tags is not None and any(key.lower().startswith(_TAG_KEY) for key in asked):
        request = AuthorizationRequest(question.action, question.resource, context=context | _tags(asked, role.tags))
        asked = undecided_keys(consulted, request)
    own = evaluate_request(role.policies, request)
    boundary = evaluate_request((role.boundary,), request) if role.boundary is not None else _EVERYTHING
    decision, denier = _decide(own, boundary)
    sure = (*_sure_denial(Denier.IDENTITY, own), *_sure_denial(Denier.BOUNDARY, boundary))
    return EvaluationResult(
        question,
        decision,
        denier,
        asked,
        POLICY_READS_SOURCE,
        undecided=logical_and(own.permits, boundary.permits) is Truth.PERHAPS,
        # A policy of the resource lifts neither a denial nor a boundary.
        may_be_barred=Truth.PERHAPS in (own.denies, boundary.permits),
        bounded=truth_from_bool(role.boundary is not None),
        also=tuple(each for each in sure if each.denier is not denier),
    )


def _sure_denial(denier: Denier, reading: PolicyResult) -> tuple[DenyingPolicy, ...]:
    if reading.denies is Truth.YES:
        return (DenyingPolicy(denier, explicit=True),)
    return (DenyingPolicy(denier, explicit=False),) if reading.allows is Truth.NO else ()


def _tags(asked: Sequence[str], tags: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    """The tags that the policies ask for: their values, none of one that the role does not have. Keys have no case."""
    values = {name.lower(): value for name, value in tags}
    found: dict[str, tuple[str, ...]] = {}
    for key in asked:
        if key.lower().startswith(_TAG_KEY):
            value = values.get(key.lower().removeprefix(_TAG_KEY))
            found[key] = () if value is None else (value,)
    return found


def _decide(own: PolicyResult, boundary: PolicyResult) -> tuple[Decision, Denier | None]:
    """As IAM decides: a condition that is not known to hold does not. What is sure comes first."""
    if own.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.IDENTITY
    if boundary.denies is Truth.YES:
        return Decision.EXPLICIT_DENY, Denier.BOUNDARY
    for unsure in (Truth.NO, Truth.PERHAPS):
        if boundary.allows is unsure:
            return Decision.IMPLICIT_DENY, Denier.BOUNDARY
        if own.allows is unsure:
            return Decision.IMPLICIT_DENY, Denier.IDENTITY
    return Decision.ALLOWED, None


def settle_answer(
    answer: EvaluationResult, policies: RolePolicies | Absent | NotApplicable | Unreadable, known: Context
) -> EvaluationResult:
    """The answer, in doubt where a key that IAM lacked bears on it, or may; `policies` are all of the principal's.

    What service control policies deny is left as it is: on which keys that hangs, the principal's own do not tell.
    """
    if answer.source != SIMULATION or not answer.missing_context or answer.is_barred_by_organization:
        return answer
    if isinstance(policies, RolePolicies):
        return _by_policies(answer, policies, known)
    unread = (policies,) if isinstance(policies, Unreadable) else ()
    doubted = answer.in_doubt_if_barred()
    return replace(doubted, unread=tuple(dict.fromkeys((*doubted.unread, *unread)))) if doubted.undecided else doubted


def _by_policies(answer: EvaluationResult, policies: RolePolicies, known: Context) -> EvaluationResult:
    (own,) = evaluate_role_policies(policies, (answer.question,), lambda _question: known)
    # The answer also hangs on keys that IAM was told, for example a tag of the node. Those are no longer open.
    bearing = {key.casefold() for key in own.missing_context}
    kept = tuple(key for key in answer.missing_context if key.casefold() in bearing)
    if own.undecided and own.missing_context:
        # A tag that the policies' reader knows, and IAM lacked, bears on IAM's answer all the same.
        (untagged,) = evaluate_role_policies(replace(policies, tags=None), (answer.question,), lambda _question: known)
        bearing |= {key.casefold() for key in untagged.missing_context}
        kept = tuple(key for key in answer.missing_context if key.casefold() in bearing)
        return _lacking(answer, kept).in_doubt_if_barred()
    if own.undecided or own.allowed is not answer.allowed:
        return answer.in_doubt_if_barred()
    open_ = kept if own.missing_context else answer.missing_context
    if own.may_be_barred and open_:
        perhaps = _perhaps_denying(policies, answer.question, known, open_)
        return _denied_by(answer, (*own.denials, *perhaps))
    return _lacking(answer, ())


def _perhaps_denying(
    policies: RolePolicies, question: Question, known: Context, keys: tuple[str, ...]
) -> Iterator[DenyingPolicy]:
    """Yield the kinds of policies that may deny the request, depending on these keys, whatever a resource allows.

    A denial in the identity's policies and everything in a boundary also limit what the resource's policy allows.
    """
    boundary = () if policies.boundary is None else (policies.boundary,)
    for denier, held in ((Denier.IDENTITY, policies.policies), (Denier.BOUNDARY, boundary)):
        (alone,) = evaluate_role_policies(
            replace(policies, policies=held, boundary=None), (question,), lambda _question: known
        )
        if alone.may_be_barred or (denier is Denier.BOUNDARY and alone.undecided):
            yield DenyingPolicy(denier, explicit=alone.may_be_barred, hangs_on=keys)


def _lacking(answer: EvaluationResult, keys: tuple[str, ...]) -> EvaluationResult:
    """The answer, as it is where nothing but these keys was lacking."""
    if answer.allowed:
        return replace(answer, missing_context=keys, may_be_barred=answer.may_be_barred and bool(keys))
    denials = tuple(
        replace(each, hangs_on=tuple(key for key in each.hangs_on if key in keys)) for each in answer.denials
    )
    return _denied_by(answer, denials)


def _denied_by(answer: EvaluationResult, denials: tuple[DenyingPolicy, ...]) -> EvaluationResult:
    told = answer_of(answer.question, denials, bounded=answer.bounded)
    return replace(told, on_way=answer.on_way, unread=answer.unread, governed=answer.governed)
