"""Findings as a report tells them, with the link that each is on, as its cause's page has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from ssmtui.causes.cause import Cause
from ssmtui.model.finding import Confidence, Evidence, Finding, Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link
from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind
from ssmtui.report.marks import STATUSES_WORST_FIRST, confidence_of, later_word, status_of

_KINDS = {kind.value: kind for kind in SubjectKind}


def finding_of(
    told: Mapping[str, JSON],
    keys: Callable[[str], Iterable[NodeKey]],
    scope: Callable[[NodeKey | None], Scope],
    causes: Mapping[str, Cause],
) -> FleetFinding:
    """The finding; `keys` are the nodes of an id, and `scope` is where a node is."""
    nodes = frozenset(key for id_ in _texts(told["nodes"]) for key in keys(id_))
    subject = cast("Mapping[str, JSON]", told["subject"])
    cause = causes.get(str(told["cause"]))
    first = min(nodes, key=lambda key: (key.account, key.region, key.id), default=None)
    return FleetFinding(
        str(told["id"]),
        scope(first),
        cause.link if cause is not None else Link.SYSTEM,
        Finding(
            str(told["cause"]),
            Status(status_of(told)),
            Confidence(confidence_of(told)),
            Subject(_KINDS.get(str(subject["kind"]), SubjectKind.NODE), str(subject["id"])),
            _summary(told),
            tuple(Evidence(each["fact"], each["source"]) for each in cast("list[dict[str, str]]", told["evidence"])),
            _texts(told["fixes"]),
            _texts(told["needs"]),
        ),
        nodes,
    )


def _summary(told: Mapping[str, JSON]) -> str:
    """What was found; a status that only a later version knows is told before it."""
    later = later_word(told["status"], STATUSES_WORST_FIRST)
    return f"{later}: {told['summary']}" if later else str(told["summary"])


def _texts(value: JSON) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[JSON]", value))
