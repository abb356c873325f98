"""The rows of the causes view: one a finding, with the nodes it holds down and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rich.cells import cell_len

from ssmtui.language import marked, say
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.subject import SubjectKind
from ssmtui.ui.words.columns import Column, Rank
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.signs import STATUSES

_STATUSES = tuple(STATUSES)

_REGION = Column("region", marked("region"), 9, 14, 3)
_COLUMNS = (
    Column("status", "", 1, 1, 0),
    Column("nodes", marked("nodes"), 5, 6, 2, numeric=True),
    Column("cause", marked("cause"), 30, 52, 1),
    Column("subject", marked("subject"), 20, 36, 4),
    Column("fix", marked("fix"), 28, None, 5, spare=True),
)


def columns(fleet: Fleet) -> tuple[Column, ...]:
    """The columns for the scopes there are."""
    regions = {name.region for name in (*fleet.state.scopes, *fleet.state.errors)}
    region = replace(_REGION, least=max((len(each) for each in regions), default=0))
    return (*_COLUMNS[:4], *((region,) if len(regions) > 1 else ()), *_COLUMNS[4:])


def cells(fleet: Fleet, id_: str, counted: Callable[[FleetFinding], int]) -> Mapping[str, Cell]:
    """What the columns show of a finding. `counted` says how many of its nodes the filter admits."""
    held = fleet.state.findings.get(id_)
    if held is None:
        return {}
    finding = held.finding
    sign = STATUSES[finding.status]
    return {
        "status": cell(sign.glyph, sign.ink),
        "nodes": cell(str(counted(held)), Ink.STRONG),
        "cause": cell(fleet.finding_title(finding)),
        # The name first: it is what tells rows apart where both are cut.
        "subject": (*cell(subject_name(fleet, held)), (f" {say(finding.subject.kind.value)}", Ink.FAINT)),
        "region": cell(held.scope.region, Ink.MUTED),
        "fix": _fix(fleet, held),
    }


def content(fleet: Fleet, held: FleetFinding) -> Mapping[str, int]:
    """How wide the texts of a finding are."""
    return {
        "cause": cell_len(printable(fleet.finding_title(held.finding))),
        "subject": cell_len(printable(subject_name(fleet, held))) + 1 + cell_len(say(held.finding.subject.kind.value)),
        "region": len(held.scope.region),
        "fix": 40,
    }


def rank(fleet: Fleet, id_: str, column: str, counted: Callable[[FleetFinding], int]) -> Rank:
    """What a finding is ordered by in a column."""
    held = fleet.state.findings[id_]
    match column:
        case "status":
            return (_STATUSES.index(held.finding.status), -counted(held))
        case "nodes":
            return (-counted(held),)
        case "subject":
            return (held.finding.subject.kind.value, subject_name(fleet, held).casefold())
        case "region":
            return (held.scope.region,)
        case "fix":
            return (not held.finding.fixes, held.finding.fixes)
        case _:
            return (fleet.title(held.finding.cause).casefold(),)


def base(fleet: Fleet, id_: str) -> Rank:
    """What findings are ordered by where the chosen column does not tell them apart."""
    held = fleet.state.findings[id_]
    return (_STATUSES.index(held.finding.status), -len(held.nodes), id_)


def subject_name(fleet: Fleet, held: FleetFinding) -> str:
    """What a person calls the subject: a node by its name, most else by the last part of its id."""
    subject = held.finding.subject
    if subject.kind is SubjectKind.NODE:
        node = fleet.node(NodeKey(held.scope.account, held.scope.region, subject.id))
        return node.name or subject.id if node else subject.id
    return say("this computer") if subject.kind is SubjectKind.WORKSTATION else subject.name


def fix_title(fleet: Fleet, cause: str, fix: str) -> str:
    """A fix in words, as the cause's file names it."""
    known = fleet.causes.get(cause)
    offered = next((each for each in known.fixes if each.slug == fix), None) if known else None
    return offered.title if offered else fix


def _fix(fleet: Fleet, held: FleetFinding) -> Cell:
    if not held.finding.fixes:
        return cell("–", Ink.FAINT)
    return cell(fix_title(fleet, held.finding.cause, held.finding.fixes[0]), Ink.MUTED)
