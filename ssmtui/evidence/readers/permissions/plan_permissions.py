"""Read whether the caller can make a plan's calls, and what a role could do with one more policy."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.facts.sources import reads
from ssmtui.evidence.readers.identity.policy_documents import document_from_answer
from ssmtui.evidence.readers.permissions.simulation import simulate
from ssmtui.iam_policy.patterns import Context
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable
from ssmtui.model.permissions import SIMULATION, Permissions, Question
from ssmtui.model.plan import PlannedCalls, PlanPermissions, SupposedAnswers, Supposition
from ssmtui.model.request_context import agent_context
from ssmtui.model.scope import Scope


def _calls(scope: Scope, planned: PlannedCalls) -> Hashable:
    return scope.principal, planned.questions


@reads(SIMULATION, key=_calls)
async def plan_permissions(aws: Aws, scope: Scope, planned: PlannedCalls) -> PlanPermissions | NotApplicable:
    """Who makes the change is whoever asks, whomever the diagnosis judges."""
    if scope.principal is None:
        return NotApplicable(say("IAM simulates neither the account's root user nor a federated one"))
    return PlanPermissions(scope.principal, await simulate(aws, scope.principal, planned.questions))


P = TypeVar("P", bound=Permissions)


AskIam = Callable[[Supposition], Awaitable[SupposedAnswers | None]]
"""Asks IAM; None where it does not answer."""


async def permissions_with(
    ask: AskIam, now: Permissions, supposed: P, documents: Sequence[str], arns: Sequence[str]
) -> P:
    """The permissions that IAM simulates with these policies added (documents, and managed policies by their ARNs).

    `now` is what IAM said without them: its denials are asked about again. What is `supposed` stays where it had not
    been IAM that said it, where IAM does not answer, and where its answer hangs on what nobody told it.
    """
    asked = [answer.question for answer in now.denied() if answer.source == SIMULATION]
    if not asked:
        return supposed

    said = await ask(Supposition(now.principal, tuple(asked), tuple(documents), tuple(arns)))
    if said is None:
        return supposed
    told = {answer.question: answer for answer in said.answers}
    answers = (told.get(each.question, each) for each in supposed.answers)
    decided = (each if new.undecided else new for each, new in zip(supposed.answers, answers, strict=True))
    return replace(supposed, answers=tuple(decided))


async def ask_iam(aws: Aws, scope: Scope, supposed: Supposition) -> SupposedAnswers | None:
    """What IAM simulates; None where it does not answer."""

    def known(question: Question) -> Context:
        return agent_context(scope, supposed.principal, question)

    try:
        added = [*supposed.documents, *[await _managed(aws, arn) for arn in supposed.arns]]
        answers = await simulate(aws, supposed.principal, supposed.questions, known, added=added)
    except (AwsError, ReadFailed, MalformedAnswer):
        return None
    return SupposedAnswers(answers)


async def _managed(aws: Aws, arn: str) -> str:
    version = (await aws.call("iam", "GetPolicy", PolicyArn=arn)).part("Policy").text("DefaultVersionId")
    answer = await aws.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return json.dumps(document_from_answer(answer.part("PolicyVersion"), "Document"))
