"""Many reports as one: an account's Region as the newest of them tells it, and findings joined as Regions' are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.plan import JSON
from ssmtui.report.document import SCHEMA, VERDICTS
from ssmtui.report.marks import WORST_FIRST, known_word
from ssmtui.report.merging.settling import Seen, settle
from ssmtui.report.merging.spool import Spool
from ssmtui.report.merging.told import NEVER, Row, Source, Told, read_into
from ssmtui.report.outcome import ExitCode, FailOn, broken_off, code_of

_NO_VERSION = "unknown"
"""The version where no report says it: each was cut off."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The report that came of it; its nodes and findings are still in the spool. `told` are the reports as read."""

    head: Mapping[str, JSON]
    scopes: Sequence[Row]
    summary: Mapping[str, JSON]
    spool: Spool
    told: Sequence[Told]

    @property
    def nodes(self) -> Iterator[Mapping[str, JSON]]:
        """Its nodes, in their order."""
        return self.spool.nodes()

    @property
    def findings(self) -> Iterator[Mapping[str, JSON]]:
        """Its findings, in their order."""
        return self.spool.findings()

    @property
    def compared(self) -> None:
        """It is as it was told."""

    def finding(self, id_: str) -> Mapping[str, JSON] | None:
        """The finding of that id, where it holds a node."""
        return self.spool.finding(id_)

    def exit_code(self, fail_on: FailOn, counted: Callable[[FailOn], ExitCode] | None = None) -> ExitCode:
        """The exit code, as a check's; what could not be read as a report could not be told."""
        errors = [row for row in self.scopes if row["error"] is not None]
        if any(each.why_not for each in self.told):
            return ExitCode.COULD_NOT_TELL
        seen = {*self.spool.verdicts(), *self.spool.statuses()}
        if errors and len(errors) == len(self.scopes):
            return broken_off(seen, fail_on, counted)
        if counted is not None:
            return counted(fail_on)
        return code_of({*seen, *((VerdictStatus.UNKNOWN.value,) if errors else ())}, fail_on)


def merge(sources: Iterable[Source], spool: Spool) -> Merged:
    """Read all of the reports, one after another, and settle which of them tells what."""
    told = [read_into(spool, number, source) for number, source in enumerate(sources)]
    scopes = settle(spool, told)
    readable = [each for each in told if not each.why_not]
    made = max((each.made for each in readable), default=NEVER)
    version = max((each.version for each in readable if each.version), key=_version, default=_NO_VERSION)
    calls = sum((each.calls for each in readable), Counter[str]())
    verdicts = Counter[str]()
    for word, count in spool.verdicts().items():
        verdicts[known_word(word, WORST_FIRST)] += count
    return Merged(
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
        spool=spool,
        told=told,
    )


def _in_order(scopes: Iterable[Seen], made: str) -> list[Row]:
    """The scopes, each once, sorted; each says when it was looked at, unless that is when the report was made."""
    rows = {json.dumps(row, sort_keys=True): row for row in (_row(seen, made) for seen in scopes)}
    return [row for _, row in sorted(rows.items(), key=lambda each: (*_order(each[1]), each[0]))]


def _order(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(key) or "") for key in ("profile", "role", "region", "account", "caller"))


def _row(seen: Seen, made: str) -> Row:
    at = None if seen.at == made else seen.at
    return seen.row if seen.row.get("generated_at") == at else {**seen.row, "generated_at": at}


def _version(text: str) -> tuple[tuple[int, ...], str]:
    return tuple(int(each) for each in re.findall(r"\d{1,9}", text)), text
