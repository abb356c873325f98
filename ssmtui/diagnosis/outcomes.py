"""What the judgements of one node's path come to: its verdict, and the findings that it holds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.checks.check import Check
from ssmtui.checks.probed import Held
from ssmtui.diagnosis.judging import Judged, Judgement
from ssmtui.diagnosis.ledger import by_id, gravity
from ssmtui.diagnosis.probing import Probed
from ssmtui.diagnosis.verdicts import Presence, held_findings, verdict_of
from ssmtui.model.finding import Finding
from ssmtui.model.fleet import Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """A node's verdict and its findings by id. It is `complete` once every check has come back."""

    verdict: Verdict
    held: Mapping[str, Held]
    complete: bool


def outcome_of(
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, Judgement],
    by_probe: Probed | None = None,
) -> Outcome:
    """The outcome of a path as far as its checks have come back."""
    outstanding = frozenset(check.name for check in checks) - judgements.keys()
    found = held_findings(checks, judgements, by_probe)
    verdict = verdict_of(presence, region, checks, judgements, outstanding, by_probe)
    return Outcome(verdict, by_id(found, region), complete=not outstanding)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The outcome of all nodes whose own findings weigh the same: of each of these, whether it counts."""

    shared: Outcome
    counted: tuple[bool, ...]


class ClassOutcomes:
    """The outcomes of the nodes of one class: worked out once for all that differ in nothing that counts.

    `judgements` are those that they share, `own` the checks that each node is judged by itself.
    """

    def __init__(
        self,
        presence: Presence,
        region: str,
        checks: Sequence[Check],
        judgements: Mapping[str, Judgement],
        own: Sequence[Check],
    ) -> None:
        self._presence = presence
        self._region = region
        self._checks = checks
        self._judgements = judgements
        self._own = own
        self._shapes: dict[tuple[Hashable, ...], _Shape] = {}

    def of(self, own: Sequence[Judgement]) -> Outcome:
        """The outcome of a node by what its own checks came to, in their order."""
        weights = tuple([_weight(each) for each in own])
        shape = self._shapes.get(weights)
        if shape is None:
            shape = self._shapes[weights] = self._shape(own)
        if not shape.counted:
            return shape.shared
        return self._with(shape, own)

    def _shape(self, own: Sequence[Judgement]) -> _Shape:
        judgements = dict(self._judgements)
        judgements.update((check.name, judged) for check, judged in zip(self._own, own, strict=True))
        found = held_findings(self._checks, judgements)
        verdict = verdict_of(self._presence, self._region, self._checks, judgements, frozenset())
        counted = {id(finding) for _, finding in found}
        owned = [finding for _, finding in self._findings(own)]
        shared = [held for held in found if not any(held[1] is finding for finding in owned)]
        return _Shape(
            Outcome(verdict, by_id(shared, self._region), complete=True),
            tuple(id(finding) in counted for finding in owned),
        )

    def _with(self, shape: _Shape, own: Sequence[Judgement]) -> Outcome:
        held = dict(shape.shared.held)
        for each, counts in zip(self._findings(own), shape.counted, strict=True):
            if counts:
                id_ = each[1].id_in(self._region)
                held[id_] = min(held.get(id_, each), each, key=gravity)
        like = shape.shared.verdict
        verdict = Verdict(
            like.status, like.confidence, like.root_cause, tuple(sorted(held)), like.links, like.settled, like.passed
        )
        return Outcome(verdict, held, complete=True)

    def _findings(self, own: Sequence[Judgement]) -> list[Held]:
        return [
            (check.link, finding)
            for check, judged in zip(self._own, own, strict=True)
            if isinstance(judged, Judged)
            for finding in judged.findings
        ]


def _weight(judgement: Judgement) -> Hashable:
    """All of a judgement that decides on a verdict."""
    if not isinstance(judgement, Judged):
        return None
    return tuple([_weight_of(finding) for finding in judgement.findings])


def _weight_of(finding: Finding) -> Hashable:
    return finding.cause, finding.status, finding.confidence, finding.until is None
