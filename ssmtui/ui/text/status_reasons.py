"""Say why a node has its status, and name the link with the problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import say, say_many
from ssmtui.model.finding import Confidence, Finding, FleetFinding, Link, Status, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import Rank, text_rank
from ssmtui.ui.text.styled_text import PRESUMED, Cell, TextStyle, cell, plain_text, sign_of

if TYPE_CHECKING:
    from ssmtui.ui.text.fleet import Fleet


_MAX_CACHED = 1_000
"""The most cached texts: many more than there are kinds of nodes, unless each node has an error of its own."""


@dataclass(frozen=True, slots=True)
class StatusReason:
    """The text of the reason, its rank, and its width in cells."""

    cell: Cell
    rank: Rank
    width: int


def cached_reason(fleet: Fleet, key: NodeKey) -> StatusReason:
    """Return the reason for a node's status; the text is built once for all nodes with the same findings."""
    verdict = fleet.verdict(key)
    alike = (verdict.status, verdict.settled, verdict.confidence, verdict.root_cause, verdict.finding_ids)
    kept = fleet.reason_cache.get(alike)
    if not isinstance(kept, StatusReason):
        words = _reason(fleet, key)
        text = plain_text(words)
        kept = StatusReason(words, text_rank(text), cell_len(text))
        if len(fleet.reason_cache) >= _MAX_CACHED:
            fleet.reason_cache.clear()
        fleet.reason_cache[alike] = kept
    if not fleet.is_stale(key):
        return kept
    words = _as_stale(kept.cell)
    return replace(kept, cell=words, width=cell_len(plain_text(words)))  # and it sorts at this text's place


def status_reason(fleet: Fleet, key: NodeKey) -> Cell:
    """Return the root cause's title, or the other reason for a node's status; and whether it is an older result."""
    said = _reason(fleet, key)
    return _as_stale(said) if fleet.is_stale(key) else said


def problem_link(fleet: Fleet, key: NodeKey) -> Link | None:
    """Return the link of the finding that is the reason for a node's status; None if no finding is."""
    verdict = fleet.verdict(key)
    status = _FINDING_STATUSES.get(verdict.status)
    found = _findings_with(fleet, key, status) if status is not None else []
    named = (each for each in found if each.finding.cause == verdict.root_cause)
    first = next(named, next(iter(found), None))
    return first.link if first is not None else None


_FINDING_STATUSES = {
    VerdictStatus.FAIL: Status.FAIL,
    VerdictStatus.WARN: Status.WARN,
    VerdictStatus.UNKNOWN: Status.UNKNOWN,
}


def _as_stale(said: Cell) -> Cell:
    return (*cell(say("outdated: "), TextStyle.WARN), *said)


def _reason(fleet: Fleet, key: NodeKey) -> Cell:
    verdict = fleet.verdict(key)
    match verdict.status:
        case VerdictStatus.STOPPED:
            return cell(say("stopped"), TextStyle.FAINT)
        case VerdictStatus.RESTRICTED:
            node = fleet.node(key)
            service = (node.service if node is not None else None) or say("an AWS service")
            return cell(say("managed by {service}", service=service), TextStyle.FAINT)
        case VerdictStatus.OK if sign_of(verdict) is PRESUMED:
            asked = say("not checked") if verdict.settled else say("check pending")
            return (*cell(say("presumed ok: ")), *cell(asked, TextStyle.FAINT))
        case VerdictStatus.OK:
            return cell(say("ok"), TextStyle.OK)
        case VerdictStatus.FAIL:
            return _failure_reason(fleet, key)
        case VerdictStatus.WARN:
            return _warning_reason(fleet, key)
        case VerdictStatus.UNKNOWN:
            return _unknown_reason(fleet, key) if verdict.settled else cell(say("checking…"), TextStyle.FAINT)


def _failure_reason(fleet: Fleet, key: NodeKey) -> Cell:
    verdict = fleet.verdict(key)
    text = fleet.title(verdict.root_cause) if verdict.root_cause else say("sessions cannot be opened")
    pieces = [(printable(text), TextStyle.PLAIN)]
    if verdict.confidence is not Confidence.PROVED:
        pieces.append((f" ({say(verdict.confidence.value)})", TextStyle.FAINT))
    return (*pieces, *_more(len(_findings_with(fleet, key, Status.FAIL))))


def _warning_reason(fleet: Fleet, key: NodeKey) -> Cell:
    warnings = _findings_with(fleet, key, Status.WARN)
    if not warnings:
        return cell(say("sessions open, with a warning"))
    return (*cell(fleet.title(warnings[0].finding.cause)), *_more(len(warnings)))


def _more(findings: int) -> Cell:
    """Return how many findings are not shown, if one of these is shown."""
    if findings < 2:
        return ()
    return ((say_many(" +{count} more", " +{count} more", count=findings - 1), TextStyle.WARN),)


def _unknown_reason(fleet: Fleet, key: NodeKey) -> Cell:
    unknown = _findings_with(fleet, key, Status.UNKNOWN)
    needs = dict.fromkeys(need for each in unknown for need in each.finding.needs)
    if needs:
        return cell(say("unknown: needs {needs}", needs=", ".join(needs)), TextStyle.UNKNOWN)
    if not unknown:
        return cell(say("unknown"), TextStyle.UNKNOWN)
    failed = next((fact for each in unknown for fact in _failed_calls(each.finding)), unknown[0].finding.summary)
    return cell(say("unknown: {summary}", summary=failed), TextStyle.UNKNOWN)


def _failed_calls(finding: Finding) -> list[str]:
    """Return the results of the failed calls: shorter than the list of everything that is unknown without them."""
    return [each.fact for each in finding.evidence if each.fact.startswith(f"{each.source}: ")]


def _findings_with(fleet: Fleet, key: NodeKey, status: Status) -> list[FleetFinding]:
    """Return the findings of a node with this status. Those of this computer are in the banner, once for all nodes."""
    found = (each for each in fleet.findings_of(key) if each.finding.status is status)
    return [each for each in found if not each.finding.is_about_workstation]
