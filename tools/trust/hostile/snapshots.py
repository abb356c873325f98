"""Check altered snapshots: for any content, a replay ends with a message and never with an internal error."""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.snapshot_redaction import redacted
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.evidence.snapshots.snapshot_file import InvalidSnapshot, read_snapshot, snapshot_lines
from ssmtui.model.fact import NotJudged
from ssmtui.model.plan import Plan
from ssmtui.report.format import Report, all_formats
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import NOON

Lines = list[dict[str, Any]]
Way = tuple[str | int, ...]
WORLDS = ("log-group-unreadable", "access-requests", "agent-asleep")
MOST_FIXES = 4
"""The most fixes planned for one altered snapshot."""

STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 10**30, 1.5, "", "x", ":", "a:b:c", "half \ud800", "nul \0", "*", "$(id)", "{x}", "{}", "[]"),
    *([], {}, [[]], [None], {"$": "set", "of": []}, {"$": "map", "of": []}, {"$": "Node"}, {"$": "later"}),
    *({"$": "datetime", "at": at} for at in ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "noon")),
    *("arn:aws:iam::123456789012:role/x", "::1", "0.0.0.0/0", "300.1.1.1", "2001:db8::/200", "x" * 5_000),
)


def recorded(aws: SimulatedAws, world: str) -> Lines:
    """Return the lines of a snapshot of a simulated world."""
    aws.load(world)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions[:1], endpoint_url=aws.endpoint_url))
    try:
        follow(live)
        snapshot = live.snapshot(with_fixes=True).result()
    finally:
        live.close()
    return [json.loads(line) for line in snapshot_lines(snapshot)]


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """Yield the path to every member and item of a value."""
    for step, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*way, step)
        yield from ways(each, (*way, step))


def altered(lines: Lines, seed: int) -> tuple[str, bytes]:
    """Return a snapshot with one to three values changed, removed, added or exchanged; and the description."""
    drawn = random.Random(seed)  # noqa: S311 - repeatable
    changed, told = copy.deepcopy(lines), list[str]()
    for _ in range(drawn.choice([1, 1, 1, 2, 3])):
        number = drawn.randrange(len(changed) - 1)
        way = drawn.choice(list(ways(changed[number])))
        held: Any = changed[number]
        for step in way[:-1]:
            held = held[step]
        match drawn.randrange(5):
            case 0:
                del held[way[-1]]
                told.append(f"line {number + 1} without {way}")
            case 1 if isinstance(held, dict):
                held["later"] = drawn.choice(STRANGE)
                told.append(f"line {number + 1} with one more beside {way}")
            case 2:
                other = changed[drawn.randrange(len(changed) - 1)]
                held[way[-1]] = copy.deepcopy(drawn.choice([value_at(other, each) for each in ways(other)]))
                told.append(f"line {number + 1} with {json.dumps(held[way[-1]])[:80]} at {way}")
            case _:
                held[way[-1]] = copy.deepcopy(drawn.choice(STRANGE))
                told.append(f"line {number + 1} with {json.dumps(held[way[-1]])[:80]} at {way}")
    return "; ".join(told), gzip.compress("\n".join(map(json.dumps, changed)).encode(), 1)


def value_at(value: Any, way: Way) -> Any:
    """Return the value at the end of a path."""
    for step in way:
        value = value[step]
    return value


def faults(file: bytes) -> Iterator[str]:
    """Yield what is wrong with any snapshot: replayed, reported, its fixes previewed, redacted."""
    try:
        snapshot = read_snapshot(io.BytesIO(file)).snapshot
    except InvalidSnapshot:
        return
    replay = ReplayedDiagnosis(snapshot, "this is a snapshot")
    try:
        state = follow(replay)
        if state.crashes:
            yield f"a defect: {state.crashes[0]}"
        report = Report(state, catalogue, NOON, lambda text, _: text)
        for each in all_formats().values():
            for _ in each.lines(report):
                pass
        for held in sorted(state.findings.values(), key=lambda each: each.id)[:MOST_FIXES]:
            for fix in held.finding.fixes[:1]:
                plan = replay.plan(held.scope.name, fix, held.id).result(60)
                if isinstance(plan, Plan):
                    with suppress(NotJudged):
                        replay.forecast(plan).result(60)
        for key in sorted(state.nodes, key=lambda each: each.id)[:1]:
            with suppress(NotJudged):
                replay.facts_of(key).result(60)
        for name in state.scopes:
            with suppress(NotJudged):
                replay.region_facts(name).result(60)
    finally:
        replay.close()
    redacted(snapshot, b"a key")


def lost(lines: Lines, seeds: Sequence[int]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the alteration and the failures of each seed."""
    for seed in seeds:
        what, file = altered(lines, seed)
        try:
            found = list(faults(file))
        except Exception as error:  # noqa: BLE001 - which is what is looked for
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            found = [f"{error!r:.200} at {place and place.tb_frame.f_code.co_filename}:{place and place.tb_lineno}"]
        yield seed, what, found
