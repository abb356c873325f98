"""Describe the rows of causes, and the details of the row under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import say, translatable
from ssmtui.model.command_lines import connect_command, fix_command
from ssmtui.model.finding import STATUS_ORDER, Status, SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import (
    Column,
    FilterValues,
    Rank,
    RowColumn,
    RowField,
    accounts_differ,
    cells_of,
    columns_for,
    fields_of,
    regions_differ,
    where_regions_differ,
    widths_of,
)
from ssmtui.ui.text.status_reasons import problem_link, status_reason
from ssmtui.ui.text.styled_text import STATUSES, Block, Cell, Piece, Prose, TextStyle, cell, sign_of, to_pieces

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ssmtui.causes.catalogue import Cause
    from ssmtui.model.finding import FleetFinding
    from ssmtui.ui.text.fleet import Fleet


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A row: a finding, and the number of its nodes that the filter admits."""

    fleet: Fleet
    fleet_finding: FleetFinding
    counted: int


def subject_name(fleet: Fleet, fleet_finding: FleetFinding) -> str:
    """Return the display name of a subject: a node's name, or the last part of most other ids."""
    subject = fleet_finding.finding.subject
    if subject.kind is SubjectKind.NODE:
        node = fleet.node(NodeKey(fleet_finding.scope.account, fleet_finding.scope.region, subject.id))
        return node.name or subject.id if node else subject.id
    return say("this computer") if subject.kind is SubjectKind.WORKSTATION else subject.name


def fix_title(fleet: Fleet, cause: str, fix: str) -> str:
    """Return the title of a fix, from the cause's file."""
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
    # The name is first: it distinguishes the rows if both texts are cut.
    kind = say(row.fleet_finding.finding.subject.kind.value)
    return (*cell(subject_name(row.fleet, row.fleet_finding)), (f" {kind}", TextStyle.FAINT))


def _fix(row: CauseRow) -> Cell:
    finding = row.fleet_finding.finding
    if not finding.fixes:
        return ()
    return cell(fix_title(row.fleet, finding.cause, finding.fixes[0]), TextStyle.MUTED)


COLUMNS: tuple[RowColumn[CauseRow], ...] = (
    RowColumn(
        Column("status", translatable("status"), 2, 7, 0),
        cell=_status,
        order=lambda row: (STATUS_ORDER.index(row.fleet_finding.finding.status), -row.counted),
        field=RowField(
            translatable("fail, warn, unknown, info"),
            1,
            by_beginning=True,
            values=lambda row: _status_words(row.fleet_finding),
            known=tuple(sign.sentence for sign in STATUSES.values()),
        ),
        sort_key="U",
        sort_help=translatable("Sort causes by status"),
    ),
    RowColumn(
        Column("nodes", translatable("nodes"), 5, 6, 2, numeric=True),
        cell=lambda row: cell(str(row.counted), TextStyle.STRONG),
        order=lambda row: (-row.counted,),
        sort_key="N",
        sort_help=translatable("Sort causes by the number of nodes"),
    ),
    RowColumn(
        Column("cause", translatable("cause"), 30, 52, 1),
        cell=lambda row: cell(row.fleet.finding_title(row.fleet_finding.finding)),
        order=lambda row: (row.fleet.title(row.fleet_finding.finding.cause).casefold(),),
        field=RowField(
            translatable("the title or slug of the cause, such as log-group-*"),
            2,
            values=lambda row: (row.fleet.finding_title(row.fleet_finding.finding), row.fleet_finding.finding.cause),
        ),
        width=lambda row: cell_len(printable(row.fleet.finding_title(row.fleet_finding.finding))),
        sort_key="A",
        sort_help=translatable("Sort causes by title"),
    ),
    RowColumn(
        Column("subject", translatable("subject"), 20, 36, 4),
        cell=_subject,
        order=lambda row: (
            row.fleet_finding.finding.subject.kind.value,
            subject_name(row.fleet, row.fleet_finding).casefold(),
        ),
        width=lambda row: sum(cell_len(text) for text, _ in _subject(row)),
        field=RowField(translatable("the name, ID or kind of the affected resource"), 3, values=_subject_words),
        sort_key="B",
        sort_help=translatable("Sort causes by subject"),
    ),
    RowColumn(
        Column("region", translatable("region"), 9, 14, 3, spare=True),
        cell=lambda row: cell(row.fleet_finding.scope.region, TextStyle.MUTED),
        order=lambda row: (row.fleet_finding.scope.region,),
        width=lambda row: len(row.fleet_finding.scope.region),
        field=RowField(
            translatable("the AWS Region"), 4, by_beginning=True, values=lambda row: (row.fleet_finding.scope.region,)
        ),
        among=where_regions_differ,
        sort_key="E",
        sort_help=translatable("Sort causes by Region"),
    ),
    RowColumn(
        Column("fix", translatable("fix"), 28, None, 5, spare=True),
        cell=_fix,
        order=lambda row: (not row.fleet_finding.finding.fixes, row.fleet_finding.finding.fixes),
        width=lambda _row: 40,
        field=RowField(translatable("the fix, such as grant-*; none"), 5, values=_fix_words),
        sort_key="X",
        sort_help=translatable("Sort causes by fix"),
    ),
)
"""The columns in display order. A new value here adds a column."""

FIELDS: Mapping[str, RowField[CauseRow]] = fields_of(COLUMNS)
"""The fields of the filter line of the causes, in the order of the help."""

_BY_KEY = {each.column.key: each for each in COLUMNS}


def column_of(key: str) -> RowColumn[CauseRow] | None:
    """Return a column by its key; None if there is no such column."""
    return _BY_KEY.get(key)


def columns(fleet: Fleet) -> tuple[Column, ...]:
    """Return the columns for the open scopes."""
    return columns_for(fleet, COLUMNS)


def cells(fleet: Fleet, id_: str, counted: Callable[[FleetFinding], int]) -> Mapping[str, Cell]:
    """Return the cells of a finding. `counted` is the number of its nodes that the filter admits."""
    fleet_finding = fleet.state.findings.get(id_)
    return cells_of(CauseRow(fleet, fleet_finding, counted(fleet_finding)), COLUMNS) if fleet_finding else {}


def widths(fleet: Fleet, id_: str) -> Mapping[str, int]:
    """Return the text widths of a finding, for the columns that grow with their texts."""
    fleet_finding = fleet.state.findings.get(id_)
    return widths_of(CauseRow(fleet, fleet_finding, len(fleet_finding.nodes)), COLUMNS) if fleet_finding else {}


def rank(fleet: Fleet, id_: str, column: str, counted: Callable[[FleetFinding], int]) -> Rank:
    """Return the rank of a finding in a column."""
    fleet_finding = fleet.state.findings[id_]
    return _BY_KEY.get(column, _BY_KEY["cause"]).order(CauseRow(fleet, fleet_finding, counted(fleet_finding)))


def base(fleet: Fleet, id_: str) -> Rank:
    """Return the rank that orders findings of equal rank in the chosen column."""
    fleet_finding = fleet.state.findings[id_]
    return (STATUS_ORDER.index(fleet_finding.finding.status), -len(fleet_finding.nodes), id_)


def filtered_rows(fleet: Fleet) -> Iterator[FilterValues]:
    """Yield the filter values of every finding."""
    return (
        filtered_row(fleet, fleet_finding, len(fleet_finding.nodes)) for fleet_finding in fleet.state.findings.values()
    )


def filtered_row(fleet: Fleet, fleet_finding: FleetFinding, counted: int) -> FilterValues:
    """Return the filter values of a finding; `counted` is the number of its nodes that are shown."""
    row = CauseRow(fleet, fleet_finding, counted)
    fields = {name: tuple(value.casefold() for value in field.values(row) if value) for name, field in FIELDS.items()}
    text = "\n".join(value for values in fields.values() for value in values)
    return FilterValues(f"{text}\n{fleet_finding.finding.summary.casefold()}", fields, {})


_MAX_NAMES = 20
"""The most nodes listed with a finding: a ticket has no room for thousands, and no terminal accepts so many."""


def text_to_copy(lines: Iterable[str]) -> str:
    """Join lines to one text."""
    return "\n".join(printable(line) for line in lines)


def finding_ids(fleet_finding: FleetFinding) -> str:
    """Return the id of a finding, as reports and `ssmtui fix` use it, and the id of its subject."""
    return text_to_copy(dict.fromkeys((fleet_finding.id, fleet_finding.finding.subject.id)))


def connect_commands(fleet: Fleet, keys: Iterable[NodeKey]) -> str:
    """Return the commands that open a session on these nodes."""
    scopes = ((key, fleet.scope_of(key)) for key in keys)
    return text_to_copy(connect_command(key, scope.name if scope else None) for key, scope in scopes)


def finding_statement(fleet: Fleet, fleet_finding: FleetFinding) -> str:
    """Return a finding for readers without ssmtui: the problem, the evidence, and the affected nodes.

    The fix is given as the command that previews it.
    """
    return text_to_copy(_statement(fleet, fleet_finding))


def finding_statements(fleet: Fleet, ids: Iterable[str]) -> str:
    """Return the statements of the findings that still exist, one after the other."""
    found = (fleet.state.findings.get(id_) for id_ in ids)
    return "\n\n".join(finding_statement(fleet, fleet_finding) for fleet_finding in found if fleet_finding)


def cause_statement(cause: Cause) -> str:
    """Return the statement of a cause without a finding: what the cause is, and where AWS documents it."""
    return text_to_copy((f"{cause.title} ({cause.slug})", *_pages(cause)))


def _statement(fleet: Fleet, fleet_finding: FleetFinding) -> Iterator[str]:
    finding = fleet_finding.finding
    yield f"{fleet.finding_title(finding)} ({fleet_finding.id})"
    scope = fleet_finding.scope
    yield f"{say(finding.subject.kind.value)} {finding.subject.id} · {scope.account} · {scope.region}"
    yield finding.summary
    for each in finding.evidence:
        yield f"- {each.fact} ({each.source})" if each.source else f"- {each.fact}"
    if finding.needs:
        yield say("To decide, ssmtui needs: ") + ", ".join(finding.needs)
    names = sorted(f"{node.name or node.id} ({node.id})" for key in fleet_finding.nodes if (node := fleet.node(key)))
    if names:
        more = say(" and {more} more", more=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
        yield say("Nodes: {names}", names=", ".join(names[:_MAX_NAMES]) + more)
    if command := fix_command(fleet_finding):
        yield say("Fix: {fix}", fix=fix_title(fleet, finding.cause, finding.fixes[0]))
        yield f"  {command}"
    if cause := fleet.causes.get(finding.cause):
        yield from _pages(cause)


def _pages(cause: Cause) -> Iterator[str]:
    for page in cause.documentation:
        yield f"{page.title}: {page.url}"


_FIXABLE = (Status.FAIL, Status.WARN)


def node_summary(fleet: Fleet, key: NodeKey) -> Prose:
    """Return a node's complete *why* after the link with the problem; below it the id, and its first fix by number.

    The account and the Region are beside the id if they differ between nodes: a narrow table has no columns for them.
    """
    node = fleet.node(key)
    if node is None:
        return ()
    sign = sign_of(fleet.verdict(key))
    link = problem_link(fleet, key)
    where = ((say("{link}: ", link=say(link.value)), TextStyle.STRONG),) if link is not None else ()
    first = first_fixable(fleet, key)
    # The blanks are at the end: some SVG viewers drop leading blanks.
    fix = (("  ", TextStyle.PLAIN), *_first_fix(fleet, first, "1")) if first else ()
    place = [
        value for value, differs in ((key.account, accounts_differ), (key.region, regions_differ)) if differs(fleet)
    ]
    return (
        Block(to_pieces(*where, *status_reason(fleet, key)), marker=sign.glyph, marker_style=sign.text_style),
        Block(to_pieces((" · ".join((node.id, *place)), TextStyle.MUTED), *fix), indent=2),
    )


def cause_summary(fleet: Fleet, id_: str) -> Prose:
    """Return a finding's complete title; below it the id of its subject, and its first fix by number.

    The Region is beside an id that does not contain it if there are several: a narrow table has no column for it.
    """
    fleet_finding = fleet.state.findings.get(id_)
    if fleet_finding is None:
        return ()
    sign = STATUSES[fleet_finding.finding.status]
    subject, region = fleet_finding.finding.subject, fleet_finding.scope.region
    place = (region,) if regions_differ(fleet) and region not in subject.id else ()
    return (
        Block(to_pieces(fleet.finding_title(fleet_finding.finding)), marker=sign.glyph, marker_style=sign.text_style),
        Block(to_pieces((" · ".join((subject.id, *place)), TextStyle.MUTED)), indent=2),
        Block(
            to_pieces(*(_first_fix(fleet, fleet_finding, "1") or ((say("no fix is known"), TextStyle.FAINT),))),
            indent=2,
        ),
    )


def node_details(fleet: Fleet, key: NodeKey, now: datetime) -> Prose:
    """Return the details of a node for a large pane: its root cause explained, or only its *why* without a finding."""
    root = fleet.verdict(key).root_cause
    fleet_finding = next((each for each in fleet.findings_of(key) if each.finding.cause == root), None)
    fleet_finding = fleet_finding or first_fixable(fleet, key)
    if fleet_finding is None:
        return node_summary(fleet, key)
    return _finding_details(fleet, fleet_finding, (key,), _first_fix(fleet, fleet_finding, "1"), now)


def cause_details(fleet: Fleet, id_: str, now: datetime) -> Prose:
    """Return the details of a finding for a large pane."""
    fleet_finding = fleet.state.findings.get(id_)
    if fleet_finding is None:
        return ()
    return _finding_details(fleet, fleet_finding, fleet_finding.nodes, _first_fix(fleet, fleet_finding, "1"), now)


def _finding_details(
    fleet: Fleet, fleet_finding: FleetFinding, nodes: Collection[NodeKey], fix: tuple[Piece, ...], now: datetime
) -> Prose:
    # Imported with the first row: this also loads causes and plans.
    from ssmtui.ui.text.explanation import finding_prose, resolution_prose  # noqa: PLC0415

    return (
        *finding_prose(fleet, fleet_finding, now),
        *((Block(to_pieces(*fix), gap=True),) if fix else ()),
        *resolution_prose(fleet, fleet_finding, nodes),
    )


def first_fixable(fleet: Fleet, key: NodeKey) -> FleetFinding | None:
    """Return the finding of the verdict; if it has no fix, the first finding of the path that has one."""
    root = fleet.verdict(key).root_cause
    found = [each for each in fleet.findings_of(key) if each.finding.fixes and each.finding.status in _FIXABLE]
    return min(found, key=lambda each: each.finding.cause != root, default=None)


def _first_fix(fleet: Fleet, fleet_finding: FleetFinding, key: str) -> tuple[Piece, ...]:
    """Return the first fix, and the key that opens it."""
    if not fleet_finding.finding.fixes:
        return ()
    title = fix_title(fleet, fleet_finding.finding.cause, fleet_finding.finding.fixes[0])
    return ((f"{key} ", TextStyle.KEY), (title, TextStyle.PLAIN))
