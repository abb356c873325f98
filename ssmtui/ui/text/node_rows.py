"""Return the rows of the nodes table: columns, cells, sort ranks, filter values, and the reason for each status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from ssmtui.language import say, translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import (
    VERDICT_ORDER,
    Confidence,
    Finding,
    FleetFinding,
    Link,
    LinkState,
    Status,
    Verdict,
    VerdictStatus,
)
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    Node,
    NodeKey,
    NodeKind,
    PingStatus,
    Registration,
)
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import (
    Column,
    Rank,
    RowColumn,
    RowField,
    cells_of,
    columns_for,
    fields_of,
    max_widths,
    text_rank,
    where_accounts_differ,
    where_regions_differ,
)
from ssmtui.ui.text.styled_text import CHECKING, LINKS, PRESUMED, VERDICTS, Cell, TextStyle, cell, plain_text, sign_of

if TYPE_CHECKING:
    from ssmtui.ui.text.filters import FilterableRow
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
    more = len(_findings_with(fleet, key, Status.FAIL)) - 1
    if more > 0:
        pieces.append((say(" +{more} more", more=more), TextStyle.WARN))
    return tuple(pieces)


def _warning_reason(fleet: Fleet, key: NodeKey) -> Cell:
    warnings = _findings_with(fleet, key, Status.WARN)
    if not warnings:
        return cell(say("sessions open, with a warning"))
    more = ((say(" +{more} more", more=len(warnings) - 1), TextStyle.WARN),) if len(warnings) > 1 else ()
    return (*cell(fleet.title(warnings[0].finding.cause)), *more)


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
    return [each for each in fleet.findings_of(key) if each.finding.status is status]


_MAX_REASON_WIDTH = 80
"""Cells for the *why* column before the less important columns get theirs: every cause's title fits."""

STATUS_COLUMN = "verdict"
"""The key of the column of statuses, which orders the rows at first."""

_BEFORE_OK = (CHECKING, PRESUMED)
_STATUS_ORDER = {
    sign: place
    for place, sign in enumerate(
        sign
        for status in VERDICT_ORDER
        for sign in ((*_BEFORE_OK, VERDICTS[status]) if status is VerdictStatus.OK else (VERDICTS[status],))
    )
}
FAIL_PLACE = _STATUS_ORDER[VERDICTS[VerdictStatus.FAIL]]
"""The rank of failing nodes in the column of statuses."""

_LINK_ORDER = {
    state: place
    for place, state in enumerate(
        (
            LinkState.FAIL,
            LinkState.UNKNOWN,
            LinkState.WARN,
            LinkState.PENDING,
            LinkState.UNTOLD,
            LinkState.MOOT,
            LinkState.OK,
        )
    )
}


class NodeRow(NamedTuple):
    """A row: a node of the fleet. It is created on each access, and not stored."""

    fleet: Fleet
    key: NodeKey
    node: Node

    @property
    def verdict(self) -> Verdict:
        """The current verdict of the node."""
        return self.fleet.verdict(self.key)


def other_names(node: Node) -> tuple[str, ...]:
    """Return the other names of a node: its computer name first, then its addresses. Some can be empty."""
    names: list[str] = []
    if isinstance(node.registration, Registration):
        names += [node.registration.computer_name, node.registration.ip_address or ""]
    if isinstance(node.instance, Instance):
        names += [node.instance.private_ip or "", node.instance.public_ip or ""]
    return tuple(names)


def _text_order(word: Callable[[NodeRow], str]) -> Callable[[NodeRow], Rank]:
    return lambda row: text_rank(word(row))


def _state_word(row: NodeRow) -> str:
    return row.node.state.value if row.node.state else ""


def _state(row: NodeRow) -> Cell:
    if row.node.state is None:
        return cell(say("hybrid") if row.node.id.startswith("mi-") else "?", TextStyle.FAINT)
    return cell(row.node.state.value, TextStyle.PLAIN if row.node.state is InstanceState.RUNNING else TextStyle.FAINT)


def _ping_word(row: NodeRow) -> str:
    return row.node.ping.value if row.node.ping else ""


def _ping(row: NodeRow) -> Cell:
    if isinstance(row.node.registration, Unreadable):
        return cell("?", TextStyle.UNKNOWN)
    if row.node.ping is None:
        return cell("–", TextStyle.FAINT)
    return cell(row.node.ping.value, TextStyle.OK if row.node.ping is PingStatus.ONLINE else TextStyle.FAIL)


def _channel_word(row: NodeRow) -> str:
    connection = row.fleet.state.connections.get(row.key)
    return "" if connection is None or isinstance(connection, Unreadable) else connection.value


def _channel(row: NodeRow) -> Cell:
    connection = row.fleet.state.connections.get(row.key)
    if isinstance(connection, Unreadable):
        return cell("?", TextStyle.UNKNOWN)
    if connection is None:
        return cell("–", TextStyle.FAINT)
    return cell(connection.value, TextStyle.OK if connection.value == "connected" else TextStyle.FAIL)


def _path(row: NodeRow) -> Cell:
    return tuple(
        (LINKS[state].glyph * len(list(alike)), LINKS[state].text_style) for state, alike in groupby(row.verdict.links)
    )


def _verdict(row: NodeRow) -> Cell:
    sign = sign_of(row.verdict)
    return cell(sign.glyph, sign.text_style)


def _verdict_words(row: NodeRow) -> tuple[str, ...]:
    """Return the words for a verdict: "ok" also matches a presumed status, as in reports."""
    sign = sign_of(row.verdict)
    return (sign.sentence, sign.word, *(("ok",) if sign is PRESUMED else ()))


def _version_rank(version: str | None) -> Rank:
    parts = tuple(int(part) if part.isdecimal() else 0 for part in (version or "").split("."))
    return (version is None, parts)


PATH_COLUMN = Column("path", translatable("path"), 9, 9, 3, heading=translatable("WCIINAPO"))
"""The symbols of the links; the heading has the first letter of each link above its symbol."""

COLUMNS: tuple[RowColumn[NodeRow], ...] = (
    RowColumn(
        Column(STATUS_COLUMN, translatable("status"), 2, 7, 0),
        cell=_verdict,
        order=lambda row: (_STATUS_ORDER[sign_of(row.verdict)],),
        field=RowField(
            translatable("fail, warn, unknown, ok, presumed, stopped, checking"),
            7,
            by_beginning=True,
            values=_verdict_words,
            known=tuple(sign.sentence for sign in _STATUS_ORDER),
        ),
    ),
    RowColumn(
        Column("name", translatable("name"), 14, 34, 1),
        cell=lambda row: cell(row.node.name) if row.node.name else cell(say("(no name)"), TextStyle.FAINT),
        order=lambda row: text_rank(row.node.name),
        width=lambda row: cell_len(printable(row.node.name)),
        field=RowField(
            translatable("the Name tag or computer name"),
            1,
            values=lambda row: (row.node.name, *other_names(row.node)[:1]),
        ),
    ),
    RowColumn(
        Column("id", translatable("id"), 20, 20, 7, spare=True),
        cell=lambda row: cell(row.node.id, TextStyle.MUTED),
        order=lambda row: text_rank(row.node.id),
        field=RowField(translatable("i-… or mi-…"), 2, values=lambda row: (row.node.id,)),
    ),
    RowColumn(
        Column("account", translatable("account"), 12, 12, 5, spare=True),
        cell=lambda row: cell(row.key.account, TextStyle.MUTED),
        order=lambda row: text_rank(row.key.account),
        field=RowField(translatable("the account ID"), 12, values=lambda row: (row.key.account,)),
        among=where_accounts_differ,
    ),
    RowColumn(
        Column("region", translatable("region"), 9, 14, 4, spare=True),
        cell=lambda row: cell(row.key.region, TextStyle.MUTED),
        order=lambda row: text_rank(row.key.region),
        width=lambda row: len(row.key.region),
        field=RowField(translatable("the AWS Region"), 11, by_beginning=True, values=lambda row: (row.key.region,)),
        among=where_regions_differ,
    ),
    RowColumn(
        Column("state", translatable("state"), 7, 13, 8, whole=True, spare=True),
        cell=_state,
        order=_text_order(_state_word),
        width=lambda row: len(_state_word(row)),
        field=RowField(
            translatable("running, stopped, …"),
            4,
            by_beginning=True,
            values=lambda row: (_state_word(row),),
            known=tuple(each.value for each in InstanceState),
        ),
    ),
    RowColumn(
        Column("platform", translatable("platform"), 14, 34, 10, spare=True),
        cell=lambda row: cell(row.node.platform, TextStyle.MUTED),
        order=lambda row: text_rank(row.node.platform),
        width=lambda row: cell_len(printable(row.node.platform)),
        field=RowField(translatable("the operating system"), 9, values=lambda row: (row.node.platform,)),
    ),
    RowColumn(
        Column("agent", translatable("agent"), 10, 12, 11, whole=True, spare=True),
        cell=lambda row: cell(row.node.agent_version or "", TextStyle.MUTED),
        order=lambda row: _version_rank(row.node.agent_version),
        width=lambda row: len(row.node.agent_version or ""),
        field=RowField(
            translatable("the version of SSM Agent"),
            10,
            by_beginning=True,
            values=lambda row: (row.node.agent_version or "",),
        ),
    ),
    RowColumn(
        Column("ping", translatable("ping"), 6, 14, 6, whole=True, spare=True),
        cell=_ping,
        order=_text_order(_ping_word),
        width=lambda row: len(_ping_word(row)),
        field=RowField(
            translatable("Online, ConnectionLost, Inactive, none"),
            5,
            by_beginning=True,
            values=lambda row: (_ping_word(row),),
            known=tuple(each.value for each in PingStatus),
        ),
    ),
    RowColumn(
        Column("channel", translatable("channel"), 12, 12, 9, spare=True),
        cell=_channel,
        order=_text_order(_channel_word),
        field=RowField(
            translatable("connected, notconnected, none"),
            6,
            by_beginning=True,
            values=lambda row: (_channel_word(row),),
            known=tuple(each.value for each in ConnectionStatus),
        ),
    ),
    RowColumn(
        PATH_COLUMN,
        cell=_path,
        order=lambda row: tuple(_LINK_ORDER[state] for state in row.verdict.links),
    ),
    RowColumn(
        Column("why", translatable("why"), 38, None, 2),
        cell=lambda row: cached_reason(row.fleet, row.key).cell,
        order=lambda row: cached_reason(row.fleet, row.key).rank,
        width=lambda row: min(_MAX_REASON_WIDTH, cached_reason(row.fleet, row.key).width),
        judged=True,
    ),
)


_PROBLEM_STATES = frozenset({LinkState.FAIL, LinkState.UNKNOWN, LinkState.WARN})
_LISTED_COLUMNS = tuple(each for each in COLUMNS if each.width and not each.judged)
_JUDGED_COLUMNS = tuple(each for each in COLUMNS if each.width and each.judged)
COLUMN_KEYS = tuple(each.column.key for each in COLUMNS)
WIDE_COLUMNS = tuple(key for key in COLUMN_KEYS if key != "why")
"""The columns of the wide view, which shows properties: in a narrow window, *why* takes most of the room."""
_BY_KEY = {each.column.key: each for each in COLUMNS}


def _causes(row: NodeRow) -> tuple[str, ...]:
    return tuple({id_.partition("@")[0] for id_ in row.verdict.finding_ids})


def _problem_links(row: NodeRow) -> tuple[str, ...]:
    verdict = row.verdict
    return tuple(
        name for link in Link if verdict.link(link) in _PROBLEM_STATES for name in (link.value, say(link.value))
    )


_EXTRA_FIELDS: Mapping[str, RowField[NodeRow]] = {
    "kind": RowField(
        translatable("ec2, hybrid"),
        3,
        by_beginning=True,
        values=lambda row: (row.node.kind.value,),
        known=tuple(each.value for each in NodeKind),
    ),
    "cause": RowField(translatable("the slug of a cause, such as log-group-*"), 8, values=_causes),
    "root": RowField(
        translatable("the slug of the root cause of the node"),
        8,
        values=lambda row: (row.verdict.root_cause or "",),
    ),
    "link": RowField(
        translatable("a failing link: identity, network, …"),
        13,
        by_beginning=True,
        values=_problem_links,
        known=tuple(link.value for link in Link),
    ),
}

FIELDS: Mapping[str, RowField[NodeRow]] = dict(
    sorted({**fields_of(COLUMNS), **_EXTRA_FIELDS}.items(), key=lambda each: each[1].place)
)
"""The fields of the filter line, in the order of the help."""


class _FieldValues(Mapping[str, tuple[str, ...]]):
    """The field values of a row, computed on access: a filter reads every node at every key."""

    def __init__(self, row: NodeRow) -> None:
        self._row = row

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return tuple(value.casefold() for value in FIELDS[name].values(self._row) if value)

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


def column_titles() -> Mapping[str, str]:
    """Return the names of the columns by key, for the column dialog."""
    return {each.column.key: say(each.column.label) for each in COLUMNS}


def columns(fleet: Fleet, chosen: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return the columns for the open scopes: account and Region only if they differ between nodes.

    If columns were chosen, return only those, in that order; a column further left is dropped later.
    """
    wanted = tuple(_BY_KEY[key] for key in chosen if key in _BY_KEY)
    shown = columns_for(fleet, wanted)
    if not shown:
        return columns_for(fleet, COLUMNS) if not wanted else tuple(each.column for each in wanted)
    by_itself = [column.key for column in columns_for(fleet, COLUMNS) if column.key in chosen]
    return tuple(
        replace(column, rank=min(column.rank, place)) if place < by_itself.index(column.key) else column
        for place, column in enumerate(shown)
    )


def cells(fleet: Fleet, key: NodeKey) -> Mapping[str, Cell]:
    """Return the cells of a node."""
    node = fleet.node(key)
    return cells_of(NodeRow(fleet, key, node), COLUMNS) if node else {}


def widths(fleet: Fleet, listed: Iterable[NodeKey], changed: Iterable[NodeKey]) -> Mapping[str, int]:
    """Return the text widths of the listed nodes, and of the other changed nodes."""
    by_list, by_verdict = _rows(fleet, listed), _rows(fleet, changed)
    return {**max_widths(by_list, _LISTED_COLUMNS), **max_widths(by_verdict, _JUDGED_COLUMNS)}


def _rows(fleet: Fleet, keys: Iterable[NodeKey]) -> list[NodeRow]:
    return [NodeRow(fleet, key, node) for key in keys if (node := fleet.state.nodes.get(key))]


def rank(fleet: Fleet, key: NodeKey, column: str) -> Rank:
    """Return the rank of a node in a column; rows without a value are last."""
    return _BY_KEY.get(column, _BY_KEY["name"]).order(NodeRow(fleet, key, fleet.state.nodes[key]))


def base(fleet: Fleet, key: NodeKey) -> Rank:
    """Return the rank that orders nodes of equal rank in the chosen column."""
    node = fleet.state.nodes[key]
    return (node.name == "", node.name.casefold(), key.account, key.region, key.id)


class _FilteredNode:
    """The filter values of a node, computed on access."""

    __slots__ = ("_row",)

    def __init__(self, row: NodeRow) -> None:
        self._row = row

    @property
    def text(self) -> str:
        """The node's names, and its problem."""
        row, slugs = self._row, _causes(self._row)
        titles = (row.fleet.title(slug) for slug in slugs)
        return "\n".join((row.node.name, row.node.id, *other_names(row.node), *slugs, *titles)).casefold()

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """The values of the fields."""
        return _FieldValues(self._row)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the node."""
        return {key.casefold(): value.casefold() for key, value in self._row.node.tags}


def filtered_rows(fleet: Fleet) -> Iterator[FilterableRow]:
    """Yield the filter values of every node."""
    return (_FilteredNode(NodeRow(fleet, key, node)) for key, node in fleet.state.nodes.items())


def filtered_row(fleet: Fleet, key: NodeKey) -> FilterableRow:
    """Return the filter values of a node."""
    return _FilteredNode(NodeRow(fleet, key, fleet.state.nodes[key]))
