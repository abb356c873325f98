"""The rows of the causes view: one a finding, with the nodes it holds down and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import marked, say
from ssmtui.model.node import NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.subject import SubjectKind
from ssmtui.ui.words.columns import Column, Rank
from ssmtui.ui.words.filtering import FilteredRow
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.row_columns import (
    RowColumn,
    RowField,
    cells_of,
    columns_for,
    fields_of,
    where_regions_differ,
    widths_of,
)
from ssmtui.ui.words.signs import STATUSES

if TYPE_CHECKING:
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.ui.words.fleet import Fleet

_STATUSES = tuple(STATUSES)


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A row: a finding, and how many of its nodes the filter admits."""

    fleet: Fleet
    held: FleetFinding
    counted: int


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


def _status(row: CauseRow) -> Cell:
    sign = STATUSES[row.held.finding.status]
    return cell(sign.glyph, sign.ink)


def _status_words(held: FleetFinding) -> tuple[str, ...]:
    sign = STATUSES[held.finding.status]
    return (sign.sentence, sign.word)


def _subject_words(row: CauseRow) -> tuple[str, ...]:
    subject = row.held.finding.subject
    return (subject_name(row.fleet, row.held), subject.id, subject.kind.value, say(subject.kind.value))


def _fix_words(row: CauseRow) -> tuple[str, ...]:
    finding = row.held.finding
    return tuple(word for fix in finding.fixes for word in (fix, fix_title(row.fleet, finding.cause, fix)))


def _subject(row: CauseRow) -> Cell:
    # The name first: it is what tells rows apart where both are cut.
    kind = say(row.held.finding.subject.kind.value)
    return (*cell(subject_name(row.fleet, row.held)), (f" {kind}", Ink.FAINT))


def _fix(row: CauseRow) -> Cell:
    finding = row.held.finding
    if not finding.fixes:
        return cell("–", Ink.FAINT)
    return cell(fix_title(row.fleet, finding.cause, finding.fixes[0]), Ink.MUTED)


COLUMNS: tuple[RowColumn[CauseRow], ...] = (
    RowColumn(
        Column("status", "", 1, 1, 0),
        cell=_status,
        order=lambda row: (_STATUSES.index(row.held.finding.status), -row.counted),
        field=RowField(
            marked("fail, warn, unknown, info"),
            1,
            by_beginning=True,
            values=lambda row: _status_words(row.held),
            known=tuple(sign.sentence for sign in STATUSES.values()),
        ),
    ),
    RowColumn(
        Column("nodes", marked("nodes"), 5, 6, 2, numeric=True),
        cell=lambda row: cell(str(row.counted), Ink.STRONG),
        order=lambda row: (-row.counted,),
    ),
    RowColumn(
        Column("cause", marked("cause"), 30, 52, 1),
        cell=lambda row: cell(row.fleet.finding_title(row.held.finding)),
        order=lambda row: (row.fleet.title(row.held.finding.cause).casefold(),),
        field=RowField(
            marked("the cause's title, or its slug, such as log-group-*"),
            2,
            values=lambda row: (row.fleet.finding_title(row.held.finding), row.held.finding.cause),
        ),
        width=lambda row: cell_len(printable(row.fleet.finding_title(row.held.finding))),
    ),
    RowColumn(
        Column("subject", marked("subject"), 20, 36, 4),
        cell=_subject,
        order=lambda row: (row.held.finding.subject.kind.value, subject_name(row.fleet, row.held).casefold()),
        width=lambda row: sum(cell_len(text) for text, _ in _subject(row)),
        field=RowField(marked("what is wrong, by its name, its id or its kind"), 3, values=_subject_words),
    ),
    RowColumn(
        Column("region", marked("region"), 9, 14, 3),
        cell=lambda row: cell(row.held.scope.region, Ink.MUTED),
        order=lambda row: (row.held.scope.region,),
        width=lambda row: len(row.held.scope.region),
        field=RowField(marked("the AWS Region"), 4, by_beginning=True, values=lambda row: (row.held.scope.region,)),
        among=where_regions_differ,
    ),
    RowColumn(
        Column("fix", marked("fix"), 28, None, 5, spare=True),
        cell=_fix,
        order=lambda row: (not row.held.finding.fixes, row.held.finding.fixes),
        width=lambda _row: 40,
        field=RowField(marked("what mends it, such as grant-*; none"), 5, values=_fix_words),
    ),
)
"""In the order in which they stand. One more value here is one more column."""

FIELDS: Mapping[str, RowField[CauseRow]] = fields_of(COLUMNS)
"""The fields of the filter line of the causes, in the order of the help."""

_BY_KEY = {each.column.key: each for each in COLUMNS}


def columns(fleet: Fleet) -> tuple[Column, ...]:
    """The columns for the scopes there are."""
    return columns_for(fleet, COLUMNS)


def cells(fleet: Fleet, id_: str, counted: Callable[[FleetFinding], int]) -> Mapping[str, Cell]:
    """What the columns show of a finding. `counted` says how many of its nodes the filter admits."""
    held = fleet.state.findings.get(id_)
    return cells_of(CauseRow(fleet, held, counted(held)), COLUMNS) if held else {}


def widths(fleet: Fleet, id_: str) -> Mapping[str, int]:
    """How wide the texts of a finding are, of the columns that grow with them."""
    held = fleet.state.findings.get(id_)
    return widths_of(CauseRow(fleet, held, len(held.nodes)), COLUMNS) if held else {}


def rank(fleet: Fleet, id_: str, column: str, counted: Callable[[FleetFinding], int]) -> Rank:
    """What a finding is ordered by in a column."""
    held = fleet.state.findings[id_]
    return _BY_KEY.get(column, _BY_KEY["cause"]).order(CauseRow(fleet, held, counted(held)))


def base(fleet: Fleet, id_: str) -> Rank:
    """What findings are ordered by where the chosen column does not tell them apart."""
    held = fleet.state.findings[id_]
    return (_STATUSES.index(held.finding.status), -len(held.nodes), id_)


def filtered_rows(fleet: Fleet) -> Iterator[FilteredRow]:
    """What a filter sees of every finding."""
    return (filtered_row(fleet, held, len(held.nodes)) for held in fleet.state.findings.values())


def filtered_row(fleet: Fleet, held: FleetFinding, counted: int) -> FilteredRow:
    """What a filter sees of a finding: `counted` is how many of its nodes are shown."""
    row = CauseRow(fleet, held, counted)
    fields = {name: tuple(value.casefold() for value in field.values(row) if value) for name, field in FIELDS.items()}
    text = "\n".join(value for values in fields.values() for value in values)
    return FilteredRow(f"{text}\n{held.finding.summary.casefold()}", fields, {})
