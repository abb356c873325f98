"""From ways that are not open to findings: services that end at the same hop are one finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ssmtui.checks.denials import in_words, least_sure
from ssmtui.checks.network.ways import Closed, OutOfSight
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.subject import Subject

_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)


@dataclass(frozen=True, slots=True)
class ClosedService:
    """A service whose way is closed or lost from sight, and how much that matters. `needs` would settle an unknown."""

    service: str
    way: Closed | OutOfSight
    status: Status
    confidence: Confidence
    needs: tuple[str, ...] = ()


def findings_of(obstacles: Iterable[ClosedService]) -> Findings:
    """One finding for each cause and subject, in the order met; it is as bad as the worst of its services."""
    together: dict[tuple[str, Subject], list[ClosedService]] = {}
    for obstacle in obstacles:
        together.setdefault((obstacle.way.cause, obstacle.way.subject), []).append(obstacle)
    return tuple(_finding(each) for each in together.values())


def _finding(obstacles: list[ClosedService]) -> Finding:
    statuses = {_status(each) for each in obstacles}
    status = next(each for each in _WORST_FIRST if each in statuses)
    decisive = [each for each in obstacles if _status(each) is status]
    services = in_words(list(dict.fromkeys(each.service for each in obstacles)))
    first = decisive[0].way
    summary = (
        say("{hop}: it is not known whether there is a way to {services}.", hop=first.hop, services=services)
        if status is Status.UNKNOWN
        else say("{hop}: no way to {services}.", hop=first.hop, services=services)
    )
    return Finding(
        cause=first.cause,
        status=status,
        confidence=(
            Confidence.POSSIBLE if status is Status.UNKNOWN else least_sure(each.confidence for each in decisive)
        ),
        subject=first.subject,
        summary=summary,
        evidence=tuple(dict.fromkeys(fact for each in obstacles for fact in each.way.evidence)),
        fixes=_fixes(first, status),
        needs=tuple(dict.fromkeys(need for each in decisive for need in _needs(each))),
    )


def _fixes(way: Closed | OutOfSight, status: Status) -> tuple[str, ...]:
    """Of what is not known, nothing is mended; but whom to ask is known of a shared subnet."""
    if way.cause == "shared-vpc":
        return ("steps-network",)
    return way.fixes if isinstance(way, Closed) and status is not Status.UNKNOWN else ()


def _needs(obstacle: ClosedService) -> tuple[str, ...]:
    return (*obstacle.needs, *obstacle.way.needs) if isinstance(obstacle.way, OutOfSight) else obstacle.needs


def _status(obstacle: ClosedService) -> Status:
    return Status.UNKNOWN if isinstance(obstacle.way, OutOfSight) else obstacle.status
