"""What a check said, without its prose: for tables of facts and outcomes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature

from ssmtui.model.fact import NotApplicable, OfNode
from ssmtui.model.finding import (
    JOURNAL,
    PROBE,
    SKIPPED_SOURCE,
    WORKSTATION,
    Confidence,
    Finding,
    Findings,
    Status,
)
from ssmtui.model.node import Node
from ssmtui.model.node_facts import ManagedHybridNode, ManagedNode

_CALLS = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+(, [a-z0-9-]+:[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Said:
    cause: str
    status: Status
    confidence: Confidence
    subject: str
    fixes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def said(findings: Findings | NotApplicable) -> list[Said]:
    """The findings without summary and evidence, which each must have; none of a check that does not apply."""
    if isinstance(findings, NotApplicable):
        return []
    for finding in findings:
        assert is_worded(finding), finding
    return [
        Said(each.cause, each.status, each.confidence, each.subject.id, each.fixes, each.needs) for each in findings
    ]


def is_worded(finding: Finding) -> bool:
    """One sentence that ends, and evidence that says where it is from."""
    sentence = finding.summary.endswith(".") and "\n" not in finding.summary
    return (
        sentence and bool(finding.evidence) and all(each.fact and is_source(each.source) for each in finding.evidence)
    )


def is_source(words: str) -> bool:
    """Whether it names calls of AWS, or one of the sources that are none."""
    return words in {WORKSTATION, JOURNAL, PROBE, SKIPPED_SOURCE} or _CALLS.fullmatch(words) is not None


Judge = Callable[..., Findings | NotApplicable | OfNode[Findings]]


def judged(check: Judge, *facts: object, node: Node | None = None) -> Findings:
    """The findings of a check on facts, about the node that they are of: none, too, where it does not apply."""
    found = answered(check, *facts, node=node)
    return () if isinstance(found, NotApplicable) else found


def answered(check: Judge, *facts: object, node: Node | None = None) -> Findings | NotApplicable:
    """What a check says of facts, about the node that they are of, or why it does not apply to them."""
    node = node or next((each.node for each in facts if isinstance(getattr(each, "node", None), Node)), None)  # type: ignore[attr-defined]
    found = check(*facts, **({"node": node} if "node" in signature(check).parameters else {}))
    if not isinstance(found, OfNode):
        return found
    assert node is not None
    return found.answer(node)


def node_of(fact: ManagedNode | ManagedHybridNode) -> Node:
    """The node that a test has put in a fact in the place of its traits."""
    assert isinstance(fact.node, Node)
    return fact.node
