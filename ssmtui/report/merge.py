"""Merge many reports into one by the newest result of each account and Region, in a temporary database."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from ssmtui.language import say
from ssmtui.model.finding import VerdictStatus
from ssmtui.report.exit_code import ExitCode, FailOn, code_of, exit_code_if_incomplete
from ssmtui.report.model import (
    CONFIDENCES,
    STATUSES_BY_SEVERITY,
    WORST_FIRST,
    ReportFinding,
    ReportHead,
    ReportNode,
    ReportPart,
    ReportScope,
    ReportSummary,
    known_confidence,
    known_word,
)
from ssmtui.report.report_json import (
    NotAReportError,
    TruncatedReportError,
    part_from_json,
    part_to_json,
    parts_of,
)

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
    """A Region of an account: the unit of a merge, taken from one report."""

    account: str
    region: str


class ReportStore:
    """The nodes and findings of reports. The caller numbers the reports."""

    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "reports", isolation_level=None)
        self._base.executescript(_TABLES)
        self._base.execute("begin")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add_node(self, report: int, node: ReportNode) -> None:
        """Add a node; the same node again replaces it."""
        key = (_bytes(node.id), _bytes(node.region), _bytes(node.account))
        row = (report, *key, node.verdict, json.dumps(part_to_json(node)))
        self._base.execute("insert or replace into node values (?, ?, ?, ?, ?, ?)", row)

    def add_finding(self, report: int, gravity: Collection[str], finding: ReportFinding) -> None:
        """Add a finding; the same finding again replaces it. `gravity` sorts the worst finding of an ID first."""
        nodes = finding.nodes
        rest = json.dumps(part_to_json(replace(finding, nodes=())))
        id_ = _bytes(finding.id)
        row = (report, id_, finding.status, _bytes("\0".join((*gravity, rest))), bool(nodes), rest)
        changes = self._base.execute("delete from finding where report = ? and id = ?", (report, id_)).rowcount
        if changes:
            self._base.execute("delete from held where report = ? and finding = ?", (report, id_))
        self._base.execute("insert into finding values (?, ?, ?, ?, ?, ?)", row)
        self._base.executemany(
            "insert or ignore into held values (?, ?, ?)", ((report, id_, _bytes(node)) for node in nodes)
        )

    def drop(self, report: int) -> None:
        """Delete everything of a report."""
        for table in ("node", "finding", "held", "named"):
            self._base.execute(f"delete from {table} where report = ?", (report,))  # noqa: S608 - names from above

    def drop_withdrawn(self, report: int) -> None:
        """Delete findings of a stream that their nodes no longer refer to."""
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
        """Yield the accounts and Regions of the nodes of each report."""
        rows = self._base.execute("select distinct report, account, region from node order by 1, 2, 3")
        return ((report, AccountRegion(_text(account), _text(region))) for report, account, region in rows)

    def bodies(self, report: int, account_region: AccountRegion) -> Iterator[str]:
        """Yield the nodes of a report in an account and Region, sorted by ID."""
        rows = self._base.execute(
            "select body from node where report = ? and account = ? and region = ? order by id",
            (report, _bytes(account_region.account), _bytes(account_region.region)),
        )
        return (body for (body,) in rows)

    def lose(self, lost: Iterable[tuple[int, AccountRegion]], beaten: Iterable[int]) -> None:
        """Leave out results for places that a newer report covers; the reports in `beaten` lose all results."""
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
        """Return the number of nodes by verdict."""
        return dict(self._base.execute("select verdict, count(*) from node group by verdict").fetchall())

    def statuses(self) -> frozenset[str]:
        """Return the statuses of the findings that affect a node."""
        return frozenset(status for (status,) in self._base.execute("select distinct status from finding where held"))

    def nodes(self) -> Iterator[ReportNode]:
        """Yield the nodes, sorted."""
        for (body,) in self._base.execute("select body from node order by id, region, account"):
            told = json.loads(body)  # checked when it was added
            yield ReportNode(**{**told, "findings": tuple(told["findings"])})

    def findings(self) -> Iterator[ReportFinding]:
        """Yield the findings, sorted: one per ID, the worst version of it, with the nodes of all versions."""
        held = groupby(
            self._base.execute("select distinct finding, node from held order by finding, node"), lambda row: row[0]
        )
        ready = next(held, None)
        told = self._base.execute("select id, body from finding order by id, gravity")
        for id_, of_one_id in groupby(told, lambda row: row[0]):
            finding = part_from_json(ReportFinding, json.loads(next(of_one_id)[1]))
            while ready is not None and ready[0] < id_:
                ready = next(held, None)
            if ready is not None and ready[0] == id_:
                finding = replace(finding, nodes=tuple(_text(node) for _, node in ready[1]))
            yield finding

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the worst version of the finding with that ID, if it affects a node."""
        told = self._base.execute(
            "select body from finding where id = ? and held order by gravity limit 1", (_bytes(id_),)
        )
        found = told.fetchone()
        if found is None:
            return None
        nodes = self._base.execute("select distinct node from held where finding = ? order by node", (_bytes(id_),))
        finding = part_from_json(ReportFinding, json.loads(found[0]))
        return replace(finding, nodes=tuple(_text(node) for (node,) in nodes))

    def verdict_of(self, id_: str, region: str, account: str) -> str | None:
        """Return a node's verdict, or None if there is no such node."""
        key = (_bytes(id_), _bytes(region), _bytes(account))
        told = self._base.execute("select verdict from node where id = ? and region = ? and account = ?", key)
        found = told.fetchone()
        return str(found[0]) if found is not None else None


def _bytes(text: str) -> bytes:
    """Encode a text so that it sorts by code points, like in Python; a lone surrogate is not an error."""
    return text.encode("utf-8", "surrogatepass")


def _text(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")


NEVER = "1970-01-01T00:00:00Z"
"""The time of a report without a time: a report that was cut off."""


@dataclass(frozen=True, slots=True)
class ReportSource:
    """A file to read. `name` is its name in messages."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class SourceReport:
    """A report without the parts that are in the database.

    `why_not` says why nothing of the report counts, `cut` that its end is missing; `unknown` are the members that were
    ignored.
    """

    number: int
    name: str
    made: str = NEVER
    version: str = ""
    rows: dict[tuple[str | None, ...], ReportScope] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    cut: bool = False
    redacted: bool = False
    why_not: str = ""

    def scopes(self, places: frozenset[AccountRegion]) -> Iterator[ReportScope]:
        """Yield the scopes of the report.

        If it was cut off, all its scopes and the places of its other nodes are in error.
        """
        if self.why_not:
            yield _in_error(say("{file} {why_not}.", file=self.name, why_not=self.why_not))
            return
        cut = say("The report {file} is truncated: the missing results are unknown.", file=self.name)
        for row in self.rows.values():
            yield replace(row, error=row.error or cut) if self.cut else row
        if self.cut:
            unnamed = places - {account_region_of(row) for row in self.rows.values()}
            for account_region in sorted(unnamed, key=lambda each: (each.account, each.region)):
                yield _in_error(cut, account_region)
            if not self.rows and not places:
                yield _in_error(cut)


def read_report(store: ReportStore, number: int, source: ReportSource) -> SourceReport:
    """Read a report to its end, as far as it goes."""
    report = SourceReport(number, source.name)
    stream = False
    try:
        with source.open() as file:
            for part in parts_of(file):
                _take(report, store, part.part)
                report.unknown.update(part.unknown)
                stream = part.stream
    except NotAReportError as refused:
        store.drop(number)
        return SourceReport(number, source.name, why_not=str(refused))
    except TruncatedReportError:
        report.cut = True
    except OSError as error:
        store.drop(number)
        return SourceReport(number, source.name, why_not=say("cannot be read: {error}", error=error.strerror or error))
    if stream and not report.cut:
        store.drop_withdrawn(number)
    return report


def account_region_of(row: ReportScope) -> AccountRegion | None:
    """Return the account and Region of a scope, or None if the account is unknown."""
    account = row.account or (row.role.split(":")[4] if row.role and row.role.count(":") >= 5 else "")
    return AccountRegion(account, row.region or "") if account else None


def _take(source: SourceReport, store: ReportStore, part: ReportPart) -> None:
    # Whether a part counts depends on the options of the run that wrote it.
    match part:
        case ReportHead():
            source.made, source.version, source.redacted = part.generated_at, part.ssmtui, part.redacted
        case ReportScope():
            source.rows[_name(part)] = replace(part, counted=None)
        case ReportNode():
            store.add_node(source.number, part if part.counted is None else replace(part, counted=None))
        case ReportFinding():
            store.add_finding(source.number, _gravity(part), replace(part, baseline=None, muted=None, counted=None))
        case ReportSummary():
            source.calls.update(part.api_calls)


def _name(row: ReportScope) -> tuple[str | None, ...]:
    """Return the key of lines about the same scope; a scope without a known account is also identified by its error."""
    return (row.profile, row.role, row.region, row.account, row.caller, *(() if row.account else (row.error,)))


def _gravity(finding: ReportFinding) -> tuple[str, str, str]:
    """Return the severity of a finding, worst first, in the order of `diagnosis/finding_index.py:severity`."""
    status, confidence = finding.known_status, known_confidence(finding.confidence)
    return str(STATUSES_BY_SEVERITY.index(status)), str(CONFIDENCES.index(confidence)), finding.summary


def _in_error(sentence: str, account_region: AccountRegion | None = None) -> ReportScope:
    account, region = (account_region.account, account_region.region or None) if account_region else (None, None)
    return ReportScope(None, account, region, None, sentence)


@dataclass(frozen=True, slots=True)
class ReportedScope:
    """A scope of a report, and when it was read. `place` is None if its account is unknown."""

    report: int
    account_region: AccountRegion | None
    at: str
    row: ReportScope


def select_newest(store: ReportStore, sources: Sequence[SourceReport]) -> tuple[ReportedScope, ...]:
    """Keep each place of only one report, also in the database. Return the scopes that stay."""
    with_nodes = defaultdict[int, set[AccountRegion]](set)
    for number, of_nodes in store.places():
        with_nodes[number].add(of_nodes)
    scopes = [reported_scope for each in sources for reported_scope in _seen(each, frozenset(with_nodes[each.number]))]
    claims = defaultdict[AccountRegion, dict[int, str]](dict)
    for reported_scope in scopes:
        if reported_scope.account_region is not None:
            of_place = claims[reported_scope.account_region]
            of_place[reported_scope.report] = max(reported_scope.at, of_place.get(reported_scope.report, ""))
    for each in sources:
        for account_region in with_nodes[each.number]:
            claims[account_region].setdefault(each.number, each.made)
    winners = {
        account_region: _last(store, account_region, reports, scopes) for account_region, reports in claims.items()
    }
    lost = [
        (number, account_region)
        for account_region, reports in claims.items()
        for number in reports
        if number != winners[account_region]
    ]
    staying = tuple(
        reported_scope
        for reported_scope in scopes
        if reported_scope.account_region is None or winners[reported_scope.account_region] == reported_scope.report
    )
    store.lose(
        lost,
        {number for number, _ in lost} - {*winners.values(), *(reported_scope.report for reported_scope in staying)},
    )
    return staying


def _seen(source: SourceReport, places: frozenset[AccountRegion]) -> Iterator[ReportedScope]:
    for row in source.scopes(places):
        yield ReportedScope(source.number, account_region_of(row), row.generated_at or source.made, row)


def _last(
    store: ReportStore, account_region: AccountRegion, reports: Mapping[int, str], scopes: Sequence[ReportedScope]
) -> int:
    """Return the newest report. If several have the same second, return the last in text order."""
    last = max(reports.values())
    latest = [number for number, at in reports.items() if at == last]
    if len(latest) == 1:
        return latest[0]

    def words(number: int) -> bytes:
        hashed = sha256()
        rows = [
            reported_scope.row
            for reported_scope in scopes
            if (reported_scope.report, reported_scope.account_region) == (number, account_region)
        ]
        for line in sorted(json.dumps(part_to_json(replace(row, generated_at=None)), sort_keys=True) for row in rows):
            hashed.update(line.encode())
        for body in store.bodies(number, account_region):
            hashed.update(body.encode())
        return hashed.digest()

    return max(latest, key=lambda number: (words(number), number))


_NO_VERSION = "unknown"
"""The version if no report has one, because all were cut off."""


@dataclass(frozen=True, slots=True)
class MergedReport:
    """The merged report; its nodes and findings are still in the database. `sources` are its source reports."""

    head: ReportHead
    scopes: Sequence[ReportScope]
    summary: ReportSummary
    store: ReportStore
    sources: Sequence[SourceReport]

    @property
    def nodes(self) -> Iterator[ReportNode]:
        """Return the nodes, sorted."""
        return self.store.nodes()

    @property
    def findings(self) -> Iterator[ReportFinding]:
        """Return the findings, sorted."""
        return self.store.findings()

    @property
    def compared(self) -> None:
        """Return None: there is no baseline."""

    def finding(self, id_: str) -> ReportFinding | None:
        """Return the finding with that ID, if it affects a node."""
        return self.store.finding(id_)

    def exit_code(self, fail_on: FailOn, counted: Callable[[FailOn], ExitCode] | None = None) -> ExitCode:
        """Return the exit code, as of a check; a file that is not a readable report makes it `COULD_NOT_TELL`."""
        errors = [row for row in self.scopes if row.error is not None]
        if any(each.why_not for each in self.sources):
            return ExitCode.COULD_NOT_TELL
        reported_scope = {*self.store.verdicts(), *self.store.statuses()}
        if errors and len(errors) == len(self.scopes):
            return exit_code_if_incomplete(reported_scope, fail_on, counted)
        if counted is not None:
            return counted(fail_on)
        return code_of({*reported_scope, *((VerdictStatus.UNKNOWN.value,) if errors else ())}, fail_on)


def merge(sources: Iterable[ReportSource], store: ReportStore) -> MergedReport:
    """Read all reports, and take each account and Region from the newest report."""
    reports = [read_report(store, number, source) for number, source in enumerate(sources)]
    scopes = select_newest(store, reports)
    readable = [each for each in reports if not each.why_not]
    made = max((each.made for each in readable), default=NEVER)
    version = max((each.version for each in readable if each.version), key=_version, default=_NO_VERSION)
    calls = sum((each.calls for each in readable), Counter[str]())
    verdicts = Counter[str]()
    for word, count in store.verdicts().items():
        verdicts[known_word(word, WORST_FIRST)] += count
    return MergedReport(
        head=ReportHead(ssmtui=version, redacted=any(each.redacted for each in readable), generated_at=made),
        scopes=_in_order(scopes, made),
        summary=ReportSummary.of(verdicts, calls),
        store=store,
        sources=reports,
    )


def _in_order(scopes: Iterable[ReportedScope], made: str) -> list[ReportScope]:
    """Return the scopes, each once, sorted; each has its own time, if it differs from the report's."""
    rows = (_row(each.row, None if each.at == made else each.at) for each in scopes)
    by_text = {json.dumps(part_to_json(row), sort_keys=True): row for row in rows}
    return [row for _, row in sorted(by_text.items(), key=lambda each: (*_order(each[1]), each[0]))]


def _row(row: ReportScope, generated_at: str | None) -> ReportScope:
    return row if row.generated_at == generated_at else replace(row, generated_at=generated_at)


def _order(row: ReportScope) -> tuple[str, ...]:
    return tuple(each or "" for each in (row.profile, row.role, row.region, row.account, row.caller))


def _version(text: str) -> tuple[tuple[int, ...], str]:
    return tuple(int(each) for each in re.findall(r"\d{1,9}", text)), text
