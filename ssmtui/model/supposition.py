"""What IAM is asked about a principal as it would be: with policies that a change would give it."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.permissions import EvaluationResult, Question


@dataclass(frozen=True, slots=True)
class Supposition:
    """Questions about a principal that is given policies: documents of inline ones, and ARNs of managed ones."""

    principal: str
    questions: tuple[Question, ...]
    documents: tuple[str, ...]
    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupposedAnswers:
    """What IAM answered."""

    answers: tuple[EvaluationResult, ...]
