"""Which of several reports tells what of an account's Region: the one that looked last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ssmtui.report.merging.spool import Place, Spool
from ssmtui.report.merging.told import Row, Told, place_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A scope of a report, and when it was looked at. `place` is None where nobody knows whose it is."""

    report: int
    place: Place | None
    at: str
    row: Row


def settle(spool: Spool, told: Sequence[Told]) -> tuple[Seen, ...]:
    """Leave each place to one report, also in the spool. Gives the scopes that stay."""
    with_nodes = defaultdict[int, set[Place]](set)
    for number, of_nodes in spool.places():
        with_nodes[number].add(of_nodes)
    scopes = [seen for each in told for seen in _seen(each, frozenset(with_nodes[each.number]))]
    claims = defaultdict[Place, dict[int, str]](dict)
    for seen in scopes:
        if seen.place is not None:
            of_place = claims[seen.place]
            of_place[seen.report] = max(seen.at, of_place.get(seen.report, ""))
    for each in told:
        for place in with_nodes[each.number]:
            claims[place].setdefault(each.number, each.made)
    winners = {place: _last(spool, place, reports, scopes) for place, reports in claims.items()}
    lost = [(number, place) for place, reports in claims.items() for number in reports if number != winners[place]]
    staying = tuple(seen for seen in scopes if seen.place is None or winners[seen.place] == seen.report)
    spool.lose(lost, {number for number, _ in lost} - {*winners.values(), *(seen.report for seen in staying)})
    return staying


def _seen(told: Told, places: frozenset[Place]) -> Iterator[Seen]:
    for row in told.scopes(places):
        yield Seen(told.number, place_of(row), str(row.get("generated_at") or told.made), row)


def _last(spool: Spool, place: Place, reports: Mapping[int, str], scopes: Sequence[Seen]) -> int:
    """The report that looked last. Of several that did so in the same second, the one whose words come last."""
    last = max(reports.values())
    latest = [number for number, at in reports.items() if at == last]
    if len(latest) == 1:
        return latest[0]

    def words(number: int) -> bytes:
        hashed = sha256()
        rows = [seen.row for seen in scopes if (seen.report, seen.place) == (number, place)]
        for line in sorted(json.dumps({**row, "generated_at": None}, sort_keys=True) for row in rows):
            hashed.update(line.encode())
        for body in spool.bodies(number, place):
            hashed.update(body.encode())
        return hashed.digest()

    return max(latest, key=lambda number: (words(number), number))
