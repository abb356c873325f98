"""Keep the parts of many reports in a temporary SQLite database while they are merged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import cast

from ssmtui.model.plan import JSON

_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
pragma locking_mode = exclusive;
pragma temp_store = file;
create table node (report integer, id blob, region blob, account blob, verdict text, body text,
                   primary key (report, id, region, account)) without rowid;
create table finding (report integer, id blob, status text, gravity blob, held integer, body text,
                      primary key (report, id)) without rowid;
create index finding_of on finding (id, gravity);
create index node_of on node (id);
create table held (report integer, finding blob, node blob, primary key (report, finding, node)) without rowid;
create index held_by on held (finding, node);
create table named (report integer, finding blob, node blob, primary key (report, finding, node)) without rowid;
create table lost (report integer, account blob, region blob, primary key (report, account, region)) without rowid;
"""

_WITHDRAWN = """
delete from finding where report = :report and held and not exists (
    select 1 from held join named using (report, finding, node) where held.report = :report and finding = finding.id)
"""

_OF_LOST_NODES = """
delete from held where exists (
    select 1 from node join lost using (report, account, region) where node.report = held.report and id = held.node
) and not exists (
    select 1 from node left join lost using (report, account, region)
    where node.report = held.report and id = held.node and lost.report is null)
"""


@dataclass(frozen=True, slots=True)
class AccountRegion:
    """An account's Region: what is looked at as a whole, and taken from one report."""

    account: str
    region: str


class ReportStore:
    """The nodes and findings of reports, which are numbered by whoever adds them."""

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "reports", isolation_level=None)
        self._base.executescript(_TABLES)
        self._base.execute("begin")

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def add_node(self, report: int, body: Mapping[str, JSON]) -> None:
        """Keep a node; the same one again replaces it."""
        key = (_bytes(body["id"]), _bytes(body["region"]), _bytes(body["account"]))
        row = (report, *key, body["verdict"], json.dumps(body))
        self._base.execute("insert or replace into node values (?, ?, ?, ?, ?, ?)", row)

    def add_finding(self, report: int, gravity: Collection[str], body: Mapping[str, JSON]) -> None:
        """Keep a finding; the same one again replaces it. `gravity` sorts the worst of one id first."""
        nodes = cast("list[str]", body["nodes"])
        rest = json.dumps({**body, "nodes": []})
        id_ = _bytes(body["id"])
        row = (report, id_, body["status"], _bytes("\0".join((*gravity, rest))), bool(nodes), rest)
        changes = self._base.execute("delete from finding where report = ? and id = ?", (report, id_)).rowcount
        if changes:
            self._base.execute("delete from held where report = ? and finding = ?", (report, id_))
        self._base.execute("insert into finding values (?, ?, ?, ?, ?, ?)", row)
        self._base.executemany(
            "insert or ignore into held values (?, ?, ?)", ((report, id_, _bytes(node)) for node in nodes)
        )

    def drop(self, report: int) -> None:
        """Forget all of a report."""
        for table in ("node", "finding", "held", "named"):
            self._base.execute(f"delete from {table} where report = ?", (report,))  # noqa: S608 - names from above

    def drop_withdrawn(self, report: int) -> None:
        """Forget the findings of a stream that none of the nodes names any more for which they were told."""
        nodes = self._base.execute("select id, body from node where report = ?", (report,))
        self._base.executemany(
            "insert or ignore into named values (?, ?, ?)",
            ((report, _bytes(finding), id_) for id_, body in nodes for finding in json.loads(body)["findings"]),
        )
        self._base.execute(_WITHDRAWN, {"report": report})
        self._base.execute(
            "delete from held where report = ? and not exists "
            "(select 1 from finding where report = held.report and id = held.finding)",
            (report,),
        )

    def places(self) -> Iterator[tuple[int, AccountRegion]]:
        """Where the nodes of each report are."""
        rows = self._base.execute("select distinct report, account, region from node order by 1, 2, 3")
        return ((report, AccountRegion(_text(account), _text(region))) for report, account, region in rows)

    def bodies(self, report: int, account_region: AccountRegion) -> Iterator[str]:
        """The nodes that a report has of a place, in the order of their ids."""
        rows = self._base.execute(
            "select body from node where report = ? and account = ? and region = ? order by id",
            (report, _bytes(account_region.account), _bytes(account_region.region)),
        )
        return (body for (body,) in rows)

    def lose(self, lost: Iterable[tuple[int, AccountRegion]], beaten: Iterable[int]) -> None:
        """Leave out what reports have of places that others tell better; those `beaten` everywhere tell nothing."""
        self._base.executemany(
            "insert or ignore into lost values (?, ?, ?)",
            (
                (report, _bytes(account_region.account), _bytes(account_region.region))
                for report, account_region in lost
            ),
        )
        for report in beaten:
            self._base.execute("delete from finding where report = ? and not held", (report,))
        if self._base.execute("select 1 from lost limit 1").fetchone() is None:
            return
        self._base.execute(_OF_LOST_NODES)
        self._base.execute(
            "delete from finding where held and not exists "
            "(select 1 from held where report = finding.report and finding = finding.id)"
        )
        self._base.execute(
            "delete from node where exists (select 1 from lost where lost.report = node.report "
            "and lost.account = node.account and lost.region = node.region)"
        )

    def verdicts(self) -> Mapping[str, int]:
        """How many nodes have which verdict."""
        return dict(self._base.execute("select verdict, count(*) from node group by verdict").fetchall())

    def statuses(self) -> frozenset[str]:
        """The statuses of the findings that hold a node."""
        return frozenset(status for (status,) in self._base.execute("select distinct status from finding where held"))

    def nodes(self) -> Iterator[Mapping[str, JSON]]:
        """The nodes, sorted."""
        for (body,) in self._base.execute("select body from node order by id, region, account"):
            yield json.loads(body)

    def findings(self) -> Iterator[Mapping[str, JSON]]:
        """The findings, sorted: one an id, as the worst of those who tell it has it, with the nodes of all."""
        held = groupby(
            self._base.execute("select distinct finding, node from held order by finding, node"), lambda row: row[0]
        )
        ready = next(held, None)
        told = self._base.execute("select id, body from finding order by id, gravity")
        for id_, of_one_id in groupby(told, lambda row: row[0]):
            body = json.loads(next(of_one_id)[1])
            while ready is not None and ready[0] < id_:
                ready = next(held, None)
            if ready is not None and ready[0] == id_:
                body["nodes"] = [_text(node) for _, node in ready[1]]
            yield body

    def finding(self, id_: str) -> Mapping[str, JSON] | None:
        """The finding of that id, if it holds a node, as the worst of those who tell it has it."""
        told = self._base.execute(
            "select body from finding where id = ? and held order by gravity limit 1", (_bytes(id_),)
        )
        found = told.fetchone()
        if found is None:
            return None
        nodes = self._base.execute("select distinct node from held where finding = ? order by node", (_bytes(id_),))
        return {**json.loads(found[0]), "nodes": [_text(node) for (node,) in nodes]}

    def verdict_of(self, id_: str, region: str, account: str) -> str | None:
        """A node's verdict; None where there is no such node."""
        key = (_bytes(id_), _bytes(region), _bytes(account))
        told = self._base.execute("select verdict from node where id = ? and region = ? and account = ?", key)
        found = told.fetchone()
        return str(found[0]) if found is not None else None


def _bytes(text: JSON) -> bytes:
    """A text as it sorts: by code points, as Python sorts it; half a character is no reason to stop."""
    return str(text).encode("utf-8", "surrogatepass")


def _text(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")
