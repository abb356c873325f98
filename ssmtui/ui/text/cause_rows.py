"""Return the rows of the causes table: one row for each finding, with the affected nodes and the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import say, translatable
from ssmtui.model.finding import SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.text.columns import (
    Column,
    Rank,
    RowColumn,
    RowField,
    cells_of,
    columns_for,
    fields_of,
    where_regions_differ,
    widths_of,
)
from ssmtui.ui.text.filters import FilterValues
from ssmtui.ui.text.styled_text import STATUSES, Cell, TextStyle, cell

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding
    from ssmtui.ui.text.fleet import Fleet


_STATUSES = tuple(STATUSES)


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A row: a finding, and how many of its nodes the filter admits."""

    fleet: Fleet
    fleet_finding: FleetFinding
    counted: int


def subject_name(fleet: Fleet, fleet_finding: FleetFinding) -> str:
    """What a person calls the subject: a node by its name, most else by the last part of its id."""
    subject = fleet_finding.finding.subject
    if subject.kind is SubjectKind.NODE:
        node = fleet.node(NodeKey(fleet_finding.scope.account, fleet_finding.scope.region, subject.id))
        return node.name or subject.id if node else subject.id
    return say("this computer") if subject.kind is SubjectKind.WORKSTATION else subject.name


def fix_title(fleet: Fleet, cause: str, fix: str) -> str:
    """A fix in words, as the cause's file names it."""
    known = fleet.causes.get(cause)
    offered = next((each for each in known.fixes if each.slug == fix), None) if known else None
    return offered.title if offered else fix


def _status(row: CauseRow) -> Cell:
    sign = STATUSES[row.fleet_finding.finding.status]
    return cell(sign.glyph, sign.text_style)


def _status_words(fleet_finding: FleetFinding) -> tuple[str, ...]:
    sign = STATUSES[fleet_finding.finding.status]
    return (sign.sentence, sign.word)


def _subject_words(row: CauseRow) -> tuple[str, ...]:
    subject = row.fleet_finding.finding.subject
    return (subject_name(row.fleet, row.fleet_finding), subject.id, subject.kind.value, say(subject.kind.value))


def _fix_words(row: CauseRow) -> tuple[str, ...]:
    finding = row.fleet_finding.finding
    return tuple(word for fix in finding.fixes for word in (fix, fix_title(row.fleet, finding.cause, fix)))


def _subject(row: CauseRow) -> Cell:
    # The name first: it is what tells rows apart where both are cut.
    kind = say(row.fleet_finding.finding.subject.kind.value)
    return (*cell(subject_name(row.fleet, row.fleet_finding)), (f" {kind}", TextStyle.FAINT))


def _fix(row: CauseRow) -> Cell:
    finding = row.fleet_finding.finding
    if not finding.fixes:
        return cell("–", TextStyle.FAINT)
    return cell(fix_title(row.fleet, finding.cause, finding.fixes[0]), TextStyle.MUTED)


COLUMNS: tuple[RowColumn[CauseRow], ...] = (
    RowColumn(
        Column("status", "", 1, 1, 0),
        cell=_status,
        order=lambda row: (_STATUSES.index(row.fleet_finding.finding.status), -row.counted),
        field=RowField(
            translatable("fail, warn, unknown, info"),
            1,
            by_beginning=True,
            values=lambda row: _status_words(row.fleet_finding),
            known=tuple(sign.sentence for sign in STATUSES.values()),
        ),
    ),
    RowColumn(
        Column("nodes", translatable("nodes"), 5, 6, 2, numeric=True),
        cell=lambda row: cell(str(row.counted), TextStyle.STRONG),
        order=lambda row: (-row.counted,),
    ),
    RowColumn(
        Column("cause", translatable("cause"), 30, 52, 1),
        cell=lambda row: cell(row.fleet.finding_title(row.fleet_finding.finding)),
        order=lambda row: (row.fleet.title(row.fleet_finding.finding.cause).casefold(),),
        field=RowField(
            translatable("the cause's title, or its slug, such as log-group-*"),
            2,
            values=lambda row: (row.fleet.finding_title(row.fleet_finding.finding), row.fleet_finding.finding.cause),
        ),
        width=lambda row: cell_len(printable(row.fleet.finding_title(row.fleet_finding.finding))),
    ),
    RowColumn(
        Column("subject", translatable("subject"), 20, 36, 4),
        cell=_subject,
        order=lambda row: (
            row.fleet_finding.finding.subject.kind.value,
            subject_name(row.fleet, row.fleet_finding).casefold(),
        ),
        width=lambda row: sum(cell_len(text) for text, _ in _subject(row)),
        field=RowField(translatable("what is wrong, by its name, its id or its kind"), 3, values=_subject_words),
    ),
    RowColumn(
        Column("region", translatable("region"), 9, 14, 3),
        cell=lambda row: cell(row.fleet_finding.scope.region, TextStyle.MUTED),
        order=lambda row: (row.fleet_finding.scope.region,),
        width=lambda row: len(row.fleet_finding.scope.region),
        field=RowField(
            translatable("the AWS Region"), 4, by_beginning=True, values=lambda row: (row.fleet_finding.scope.region,)
        ),
        among=where_regions_differ,
    ),
    RowColumn(
        Column("fix", translatable("fix"), 28, None, 5, spare=True),
        cell=_fix,
        order=lambda row: (not row.fleet_finding.finding.fixes, row.fleet_finding.finding.fixes),
        width=lambda _row: 40,
        field=RowField(translatable("what mends it, such as grant-*; none"), 5, values=_fix_words),
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
    fleet_finding = fleet.state.findings.get(id_)
    return cells_of(CauseRow(fleet, fleet_finding, counted(fleet_finding)), COLUMNS) if fleet_finding else {}


def widths(fleet: Fleet, id_: str) -> Mapping[str, int]:
    """How wide the texts of a finding are, of the columns that grow with them."""
    fleet_finding = fleet.state.findings.get(id_)
    return widths_of(CauseRow(fleet, fleet_finding, len(fleet_finding.nodes)), COLUMNS) if fleet_finding else {}


def rank(fleet: Fleet, id_: str, column: str, counted: Callable[[FleetFinding], int]) -> Rank:
    """What a finding is ordered by in a column."""
    fleet_finding = fleet.state.findings[id_]
    return _BY_KEY.get(column, _BY_KEY["cause"]).order(CauseRow(fleet, fleet_finding, counted(fleet_finding)))


def base(fleet: Fleet, id_: str) -> Rank:
    """What findings are ordered by where the chosen column does not tell them apart."""
    fleet_finding = fleet.state.findings[id_]
    return (_STATUSES.index(fleet_finding.finding.status), -len(fleet_finding.nodes), id_)


def filtered_rows(fleet: Fleet) -> Iterator[FilterValues]:
    """What a filter sees of every finding."""
    return (
        filtered_row(fleet, fleet_finding, len(fleet_finding.nodes)) for fleet_finding in fleet.state.findings.values()
    )


def filtered_row(fleet: Fleet, fleet_finding: FleetFinding, counted: int) -> FilterValues:
    """What a filter sees of a finding: `counted` is how many of its nodes are shown."""
    row = CauseRow(fleet, fleet_finding, counted)
    fields = {name: tuple(value.casefold() for value in field.values(row) if value) for name, field in FIELDS.items()}
    text = "\n".join(value for values in fields.values() for value in values)
    return FilterValues(f"{text}\n{fleet_finding.finding.summary.casefold()}", fields, {})
