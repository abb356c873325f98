"""A case, put to each of the two evaluators."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from ssmtui.analysis.access import Access, ResourceDecision, access, evaluate_resource_policy, is_bounded
from ssmtui.evidence.readers.policy_evaluation import evaluate_role_policies as evaluate_policies
from ssmtui.evidence.readers.roles import RolePolicies
from ssmtui.iam_policy.document import Policy, parse_policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, PolicyResult, evaluate_request
from ssmtui.iam_policy.patterns import find_variables
from ssmtui.iam_policy.truth import Truth, logical_and
from ssmtui.model.fact import Unreadable
from ssmtui.model.identity import Role
from ssmtui.model.permissions import EvaluationResult, Question
from ssmtui.simulator import authorisation
from tests.builders.fleet import a_scope
from tests.policy_cases.case import ACCOUNT, ROLE, ROOT, SESSION, Case, Expected, StatementJSON, Values

_ROLE = Role(ROLE, "web", Policy(()))


def of_the_product(case: Case) -> tuple[Truth, Expected]:
    """What ssmtui says: whether it is allowed, and by which kind of answer."""
    context = _known(case)
    (answer,) = evaluate_policies(_policies(case), [Question(case.action, case.resource)], lambda _question: context)
    if case.on_resource is not None:
        return _with_resource(case, answer)
    request = AuthorizationRequest(case.action, case.resource, context=context)
    asked_by_name = AuthorizationRequest(case.action, case.resource, (ROLE,), context, (ROOT, ACCOUNT))
    layers = [evaluate_request((_policy(case, level),), request) for level in case.organization]
    if case.endpoint is not None:
        layers.append(evaluate_request((_policy(case, case.endpoint),), asked_by_name))
    return _together(answer, layers)


def of_the_simulator(case: Case, told: Mapping[str, Values]) -> Expected:
    """What the simulated AWS answers, to a request with these condition keys besides."""
    context = {**case.context, **told}
    arn = next((str(value) for key, value in context.items() if key.lower() == "aws:principalarn"), ROLE)
    principal = authorisation.Principal(arn, SESSION, ACCOUNT)
    on_resource = case.on_resource

    def policy(statements: Iterable[StatementJSON]) -> authorisation.Policy:
        return authorisation.Policy.parse("case", json.dumps(case.document(list(statements))))

    policies = authorisation.Policies(
        identity=(policy(case.identity),),
        boundary=policy(case.boundary) if case.boundary is not None else None,
        service_control=tuple((policy(level),) for level in case.organization),
        resource=authorisation.ResourcePolicy(
            policy(on_resource.statements), on_resource.governs, on_resource.granted, on_resource.account
        )
        if on_resource is not None
        else None,
        endpoint=policy(case.endpoint) if case.endpoint is not None else None,
    )
    standard = {"kms:CallerAccount": ACCOUNT} if case.action.startswith("kms:") else {}
    request = authorisation.AuthorizationRequest(
        principal, case.action, case.resource, authorisation.Context.of({**standard, **context})
    )
    return Expected(authorisation.evaluate(request, policies).outcome.value)


def _policy(case: Case, statements: Iterable[StatementJSON]) -> Policy:
    return parse_policy(json.dumps(case.document(list(statements))))


def _policies(case: Case) -> RolePolicies:
    boundary = _policy(case, case.boundary) if case.boundary is not None else None
    return RolePolicies((_policy(case, case.identity),), boundary)


def _known(case: Case) -> dict[str, tuple[str, ...]]:
    """The case's context, and that the request has none of the other keys that its policies name."""
    told = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in case.context.items()}
    silent = {key.lower() for key in (*told, *case.unknown)}
    on_resource = case.on_resource.statements if case.on_resource is not None else ()
    parts = (case.identity, case.boundary or (), *case.organization, case.endpoint or (), on_resource)
    named = {
        key
        for part in parts
        for statement in _policy(case, part).statements
        for condition in statement.conditions
        for key in (condition.key, *(name for value in condition.values for name in find_variables(value)))
    } | {
        name
        for part in parts
        for statement in _policy(case, part).statements
        for text in (*statement.resources, *statement.not_resources)
        for name in find_variables(text)
    }
    return told | {key: () for key in named if key.lower() not in silent}


def of_the_product_unread(case: Case, unread: Container[str]) -> Access:
    """What ssmtui says of a case with a resource policy where some of `identity`, `resource`, `grants` are not read."""
    context = _known(case)
    (answer,) = evaluate_policies(_policies(case), [Question(case.action, case.resource)], lambda _question: context)
    return _judged(case, answer, unread)


def _with_resource(case: Case, answer: EvaluationResult) -> tuple[Truth, Expected]:
    judged = _judged(case, answer)
    explicit = _says(case, answer).denies is Truth.YES or answer.decision.value == Expected.EXPLICIT_DENY.value
    return judged.allowed, _named(judged.allowed, explicit=explicit)


def _judged(case: Case, answer: EvaluationResult, unread: Container[str] = ()) -> Access:
    on_resource = case.on_resource
    assert on_resource is not None
    granted = Truth.YES if case.action in on_resource.granted else Truth.NO
    return access(
        Unreadable("iam:SimulatePrincipalPolicy", "not read") if "identity" in unread else answer,
        Unreadable("kms:GetKeyPolicy", "not read") if "resource" in unread else _says(case, answer),
        same_account=on_resource.account == ACCOUNT,
        granted=Unreadable("kms:ListGrants", "not read") if "grants" in unread else granted,
    )


def _says(case: Case, answer: EvaluationResult) -> ResourceDecision:
    on_resource = case.on_resource
    assert on_resource is not None
    same_account = on_resource.account == ACCOUNT
    says = evaluate_resource_policy(
        _policy(case, on_resource.statements),
        "the policy",
        "it",
        scope=a_scope(),
        role=_ROLE,
        question=Question(case.action, case.resource),
        known={key: (value,) for key, value in case.context.items() if isinstance(value, str)},
        bounded=is_bounded(answer),
    )
    if same_account and not on_resource.governs:
        return replace(says, leaves_to_account=Truth.YES)
    return says


def _together(answer: EvaluationResult, layers: list[PolicyResult]) -> tuple[Truth, Expected]:
    permits = answer.permits
    for layer in layers:
        permits = logical_and(permits, layer.permits)
    explicit = answer.permits is Truth.NO and answer.decision.value == Expected.EXPLICIT_DENY.value
    return permits, _named(permits, explicit=explicit or any(layer.denies is Truth.YES for layer in layers))


def _named(permits: Truth, *, explicit: bool) -> Expected:
    if permits is Truth.PERHAPS:
        return Expected.CANNOT_TELL
    if permits is Truth.YES:
        return Expected.ALLOWED
    return Expected.EXPLICIT_DENY if explicit else Expected.IMPLICIT_DENY
