"""Why a node is as it is, in one line of words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import say
from ssmtui.model.finding import Confidence, Finding, Status
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.ink import Cell, Ink, cell, plain
from ssmtui.ui.words.row_columns import text_rank
from ssmtui.ui.words.signs import PRESUMED, sign_of

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.words.columns import Rank
    from ssmtui.ui.words.fleet import Fleet

_KEPT = 1_000
"""Words that are kept: many more than there are kinds of nodes, unless each has a fault of its own."""


@dataclass(frozen=True, slots=True)
class Why:
    """The words, how they are ordered, and how many cells they take."""

    cell: Cell
    rank: Rank
    width: int


def known_why(fleet: Fleet, key: NodeKey) -> Why:
    """Why a node is as it is; put into words once for all nodes of which the same was found."""
    verdict = fleet.verdict(key)
    alike = (verdict.status, verdict.settled, verdict.confidence, verdict.root_cause, verdict.finding_ids)
    kept = fleet.whys.get(alike)
    if not isinstance(kept, Why):
        words = _why(fleet, key)
        text = plain(words)
        kept = Why(words, text_rank(text), cell_len(text))
        if len(fleet.whys) >= _KEPT:
            fleet.whys.clear()
        fleet.whys[alike] = kept
    if not fleet.is_of_before(key):
        return kept
    words = _of_before(kept.cell)
    return replace(kept, cell=words, width=cell_len(plain(words)))  # and in its place among the others


def why(fleet: Fleet, key: NodeKey) -> Cell:
    """The root cause's title, or what else there is to say of a node; and whether that is how it was before."""
    said = _why(fleet, key)
    return _of_before(said) if fleet.is_of_before(key) else said


def _of_before(said: Cell) -> Cell:
    return (*cell(say("not current: "), Ink.WARN), *said)


def _why(fleet: Fleet, key: NodeKey) -> Cell:
    verdict = fleet.verdict(key)
    match verdict.status:
        case VerdictStatus.STOPPED:
            return cell(say("stopped"), Ink.FAINT)
        case VerdictStatus.OK if sign_of(verdict) is PRESUMED:
            asked = say("was not asked") if verdict.settled else say("waits to be asked")
            return (*cell(say("ok like others: ")), *cell(asked, Ink.FAINT))
        case VerdictStatus.OK:
            return cell(say("ok"), Ink.OK)
        case VerdictStatus.FAIL:
            return _broken(fleet, key)
        case VerdictStatus.WARN:
            return _warned(fleet, key)
        case VerdictStatus.UNKNOWN:
            return _untold(fleet, key) if verdict.settled else cell(say("checking…"), Ink.FAINT)


def _broken(fleet: Fleet, key: NodeKey) -> Cell:
    verdict = fleet.verdict(key)
    text = fleet.title(verdict.root_cause) if verdict.root_cause else say("a session cannot be opened")
    pieces = [(printable(text), Ink.PLAIN)]
    if verdict.confidence is not Confidence.PROVED:
        pieces.append((f" ({say(verdict.confidence.value)})", Ink.FAINT))
    more = len(_of(fleet, key, Status.FAIL)) - 1
    if more > 0:
        pieces.append((say(" +{more} more", more=more), Ink.WARN))
    return tuple(pieces)


def _warned(fleet: Fleet, key: NodeKey) -> Cell:
    warnings = _of(fleet, key, Status.WARN)
    if not warnings:
        return cell(say("a session opens, with a warning"))
    more = ((say(" +{more} more", more=len(warnings) - 1), Ink.WARN),) if len(warnings) > 1 else ()
    return (*cell(fleet.title(warnings[0].finding.cause)), *more)


def _untold(fleet: Fleet, key: NodeKey) -> Cell:
    unknown = _of(fleet, key, Status.UNKNOWN)
    needs = dict.fromkeys(need for each in unknown for need in each.finding.needs)
    if needs:
        return cell(say("cannot tell: needs {needs}", needs=", ".join(needs)), Ink.UNKNOWN)
    if not unknown:
        return cell(say("cannot tell"), Ink.UNKNOWN)
    failed = next((fact for each in unknown for fact in _failed_calls(each.finding)), unknown[0].finding.summary)
    return cell(say("cannot tell: {summary}", summary=failed), Ink.UNKNOWN)


def _failed_calls(finding: Finding) -> list[str]:
    """What became of the calls that gave no answer: shorter than what cannot be told without them."""
    return [each.fact for each in finding.evidence if each.fact.startswith(f"{each.source}: ")]


def _of(fleet: Fleet, key: NodeKey, status: Status) -> list[FleetFinding]:
    return [each for each in fleet.findings_of(key) if each.finding.status is status]
