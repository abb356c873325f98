"""Declare the columns of the nodes table: cells, sort ranks, sort keys, and the fields of the filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from ssmtui.language import say, translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import (
    LinkState,
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
    text_rank,
    where_accounts_differ,
    where_regions_differ,
)
from ssmtui.ui.text.status_reasons import cached_reason
from ssmtui.ui.text.styled_text import LINKS, NODE_SIGNS, PRESUMED, VERDICTS, Cell, TextStyle, cell, sign_of

if TYPE_CHECKING:
    from ssmtui.ui.text.fleet import Fleet


_MAX_REASON_WIDTH = 80
"""Cells for the *why* column before the less important columns get theirs: every cause's title fits."""

STATUS_COLUMN = "verdict"
"""The key of the column of statuses, which orders the rows at first."""

_STATUS_ORDER = {sign: place for place, sign in enumerate(NODE_SIGNS)}
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
            LinkState.NOT_CHECKED,
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


def computer_name(node: Node) -> str:
    """Return the name that the operating system reports; empty if it is not known."""
    return node.registration.computer_name if isinstance(node.registration, Registration) else ""


def addresses(node: Node) -> tuple[str, ...]:
    """Return the addresses of a node: the private one first, then the public one, then those of IPv6."""
    instance, registration = node.instance, node.registration
    found: list[str | None] = []
    if isinstance(instance, Instance):
        found += (instance.private_ip, instance.public_ip, *instance.ipv6_addresses)
    if isinstance(registration, Registration):
        found.append(registration.ip_address)
    return tuple(dict.fromkeys(filter(None, found)))


def _address_rank(row: NodeRow) -> Rank:
    """Return the rank of the first address: IPv4 by its numbers, before others; rows without an address are last."""
    first = next(iter(addresses(row.node)), "")
    numbers = tuple(int(part) for part in first.split(".") if part.isdecimal())
    return (first == "", not numbers, numbers, first)


def _instance_type(row: NodeRow) -> str:
    return row.node.instance.instance_type if isinstance(row.node.instance, Instance) else ""


def _tags(row: NodeRow) -> str:
    """Return the tags in one line, without the Name, which has its own column, and the tags of AWS services."""
    return "  ".join(
        f"{key}={value}" if value else key
        for key, value in row.node.tags
        if key != "Name" and not key.startswith(AWS_TAG_PREFIX)
    )


AWS_TAG_PREFIX = "aws:"
"""The prefix of the tags that AWS services set."""


def _text_order(word: Callable[[NodeRow], str]) -> Callable[[NodeRow], Rank]:
    return lambda row: text_rank(word(row))


def _state_word(row: NodeRow) -> str:
    return row.node.state.value if row.node.state else row.node.cloud


def _state(row: NodeRow) -> Cell:
    if row.node.state is None:
        word = row.node.cloud or (say("hybrid") if row.node.kind is NodeKind.HYBRID else "?")
        return cell(word, TextStyle.FAINT)
    return cell(row.node.state.value, TextStyle.PLAIN if row.node.state is InstanceState.RUNNING else TextStyle.FAINT)


def _ping_word(row: NodeRow) -> str:
    return row.node.ping.value if row.node.ping else ""


def _ping(row: NodeRow) -> Cell:
    if isinstance(row.node.registration, Unreadable):
        return cell("?", TextStyle.UNKNOWN)
    if row.node.ping is None:
        return ()
    return cell(row.node.ping.value, TextStyle.OK if row.node.ping is PingStatus.ONLINE else TextStyle.FAIL)


def _channel_word(row: NodeRow) -> str:
    connection = row.fleet.state.connections.get(row.key)
    return "" if connection is None or isinstance(connection, Unreadable) else connection.value


def _channel(row: NodeRow) -> Cell:
    connection = row.fleet.state.connections.get(row.key)
    if isinstance(connection, Unreadable):
        return cell("?", TextStyle.UNKNOWN)
    if connection is None:
        return ()
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
            translatable("fail, warn, unknown, ok, presumed, stopped, restricted, checking"),
            7,
            by_beginning=True,
            values=_verdict_words,
            known=tuple(sign.sentence for sign in _STATUS_ORDER),
        ),
        sort_key="U",
        sort_help=translatable("Sort by status"),
    ),
    RowColumn(
        Column("name", translatable("name"), 14, 34, 1),
        cell=lambda row: cell(row.node.name) if row.node.name else cell(say("(no name)"), TextStyle.FAINT),
        order=lambda row: text_rank(row.node.name),
        width=lambda row: cell_len(printable(row.node.name)),
        field=RowField(
            translatable("the Name tag or computer name"),
            1,
            values=lambda row: (row.node.name, computer_name(row.node)),
        ),
        sort_key="N",
        sort_help=translatable("Sort by name"),
    ),
    RowColumn(
        Column("id", translatable("id"), 20, 20, 7, spare=True),
        cell=lambda row: cell(row.node.id, TextStyle.MUTED),
        order=lambda row: text_rank(row.node.id),
        field=RowField(translatable("i-… or mi-…"), 2, values=lambda row: (row.node.id,)),
        sort_key="I",
        sort_help=translatable("Sort by ID"),
    ),
    RowColumn(
        Column("account", translatable("account"), 12, 12, 5, spare=True),
        cell=lambda row: cell(row.key.account, TextStyle.MUTED),
        order=lambda row: text_rank(row.key.account),
        field=RowField(translatable("the account ID"), 12, values=lambda row: (row.key.account,)),
        among=where_accounts_differ,
        sort_key="A",
        sort_help=translatable("Sort by account"),
    ),
    RowColumn(
        Column("region", translatable("region"), 9, 14, 4, spare=True),
        cell=lambda row: cell(row.key.region, TextStyle.MUTED),
        order=lambda row: text_rank(row.key.region),
        width=lambda row: len(row.key.region),
        field=RowField(translatable("the AWS Region"), 11, by_beginning=True, values=lambda row: (row.key.region,)),
        among=where_regions_differ,
        sort_key="E",
        sort_help=translatable("Sort by Region"),
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
            values=lambda row: (row.node.state.value if row.node.state else "",),
            known=tuple(each.value for each in InstanceState),
        ),
        sort_key="X",
        sort_help=translatable("Sort by instance state"),
    ),
    RowColumn(
        Column("platform", translatable("platform"), 14, 34, 10, spare=True),
        cell=lambda row: cell(row.node.platform, TextStyle.MUTED),
        order=lambda row: text_rank(row.node.platform),
        width=lambda row: cell_len(printable(row.node.platform)),
        field=RowField(translatable("the operating system"), 9, values=lambda row: (row.node.platform,)),
        sort_key="M",
        sort_help=translatable("Sort by platform"),
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
        sort_key="B",
        sort_help=translatable("Sort by the version of SSM Agent"),
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
        sort_key="K",
        sort_help=translatable("Sort by ping status"),
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
        sort_key="D",
        sort_help=translatable("Sort by connection status"),
    ),
    RowColumn(
        PATH_COLUMN,
        cell=_path,
        order=lambda row: tuple(_LINK_ORDER[state] for state in row.verdict.links),
        sort_key="H",
        sort_help=translatable("Sort by path"),
    ),
    RowColumn(
        Column("why", translatable("why"), 38, None, 2),
        cell=lambda row: cached_reason(row.fleet, row.key).cell,
        order=lambda row: cached_reason(row.fleet, row.key).rank,
        width=lambda row: min(_MAX_REASON_WIDTH, cached_reason(row.fleet, row.key).width),
        judged=True,
        sort_key="Y",
        sort_help=translatable("Sort by the reason"),
    ),
    RowColumn(
        Column("type", translatable("type"), 8, 18, 12, whole=True, spare=True),
        cell=lambda row: cell(_instance_type(row), TextStyle.MUTED),
        order=_text_order(_instance_type),
        width=lambda row: len(_instance_type(row)),
        field=RowField(
            translatable("the instance type, such as t3.medium"),
            14,
            by_beginning=True,
            values=lambda row: (_instance_type(row),),
        ),
        optional=True,
    ),
    RowColumn(
        Column("address", translatable("address"), 15, 60, 13, spare=True),
        cell=lambda row: cell("  ".join(addresses(row.node)), TextStyle.MUTED),
        order=_address_rank,
        width=lambda row: len("  ".join(addresses(row.node))),
        field=RowField(
            translatable("a private, public or IPv6 address"),
            15,
            by_beginning=True,
            values=lambda row: addresses(row.node),
        ),
        optional=True,
    ),
    RowColumn(
        Column("tags", translatable("tags"), 16, 60, 14, spare=True),
        cell=lambda row: cell(_tags(row), TextStyle.MUTED),
        order=_text_order(_tags),
        width=lambda row: cell_len(printable(_tags(row))),
        optional=True,
    ),
)


TAG_PREFIX = "tag:"
"""The prefix of the keys of columns that show one tag: `tag:Env`."""


@lru_cache(maxsize=64)
def _tag_column(name: str) -> RowColumn[NodeRow]:
    """Return the column of the values of one tag."""

    def value(row: NodeRow) -> str:
        return next((value for key, value in row.node.tags if key == name), "")

    return RowColumn(
        Column(f"{TAG_PREFIX}{name}", name, 8, 34, 15, spare=True, literal=True),
        cell=lambda row: cell(value(row), TextStyle.MUTED),
        order=_text_order(value),
        width=lambda row: cell_len(printable(value(row))),
        optional=True,
    )


_BY_KEY = {each.column.key: each for each in COLUMNS}


def column_of(key: str) -> RowColumn[NodeRow] | None:
    """Return a column by its key, also that of a tag; None if there is no such column."""
    if name := key.removeprefix(TAG_PREFIX) if key.startswith(TAG_PREFIX) else "":
        return _tag_column(name)
    return _BY_KEY.get(key)
