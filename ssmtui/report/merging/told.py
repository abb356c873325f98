"""What one report says of itself, and its nodes and findings put by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from ssmtui.language import say
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.plan import JSON
from ssmtui.report.marks import confidence_of, status_of
from ssmtui.report.merging.spool import Place, Spool
from ssmtui.report.reading.parts import FINDING, NODE, REPORT, SCOPE, Part, parts_of
from ssmtui.report.reading.refusals import CutOff, NotAReport

NEVER = "1970-01-01T00:00:00Z"
"""When a report was made that does not say it: one that was cut off."""

Row = Mapping[str, JSON]
"""A scope, as reports have it."""

_MARKS = frozenset({"counted", "baseline", "muted"})
_STATUSES = tuple(each.value for each in (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.INFO))
_CONFIDENCES = tuple(each.value for each in (Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE))


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read. `name` is what it is called in sentences."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class Told:
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

    def scopes(self, places: frozenset[Place]) -> Iterator[Row]:
        """Its scopes; of one that was cut off each is in error, and so is where its other nodes are."""
        if self.why_not:
            yield _in_error(say("{file} {why_not}.", file=self.name, why_not=self.why_not))
            return
        cut = say("The report {file} ends before its end: what it lacks is unknown.", file=self.name)
        for row in self.rows.values():
            yield {**row, "error": row["error"] or cut} if self.cut else row
        if self.cut:
            unnamed = places - {place_of(row) for row in self.rows.values()}
            for place in sorted(unnamed, key=lambda each: (each.account, each.region)):
                yield _in_error(cut, place)
            if not self.rows and not places:
                yield _in_error(cut)


def read_into(spool: Spool, number: int, source: Source) -> Told:
    """Read a report to its end, as far as there is one."""
    told = Told(number, source.name)
    stream = False
    try:
        with source.open() as file:
            for part in parts_of(file):
                _take(told, spool, part)
                stream = part.stream
    except NotAReport as refused:
        spool.drop(number)
        return Told(number, source.name, why_not=str(refused))
    except CutOff:
        told.cut = True
    except OSError as error:
        spool.drop(number)
        return Told(number, source.name, why_not=say("cannot be read: {error}", error=error.strerror or error))
    if stream and not told.cut:
        spool.drop_withdrawn(number)
    return told


def place_of(row: Row) -> Place | None:
    """Which account's Region a scope is; None where nobody knows the account."""
    role = row.get("role")
    account = row["account"] or (role.split(":")[4] if isinstance(role, str) and role.count(":") >= 5 else "")
    return Place(str(account), str(row["region"] or "")) if account else None


def _take(told: Told, spool: Spool, part: Part) -> None:
    # Whether something counted was a matter of the run that wrote it.
    body = {key: value for key, value in part.body.items() if key not in _MARKS}
    match part.kind:
        case kind if kind == REPORT:
            told.made, told.version = str(body["generated_at"]), str(body["ssmtui"])
            told.redacted = body.get("redacted") is True
        case kind if kind == SCOPE:
            told.rows[_name(body)] = body
        case kind if kind == NODE:
            spool.add_node(told.number, body)
        case kind if kind == FINDING:
            spool.add_finding(told.number, _gravity(body), body)
        case _:
            told.calls.update(cast("Mapping[str, int]", body["api_calls"]))


def _name(row: Row) -> tuple[JSON, ...]:
    """What a later line about the same scope has as well; one that nobody knows the account of is told once."""
    by = ("profile", "role", "region", "account", "caller")
    return tuple(row.get(key) for key in (*by, *(() if row["account"] else ("error",))))


def _gravity(finding: Mapping[str, JSON]) -> tuple[str, str, str]:
    """How bad it is, worst least, as `diagnosis/ledger.py:gravity` has it."""
    status, confidence = status_of(finding), confidence_of(finding)
    return str(_STATUSES.index(status)), str(_CONFIDENCES.index(confidence)), str(finding["summary"])


def _in_error(sentence: str, place: Place | None = None) -> Row:
    return {
        "profile": None,
        "account": place.account if place else None,
        "region": (place.region or None) if place else None,
        "caller": None,
        "error": sentence,
        "role": None,
        "generated_at": None,
    }
