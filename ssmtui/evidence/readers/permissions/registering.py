"""Whether a role may register one node: IAM judges that on the node's own ARN, and most policies on all of them.

A policy can name single nodes, so that each is asked about by its own ARN; what is so for all of them alike is worded
alike, and judged once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ssmtui.evidence.readers.identity.roles import SimulatedCore
from ssmtui.model.managed_fleet import NodesAlike
from ssmtui.model.node import Node
from ssmtui.model.permissions import Decision, EvaluationResult
from ssmtui.model.questions import UPDATE_INSTANCE_INFORMATION, node_arn
from ssmtui.model.scope import Scope

ALL_INSTANCES = NodesAlike(frozenset(("i-*",)))
ALL_HYBRID_NODES = NodesAlike(frozenset(("mi-*",)))
"""What stands for nodes that could not be listed: policies about all nodes fit it as they fit each."""


def all_in_one(scope: Scope, by_arn: Mapping[str, EvaluationResult]) -> Mapping[str, EvaluationResult]:
    """Answers by the ARN of each node; one for all, where it is the same for each."""
    first = next(iter(by_arn.values()), None)
    if first is None or not all(each.says_the_same(first) for each in by_arn.values()):
        return by_arn
    of_all = _of_all(scope, first.question.resource.rpartition("/")[2])
    return {of_all: replace(first, question=replace(first.question, resource=of_all))}


def core_at_node(scope: Scope, simulated: SimulatedCore, node: Node) -> tuple[EvaluationResult, ...]:
    """What IAM says of the role, at this node: its id counts only where not all are answered alike."""
    told = simulated.registering
    if len(told) == 1:
        own: EvaluationResult | None = next(iter(told.values()))
    else:
        own = told.get(node_arn(scope, node.id)) or told.get(_of_all(scope, node.id))
    return tuple(
        _at_node(own, each, simulated) if own and each.question.action == UPDATE_INSTANCE_INFORMATION else each
        for each in simulated.answers
    )


def _of_all(scope: Scope, node_id: str) -> str:
    return node_arn(scope, "mi-*" if node_id.startswith("mi-") else "i-*")


def _at_node(own: EvaluationResult, on_all: EvaluationResult, simulated: SimulatedCore) -> EvaluationResult:
    """The answer on the node's ARN, else on `*`: allowed on either is allowed, but for an explicit denial.

    Source: docs/facts/permissions.md §2.
    """
    silently_denied = own.decision is Decision.IMPLICIT_DENY or (own.undecided and not own.may_be_barred)
    told = on_all if silently_denied and on_all.allowed else own
    if told.allowed or told.says_the_same(on_all):
        return replace(told, question=on_all.question)
    if all(each.says_the_same(told) for each in simulated.registering.values()):
        of_all = own.question.resource.rpartition("/")[0]
        return replace(told, question=replace(own.question, resource=f"{of_all}/*"))
    return told
