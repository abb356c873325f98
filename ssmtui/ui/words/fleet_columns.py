"""The columns of the fleet, in the order in which they stand. One more value here is one more column."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from ssmtui.language import marked, say
from ssmtui.model.answers import Unreadable
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Instance, InstanceState, Node, NodeKey, PingStatus, Registration
from ssmtui.model.path import LinkState
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.columns import Column, Rank
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.row_columns import RowColumn, RowField, text_rank, where_accounts_differ, where_regions_differ
from ssmtui.ui.words.signs import CHECKING, LINKS, PRESUMED, VERDICTS, sign_of
from ssmtui.ui.words.why import known_why

if TYPE_CHECKING:
    from ssmtui.ui.words.fleet import Fleet

_WHY_AT_MOST = 64
"""Cells for the words of *why* before the less important columns get theirs."""

_ORDER = {
    sign: place
    for place, sign in enumerate(
        (
            VERDICTS[VerdictStatus.FAIL],
            VERDICTS[VerdictStatus.UNKNOWN],
            VERDICTS[VerdictStatus.WARN],
            CHECKING,
            PRESUMED,
            VERDICTS[VerdictStatus.OK],
            VERDICTS[VerdictStatus.STOPPED],
        )
    )
}
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
    """A row: a node of the fleet. One is made whenever a node is looked at, and kept nowhere."""

    fleet: Fleet
    key: NodeKey
    node: Node

    @property
    def verdict(self) -> Verdict:
        """Its verdict so far."""
        return self.fleet.verdict(self.key)


def other_names(node: Node) -> tuple[str, ...]:
    """What else a node is known by: its computer name first, then its addresses. Some may be empty."""
    names: list[str] = []
    if isinstance(node.registration, Registration):
        names += [node.registration.computer_name, node.registration.ip_address or ""]
    if isinstance(node.instance, Instance):
        names += [node.instance.private_ip or "", node.instance.public_ip or ""]
    return tuple(names)


def _by(word: Callable[[NodeRow], str]) -> Callable[[NodeRow], Rank]:
    return lambda row: text_rank(word(row))


def _state_word(row: NodeRow) -> str:
    return row.node.state.value if row.node.state else ""


def _state(row: NodeRow) -> Cell:
    if row.node.state is None:
        return cell(say("hybrid") if row.node.id.startswith("mi-") else "?", Ink.FAINT)
    return cell(row.node.state.value, Ink.PLAIN if row.node.state is InstanceState.RUNNING else Ink.FAINT)


def _ping_word(row: NodeRow) -> str:
    return row.node.ping.value if row.node.ping else ""


def _ping(row: NodeRow) -> Cell:
    if isinstance(row.node.registration, Unreadable):
        return cell("?", Ink.UNKNOWN)
    if row.node.ping is None:
        return cell("–", Ink.FAINT)
    return cell(row.node.ping.value, Ink.OK if row.node.ping is PingStatus.ONLINE else Ink.FAIL)


def _channel_word(row: NodeRow) -> str:
    connection = row.fleet.state.connections.get(row.key)
    return "" if connection is None or isinstance(connection, Unreadable) else connection.value


def _channel(row: NodeRow) -> Cell:
    connection = row.fleet.state.connections.get(row.key)
    if isinstance(connection, Unreadable):
        return cell("?", Ink.UNKNOWN)
    if connection is None:
        return cell("–", Ink.FAINT)
    return cell(connection.value, Ink.OK if connection.value == "connected" else Ink.FAIL)


def _path(row: NodeRow) -> Cell:
    return tuple(
        (LINKS[state].glyph * len(list(alike)), LINKS[state].ink) for state, alike in groupby(row.verdict.links)
    )


def _verdict(row: NodeRow) -> Cell:
    sign = sign_of(row.verdict)
    return cell(sign.glyph, sign.ink)


def _verdict_words(row: NodeRow) -> tuple[str, ...]:
    """What is presumed of a node is its verdict, too, as reports tell it."""
    sign = sign_of(row.verdict)
    return (sign.sentence, sign.word, *(("ok",) if sign is PRESUMED else ()))


def _version_rank(version: str | None) -> Rank:
    parts = tuple(int(part) if part.isdecimal() else 0 for part in (version or "").split("."))
    return (version is None, parts)


COLUMNS: tuple[RowColumn[NodeRow], ...] = (
    RowColumn(
        Column("verdict", "", 1, 1, 0),
        cell=_verdict,
        order=lambda row: (_ORDER[sign_of(row.verdict)], row.verdict.root_cause or ""),
        field=RowField(
            marked("fail, warn, unknown, ok, presumed, stopped, checking"),
            7,
            by_beginning=True,
            values=_verdict_words,
            known=tuple(sign.sentence for sign in _ORDER),
        ),
    ),
    RowColumn(
        Column("name", marked("name"), 14, 34, 1),
        cell=lambda row: cell(row.node.name) if row.node.name else cell(say("(no name)"), Ink.FAINT),
        order=lambda row: text_rank(row.node.name),
        width=lambda row: cell_len(printable(row.node.name)),
        field=RowField(
            marked("the Name tag or computer name"), 1, values=lambda row: (row.node.name, *other_names(row.node)[:1])
        ),
    ),
    RowColumn(
        Column("id", marked("id"), 20, 20, 7),
        cell=lambda row: cell(row.node.id, Ink.MUTED),
        order=lambda row: text_rank(row.node.id),
        field=RowField(marked("i-… or mi-…"), 2, values=lambda row: (row.node.id,)),
    ),
    RowColumn(
        Column("account", marked("account"), 12, 12, 5),
        cell=lambda row: cell(row.key.account, Ink.MUTED),
        order=lambda row: text_rank(row.key.account),
        field=RowField(marked("the account's number"), 12, values=lambda row: (row.key.account,)),
        among=where_accounts_differ,
    ),
    RowColumn(
        Column("region", marked("region"), 9, 14, 4),
        cell=lambda row: cell(row.key.region, Ink.MUTED),
        order=lambda row: text_rank(row.key.region),
        width=lambda row: len(row.key.region),
        field=RowField(marked("the AWS Region"), 11, by_beginning=True, values=lambda row: (row.key.region,)),
        among=where_regions_differ,
    ),
    RowColumn(
        Column("state", marked("state"), 7, 13, 8, whole=True),
        cell=_state,
        order=_by(_state_word),
        width=lambda row: len(_state_word(row)),
        field=RowField(
            marked("running, stopped, …"),
            4,
            by_beginning=True,
            values=lambda row: (_state_word(row),),
            known=tuple(each.value for each in InstanceState),
        ),
    ),
    RowColumn(
        Column("platform", marked("platform"), 14, 34, 10),
        cell=lambda row: cell(row.node.platform, Ink.MUTED),
        order=lambda row: text_rank(row.node.platform),
        width=lambda row: cell_len(printable(row.node.platform)),
        field=RowField(marked("the operating system"), 9, values=lambda row: (row.node.platform,)),
    ),
    RowColumn(
        Column("agent", marked("agent"), 10, 12, 11, whole=True),
        cell=lambda row: cell(row.node.agent_version or "", Ink.MUTED),
        order=lambda row: _version_rank(row.node.agent_version),
        width=lambda row: len(row.node.agent_version or ""),
        field=RowField(
            marked("the agent's version"), 10, by_beginning=True, values=lambda row: (row.node.agent_version or "",)
        ),
    ),
    RowColumn(
        Column("ping", marked("ping"), 6, 14, 6, whole=True),
        cell=_ping,
        order=_by(_ping_word),
        width=lambda row: len(_ping_word(row)),
        field=RowField(
            marked("Online, ConnectionLost, Inactive, none"),
            5,
            by_beginning=True,
            values=lambda row: (_ping_word(row),),
            known=tuple(each.value for each in PingStatus),
        ),
    ),
    RowColumn(
        Column("channel", marked("channel"), 12, 12, 9),
        cell=_channel,
        order=_by(_channel_word),
        field=RowField(
            marked("connected, notconnected, none"),
            6,
            by_beginning=True,
            values=lambda row: (_channel_word(row),),
            known=tuple(each.value for each in ConnectionStatus),
        ),
    ),
    RowColumn(
        Column("path", marked("path"), 8, 8, 3),
        cell=_path,
        order=lambda row: tuple(_LINK_ORDER[state] for state in row.verdict.links),
    ),
    RowColumn(
        Column("why", marked("why"), 38, None, 2),
        cell=lambda row: known_why(row.fleet, row.key).cell,
        order=lambda row: known_why(row.fleet, row.key).rank,
        width=lambda row: min(_WHY_AT_MOST, known_why(row.fleet, row.key).width),
        judged=True,
    ),
)
