"""The rows of the Explain screen: the causes that a text names, likeliest first, and whether they are true here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ssmtui.causes.denials import denials_told
from ssmtui.causes.matching import Match, match_text
from ssmtui.diagnosis.confirming import true_here
from ssmtui.language import marked
from ssmtui.model.denial import Denial
from ssmtui.model.finding import Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.signs import Sign

COLUMNS = (
    Column("likelihood", marked("likely"), 6, 6, 1, numeric=True),
    Column("here", "", 15, 24, 2),
    Column("cause", marked("cause"), 20, None, 0),
)

_NODE_ID = re.compile(r"\bm?i-[0-9a-f]{8,17}\b")

_TRUE = Sign("✖", Ink.FAIL, marked("true here"))
_FALSE = Sign("●", Ink.OK, marked("not here"))
_NOT_YET = Sign("·", Ink.FAINT, marked("not known yet"))
_UNTOLD = Sign("?", Ink.UNKNOWN, marked("cannot tell"))


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cause that a text names. `here` says whether it is true of the nodes looked at, None while it is not known."""

    match: Match
    here: bool | None


def suspects(
    fleet: Fleet, matches: Collection[Match], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, Suspect]:
    """The causes of a text by slug, likeliest first, as the diagnosis knows them now."""
    told = true_here(fleet.state, [match.cause for match in matches], nodes)
    return {match.cause: Suspect(match, told[match.cause]) for match in matches}


def matches_of(fleet: Fleet, text: str) -> tuple[tuple[Match, ...], tuple[Denial, ...]]:
    """The causes that a text names, and its refusals. For a thread: a whole scrollback takes a while."""
    matches = match_text(text, fleet.causes.values())
    return matches, denials_told(text, certain=bool(matches))


def ids_named(text: str) -> frozenset[str]:
    """The ids of nodes that a text names, whether there are such nodes or not."""
    return frozenset(_NODE_ID.findall(text))


def nodes_named(fleet: Fleet, ids: frozenset[str]) -> tuple[NodeKey, ...]:
    """The nodes of these ids, of those that there are."""
    return tuple(key for key in fleet.state.nodes if key.id in ids) if ids else ()


def cells(fleet: Fleet, suspect: Suspect) -> Mapping[str, Cell]:
    """One row."""
    sign = sign_here(fleet, suspect)
    return {
        "likelihood": cell(f"{suspect.match.likelihood:.0%}", Ink.STRONG),
        "here": cell(f"{sign.glyph} {sign.word}", sign.ink),
        "cause": cell(fleet.title(suspect.match.cause)),
    }


def sign_here(fleet: Fleet, suspect: Suspect) -> Sign:
    """Whether a cause is true here, as a sign: with its word, while the diagnosis goes on and after."""
    match suspect.here:
        case True:
            return _TRUE
        case False:
            return _FALSE
        case None:
            return _NOT_YET if fleet.pending or not fleet.scopes else _UNTOLD


def findings_of(fleet: Fleet, cause: str, nodes: Collection[NodeKey] | None = None) -> list[FleetFinding]:
    """The findings of a cause that hold for one of these nodes (of all, where none are named), the widest first."""
    held = (
        each
        for each in fleet.state.findings.values()
        if each.finding.cause == cause and (nodes is None or not each.nodes.isdisjoint(nodes))
    )
    return sorted(held, key=lambda each: (each.finding.status is Status.UNKNOWN, -len(each.nodes), each.id))
