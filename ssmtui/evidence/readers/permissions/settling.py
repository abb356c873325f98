"""What IAM's answers come to where it lacked condition keys: whether these bear on what was asked.

IAM names the keys of every statement that the principal's policies have, also of those about other actions
(docs/facts/permissions.md §1). So the policies are read where it named some, and where they may be: an answer that
comes out alike whatever the keys' values are is as it is; any other is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssmtui.evidence.readers.identity.roles import RolePolicies
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import SIMULATION, Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from ssmtui.model.policy_patterns import Context


def settled(
    answer: EvaluationResult, policies: RolePolicies | Absent | Moot | Unreadable, known: Context
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
    (own,) = evaluate(policies, (answer.question,), lambda _question: known)
    # The answer also hangs on keys that IAM was told, for example a tag of the node. Those are no longer open.
    bearing = {key.casefold() for key in own.missing_context}
    kept = tuple(key for key in answer.missing_context if key.casefold() in bearing)
    if own.undecided and own.missing_context:
        # A tag that the policies' reader knows, and IAM lacked, bears on IAM's answer all the same.
        (untagged,) = evaluate(replace(policies, tags=None), (answer.question,), lambda _question: known)
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
        (alone,) = evaluate(replace(policies, policies=held, boundary=None), (question,), lambda _question: known)
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
