"""Merge many reports into one: read each report, and keep the newest result of each account and Region."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO, cast

from ssmtui.language import say
from ssmtui.model.finding import Confidence, Status, VerdictStatus
from ssmtui.model.plan import JSON
from ssmtui.report.annotations import WORST_FIRST, confidence_of, known_word, status_of
from ssmtui.report.exit_code import ExitCode, FailOn, code_of, exit_code_if_incomplete
from ssmtui.report.merging.report_store import AccountRegion, ReportStore
from ssmtui.report.model import SCHEMA, VERDICTS
from ssmtui.report.reading.json_stream import NotAReportError, TruncatedReportError
from ssmtui.report.reading.report_parts import FINDING, NODE, REPORT, SCOPE, ReportPart, parts_of

NEVER = "1970-01-01T00:00:00Z"
"""When a report was made that does not say it: one that was cut off."""

Row = Mapping[str, JSON]
"""A scope, as reports have it."""

_MARKS = frozenset({"counted", "baseline", "muted"})
_STATUSES = tuple(each.value for each in (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.INFO))
_CONFIDENCES = tuple(each.value for each in (Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE))


@dataclass(frozen=True, slots=True)
class ReportSource:
    """A file to be read. `name` is what it is called in sentences."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class SourceReport:
    """A report, but for what is in the spool. `why_not` says why nothing of it counts, `cut` that it has no end."""

    number: int
    name: str
    made: str = NEVER
    version: str = ""
    rows: dict[tuple[JSON, ...], Row] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    cut: bool = False
    redacted: bool = False
    why_not: str = ""

    def scopes(self, places: frozenset[AccountRegion]) -> Iterator[Row]:
        """Its scopes; of one that was cut off each is in error, and so is where its other nodes are."""
        if self.why_not:
            yield _in_error(say("{file} {why_not}.", file=self.name, why_not=self.why_not))
            return
        cut = say("The report {file} ends before its end: what it lacks is unknown.", file=self.name)
        for row in self.rows.values():
            yield {**row, "error": row["error"] or cut} if self.cut else row
        if self.cut:
            unnamed = places - {account_region_of(row) for row in self.rows.values()}
            for account_region in sorted(unnamed, key=lambda each: (each.account, each.region)):
                yield _in_error(cut, account_region)
            if not self.rows and not places:
                yield _in_error(cut)


def read_report(store: ReportStore, number: int, source: ReportSource) -> SourceReport:
    """Read a report to its end, as far as there is one."""
    told = SourceReport(number, source.name)
    stream = False
    try:
        with source.open() as file:
            for part in parts_of(file):
                _take(told, store, part)
                stream = part.stream
    except NotAReportError as refused:
        store.drop(number)
        return SourceReport(number, source.name, why_not=str(refused))
    except TruncatedReportError:
        told.cut = True
    except OSError as error:
        store.drop(number)
        return SourceReport(number, source.name, why_not=say("cannot be read: {error}", error=error.strerror or error))
    if stream and not told.cut:
        store.drop_withdrawn(number)
    return told


def account_region_of(row: Row) -> AccountRegion | None:
    """Which account's Region a scope is; None where nobody knows the account."""
    role = row.get("role")
    account = row["account"] or (role.split(":")[4] if isinstance(role, str) and role.count(":") >= 5 else "")
    return AccountRegion(str(account), str(row["region"] or "")) if account else None


def _take(told: SourceReport, store: ReportStore, part: ReportPart) -> None:
    # Whether something counted was a matter of the run that wrote it.
    body = {key: value for key, value in part.body.items() if key not in _MARKS}
    match part.kind:
        case kind if kind == REPORT:
            told.made, told.version = str(body["generated_at"]), str(body["ssmtui"])
            told.redacted = body.get("redacted") is True
        case kind if kind == SCOPE:
            told.rows[_name(body)] = body
        case kind if kind == NODE:
            store.add_node(told.number, body)
        case kind if kind == FINDING:
            store.add_finding(told.number, _gravity(body), body)
        case _:
            told.calls.update(cast("Mapping[str, int]", body["api_calls"]))


def _name(row: Row) -> tuple[JSON, ...]:
    """What a later line about the same scope has as well; one that nobody knows the account of is told once."""
    by = ("profile", "role", "region", "account", "caller")
    return tuple(row.get(key) for key in (*by, *(() if row["account"] else ("error",))))


def _gravity(finding: Mapping[str, JSON]) -> tuple[str, str, str]:
    """How bad it is, worst least, as `diagnosis/finding_index.py:severity` has it."""
    status, confidence = status_of(finding), confidence_of(finding)
    return str(_STATUSES.index(status)), str(_CONFIDENCES.index(confidence)), str(finding["summary"])


def _in_error(sentence: str, account_region: AccountRegion | None = None) -> Row:
    return {
        "profile": None,
        "account": account_region.account if account_region else None,
        "region": (account_region.region or None) if account_region else None,
        "caller": None,
        "error": sentence,
        "role": None,
        "generated_at": None,
    }


@dataclass(frozen=True, slots=True)
class ReportedScope:
    """A scope of a report, and when it was looked at. `place` is None where nobody knows whose it is."""

    report: int
    account_region: AccountRegion | None
    at: str
    row: Row


def select_newest(store: ReportStore, told: Sequence[SourceReport]) -> tuple[ReportedScope, ...]:
    """Leave each place to one report, also in the spool. Gives the scopes that stay."""
    with_nodes = defaultdict[int, set[AccountRegion]](set)
    for number, of_nodes in store.places():
        with_nodes[number].add(of_nodes)
    scopes = [reported_scope for each in told for reported_scope in _seen(each, frozenset(with_nodes[each.number]))]
    claims = defaultdict[AccountRegion, dict[int, str]](dict)
    for reported_scope in scopes:
        if reported_scope.account_region is not None:
            of_place = claims[reported_scope.account_region]
            of_place[reported_scope.report] = max(reported_scope.at, of_place.get(reported_scope.report, ""))
    for each in told:
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


def _seen(told: SourceReport, places: frozenset[AccountRegion]) -> Iterator[ReportedScope]:
    for row in told.scopes(places):
        yield ReportedScope(told.number, account_region_of(row), str(row.get("generated_at") or told.made), row)


def _last(
    store: ReportStore, account_region: AccountRegion, reports: Mapping[int, str], scopes: Sequence[ReportedScope]
) -> int:
    """The report that looked last. Of several that did so in the same second, the one whose words come last."""
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
        for line in sorted(json.dumps({**row, "generated_at": None}, sort_keys=True) for row in rows):
            hashed.update(line.encode())
        for body in store.bodies(number, account_region):
            hashed.update(body.encode())
        return hashed.digest()

    return max(latest, key=lambda number: (words(number), number))


_NO_VERSION = "unknown"
"""The version where no report says it: each was cut off."""


@dataclass(frozen=True, slots=True)
class MergedReport:
    """The report that came of it; its nodes and findings are still in the spool. `told` are the reports as read."""

    head: Mapping[str, JSON]
    scopes: Sequence[Row]
    summary: Mapping[str, JSON]
    store: ReportStore
    told: Sequence[SourceReport]

    @property
    def nodes(self) -> Iterator[Mapping[str, JSON]]:
        """Its nodes, in their order."""
        return self.store.nodes()

    @property
    def findings(self) -> Iterator[Mapping[str, JSON]]:
        """Its findings, in their order."""
        return self.store.findings()

    @property
    def compared(self) -> None:
        """It is as it was told."""

    def finding(self, id_: str) -> Mapping[str, JSON] | None:
        """The finding of that id, where it holds a node."""
        return self.store.finding(id_)

    def exit_code(self, fail_on: FailOn, counted: Callable[[FailOn], ExitCode] | None = None) -> ExitCode:
        """The exit code, as a check's; what could not be read as a report could not be told."""
        errors = [row for row in self.scopes if row["error"] is not None]
        if any(each.why_not for each in self.told):
            return ExitCode.COULD_NOT_TELL
        reported_scope = {*self.store.verdicts(), *self.store.statuses()}
        if errors and len(errors) == len(self.scopes):
            return exit_code_if_incomplete(reported_scope, fail_on, counted)
        if counted is not None:
            return counted(fail_on)
        return code_of({*reported_scope, *((VerdictStatus.UNKNOWN.value,) if errors else ())}, fail_on)


def merge(sources: Iterable[ReportSource], store: ReportStore) -> MergedReport:
    """Read all of the reports, one after another, and settle which of them tells what."""
    told = [read_report(store, number, source) for number, source in enumerate(sources)]
    scopes = select_newest(store, told)
    readable = [each for each in told if not each.why_not]
    made = max((each.made for each in readable), default=NEVER)
    version = max((each.version for each in readable if each.version), key=_version, default=_NO_VERSION)
    calls = sum((each.calls for each in readable), Counter[str]())
    verdicts = Counter[str]()
    for word, count in store.verdicts().items():
        verdicts[known_word(word, WORST_FIRST)] += count
    return MergedReport(
        head={
            "schema": SCHEMA,
            "ssmtui": version,
            **({"redacted": True} if any(each.redacted for each in readable) else {}),
            "generated_at": made,
        },
        scopes=_in_order(scopes, made),
        summary={
            **{status.value: verdicts[status.value] for status in VERDICTS},
            "api_calls": dict(sorted(calls.items())),
        },
        store=store,
        told=told,
    )


def _in_order(scopes: Iterable[ReportedScope], made: str) -> list[Row]:
    """The scopes, each once, sorted; each says when it was looked at, unless that is when the report was made."""
    rows = {json.dumps(row, sort_keys=True): row for row in (_row(reported_scope, made) for reported_scope in scopes)}
    return [row for _, row in sorted(rows.items(), key=lambda each: (*_order(each[1]), each[0]))]


def _order(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(key) or "") for key in ("profile", "role", "region", "account", "caller"))


def _row(reported_scope: ReportedScope, made: str) -> Row:
    at = None if reported_scope.at == made else reported_scope.at
    return (
        reported_scope.row
        if reported_scope.row.get("generated_at") == at
        else {**reported_scope.row, "generated_at": at}
    )


def _version(text: str) -> tuple[tuple[int, ...], str]:
    return tuple(int(each) for each in re.findall(r"\d{1,9}", text)), text
