"""The rows of the fleet: what each column shows of a node, what it is ordered by, and what a filter sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from rich.cells import cell_len

from ssmtui.language import marked, say
from ssmtui.model.answers import Unreadable
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import Instance, InstanceState, Node, NodeKey, PingStatus, Registration
from ssmtui.model.path import Link, LinkState
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.columns import Column, Rank
from ssmtui.ui.words.filtering import FilteredRow
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.signs import CHECKING, LINKS, VERDICTS, sign_of
from ssmtui.ui.words.why import why

_VERDICT = Column("verdict", "", 1, 1, 0)
_ACCOUNT = Column("account", marked("account"), 12, 12, 5)
_REGION = Column("region", marked("region"), 9, 14, 4)
_COLUMNS = (
    Column("name", marked("name"), 14, 34, 1),
    Column("id", marked("id"), 20, 20, 7),
    Column("state", marked("state"), 7, 13, 8, whole=True),
    Column("platform", marked("platform"), 14, 34, 10),
    Column("agent", marked("agent"), 10, 12, 11, whole=True),
    Column("ping", marked("ping"), 6, 14, 6, whole=True),
    Column("channel", marked("channel"), 12, 12, 9),
    Column("path", marked("path"), 8, 8, 3),
    Column("why", marked("why"), 38, None, 2),
)

_WHY_AT_MOST = 64
"""Cells for the words of *why* before the less important columns get theirs."""

_ORDER = (
    VERDICTS[VerdictStatus.FAIL],
    VERDICTS[VerdictStatus.UNKNOWN],
    VERDICTS[VerdictStatus.WARN],
    CHECKING,
    VERDICTS[VerdictStatus.OK],
    VERDICTS[VerdictStatus.STOPPED],
)
_LINK_ORDER = {
    state: place
    for place, state in enumerate(
        (LinkState.FAIL, LinkState.UNKNOWN, LinkState.WARN, LinkState.PENDING, LinkState.MOOT, LinkState.OK)
    )
}
_UNEASY = frozenset({LinkState.FAIL, LinkState.UNKNOWN, LinkState.WARN})


def columns(fleet: Fleet) -> tuple[Column, ...]:
    """The columns for the scopes there are: account and Region only where they tell nodes apart."""
    accounts = {scope.account for scope in fleet.state.scopes.values()}
    regions = {name.region for name in (*fleet.state.scopes, *fleet.state.errors)}
    region = replace(_REGION, least=max((len(each) for each in regions), default=0))
    return (
        _VERDICT,
        *_COLUMNS[:2],
        *((_ACCOUNT,) if len(accounts) > 1 else ()),
        *((region,) if len(regions) > 1 else ()),
        *_COLUMNS[2:],
    )


def cells(fleet: Fleet, key: NodeKey) -> Mapping[str, Cell]:
    """What the columns show of a node."""
    node = fleet.node(key)
    if node is None:
        return {}
    verdict = fleet.verdict(key)
    sign = sign_of(verdict)
    return {
        "verdict": cell(sign.glyph, sign.ink),
        "name": cell(node.name) if node.name else cell(say("(no name)"), Ink.FAINT),
        "id": cell(node.id, Ink.MUTED),
        "account": cell(key.account, Ink.MUTED),
        "region": cell(key.region, Ink.MUTED),
        "state": _state(node),
        "platform": cell(node.platform, Ink.MUTED),
        "agent": cell(node.agent_version or "", Ink.MUTED),
        "ping": _ping(node),
        "channel": _channel(fleet, key),
        "path": tuple(
            (LINKS[state].glyph * len(list(alike)), LINKS[state].ink) for state, alike in groupby(verdict.links)
        ),
        "why": why(fleet, key),
    }


def content(fleet: Fleet, node: Node) -> Mapping[str, int]:
    """How wide the texts of a node are, of the columns that grow with them."""
    return {
        "name": cell_len(printable(node.name)),
        "id": len(node.id),
        "region": len(node.key.region),
        "state": len(node.state.value) if node.state else 0,
        "platform": cell_len(printable(node.platform)),
        "agent": len(node.agent_version or ""),
        "ping": len(node.ping.value) if node.ping else 0,
        "channel": 12,
        "why": min(_WHY_AT_MOST, sum(cell_len(text) for text, _ in why(fleet, node.key))),
    }


def rank(fleet: Fleet, key: NodeKey, column: str) -> Rank:
    """What a node is ordered by in a column; rows without a value come last."""
    node = fleet.state.nodes[key]
    verdict = fleet.verdict(key)
    match column:
        case "verdict":
            return (_ORDER.index(sign_of(verdict)), verdict.root_cause or "")
        case "path":
            return tuple(_LINK_ORDER[state] for state in verdict.links)
        case "why":
            return _text_rank("".join(text for text, _ in why(fleet, key)))
        case "agent":
            return _version_rank(node.agent_version)
        case "channel":
            return _text_rank(_channel_word(fleet, key))
        case "state":
            return _text_rank(node.state.value if node.state else "")
        case "ping":
            return _text_rank(node.ping.value if node.ping else "")
        case "platform":
            return _text_rank(node.platform)
        case "id":
            return _text_rank(node.id)
        case "region":
            return _text_rank(key.region)
        case "account":
            return _text_rank(key.account)
        case _:
            return _text_rank(node.name)


def base(fleet: Fleet, key: NodeKey) -> Rank:
    """What nodes are ordered by where the chosen column does not tell them apart."""
    node = fleet.state.nodes[key]
    return (node.name == "", node.name.casefold(), key.account, key.region, key.id)


def candidate(fleet: Fleet, key: NodeKey) -> FilteredRow:
    """What a filter sees of a node."""
    node = fleet.state.nodes[key]
    verdict = fleet.verdict(key)
    slugs = {id_.partition("@")[0] for id_ in verdict.finding_ids}
    words = (node.name, node.id, *_other_names(node), *slugs, *(fleet.title(slug) for slug in slugs))
    return FilteredRow(
        text=" ".join(words).casefold(),
        fields=_folded(
            {
                "name": (node.name, *_other_names(node)[:1]),
                "id": (node.id,),
                "kind": (node.kind.value,),
                "state": (node.state.value if node.state else "",),
                "ping": (node.ping.value if node.ping else "",),
                "channel": (_channel_word(fleet, key),),
                "verdict": (sign_of(verdict).sentence, sign_of(verdict).word),
                "cause": tuple(slugs),
                "platform": (node.platform,),
                "agent": (node.agent_version or "",),
                "region": (key.region,),
                "account": (key.account,),
                "link": tuple(
                    name for link in Link if verdict.link(link) in _UNEASY for name in (link.value, say(link.value))
                ),
            }
        ),
        tags={key.casefold(): value.casefold() for key, value in node.tags},
    )


def _folded(fields: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(value.casefold() for value in values if value) for name, values in fields.items()}


def _other_names(node: Node) -> tuple[str, ...]:
    names: list[str] = []
    if isinstance(node.registration, Registration):
        names += [node.registration.computer_name, node.registration.ip_address or ""]
    if isinstance(node.instance, Instance):
        names += [node.instance.private_ip or "", node.instance.public_ip or ""]
    return tuple(names)


def _state(node: Node) -> Cell:
    if node.state is None:
        return cell(say("hybrid") if node.id.startswith("mi-") else "?", Ink.FAINT)
    return cell(node.state.value, Ink.PLAIN if node.state is InstanceState.RUNNING else Ink.FAINT)


def _ping(node: Node) -> Cell:
    if isinstance(node.registration, Unreadable):
        return cell("?", Ink.UNKNOWN)
    if node.ping is None:
        return cell("–", Ink.FAINT)
    return cell(node.ping.value, Ink.OK if node.ping is PingStatus.ONLINE else Ink.FAIL)


def _channel_word(fleet: Fleet, key: NodeKey) -> str:
    connection = fleet.state.connections.get(key)
    if connection is None or isinstance(connection, Unreadable):
        return ""
    return connection.value


def _channel(fleet: Fleet, key: NodeKey) -> Cell:
    connection = fleet.state.connections.get(key)
    if isinstance(connection, Unreadable):
        return cell("?", Ink.UNKNOWN)
    if connection is None:
        return cell("–", Ink.FAINT)
    return cell(connection.value, Ink.OK if connection.value == "connected" else Ink.FAIL)


def _text_rank(text: str) -> Rank:
    return (text == "", text.casefold())


def _version_rank(version: str | None) -> Rank:
    parts = tuple(int(part) if part.isdecimal() else 0 for part in (version or "").split("."))
    return (version is None, parts)
