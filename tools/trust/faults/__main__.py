"""Test every read × every kind of failure, on the worlds in which the read matters (`make faults`).

ARGS="--operations 'ec2:*' --kinds timeout --worlds demo" tests less; --survey finds again where each read matters.
The complete test takes an hour or more: ARGS=--go-on continues a stopped run, and repeats its failed rows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from multiprocessing import get_context

from tools.trust.faults.in_app import STORMS, in_app_named, storm_named
from tools.trust.faults.matrix import ROWS, KeptRows, all_places, asked_at, everywhere
from tools.trust.faults.places import FOUND, KINDS, Asked, reads, write
from tools.trust.faults.workers import begin, look_at, rows_of, storm_in
from tools.trust.tally import Tally, keep

_ASKED = (
    "Lets each read of ssmtui fail in seventeen ways, in worlds in which the read decides a result. Also lets AWS "
    "throttle half of all requests and fail 5 % of them. There must be no traceback, no run past its deadline, no "
    "healthy node that is `fail`, and no broken node that is `ok`. Only results that need the failed call can be "
    "unknown, and the finding must name the call."
)


def main() -> int:
    """Run the requested tests; return 1 if one failed."""
    wanted = _arguments()
    with ProcessPoolExecutor(wanted.processes, get_context("spawn"), begin) as pool:
        if wanted.survey:
            return _survey(pool)
        known = everywhere(lambda: list(pool.map(look_at, all_places())))
        rows = KeptRows(ROWS if wanted.go_on or _is_all(wanted) else None, earlier=wanted.go_on)
        operations = [
            each for each in reads() if _is_any(each, wanted.operations) and rows.lacks(*_rows_of(each, wanted))
        ]
        chosen = [known[each] for each in operations]
        asked = [each for each in map(partial(_at, wanted.worlds), chosen) if each.places]
        kinds = [each for each in KINDS.values() if _is_any(each.name, wanted.kinds)]
        storms = [each for each in STORMS if _is_any(each, wanted.worlds or ["*"]) and rows.lacks(storm_named(each))]
        futures = [pool.submit(storm_in, each) for each in storms]
        futures += [
            pool.submit(rows_of, each, reads().index(each.operation), kinds, in_app=wanted.app) for each in asked
        ]
        for row in (row for future in as_completed(futures) for row in future.result()):
            rows.add(row)
            print(f"{row.operation:<52} {row.cells:>3} cells, {len(row.lost)} lost, {row.seconds:.0f} s", flush=True)
            for loss in row.lost:
                print(f"       {loss}", flush=True)
    lost = [loss for each in rows.rows for loss in each.lost]
    notes = tuple(_notes(known, rows))
    return keep(
        Tally(
            "faults",
            _ASKED,
            sum(each.cells for each in rows.rows),
            "runs",
            tuple(lost),
            seconds=sum(each.seconds for each in rows.rows),
            notes=notes,
        )
    )


def _at(worlds: Sequence[str], asked: Asked) -> Asked:
    """Return where an operation is tested: at the known places, or in the named worlds."""
    named = tuple(place for place in all_places() if _is_any(place.world, worlds))
    return replace(asked, places=named) if worlds else asked


def _is_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def _is_all(wanted: argparse.Namespace) -> bool:
    return wanted.operations == ["*"] and not _is_narrow(wanted)


def _is_narrow(wanted: argparse.Namespace) -> bool:
    """Return whether only a part of the rows is tested: such rows do not replace complete ones."""
    return wanted.kinds != ["*"] or bool(wanted.worlds) or not wanted.app


def _rows_of(operation: str, wanted: argparse.Namespace) -> Sequence[str]:
    return (operation, in_app_named(operation)) if wanted.app else (operation,)


def _survey(pool: Executor) -> int:
    looks = list(pool.map(look_at, all_places()))
    write({each: asked_at(looks, each) for each in reads()})
    print(f"{FOUND}: {len(reads())} reads at {len(looks)} places")
    return 0


def _notes(known: Mapping[str, Asked], rows: KeptRows) -> Iterator[str]:
    unasked = [operation for operation in reads() if not known[operation].places]
    if unasked:
        yield f"asked in no world: {', '.join(unasked)}"
    undecided = sorted(each.operation for each in rows.rows if not each.decides)
    if undecided:
        yield f"these reads failed without an effect on a result: {', '.join(f'`{each}`' for each in undecided)}"
    untried = [each for each in reads() if known[each].places and not rows.has(each)]
    if rows.earlier and untried:
        yield f"not tried: {', '.join(untried)}"
    if rows.earlier:
        yield f"{rows.earlier} of {len(rows.rows)} rows were tried, at least once, by runs before the last one"
    yield "if half of the requests are throttled, a Region has a timeout of ten minutes: results come later"
    yield "deadlines and pauses use a clock that stops while the program computes, so a busy machine changes no result"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--operations", nargs="+", default=["*"], metavar="SERVICE:OPERATION", help="patterns")
    parser.add_argument("--kinds", nargs="+", default=["*"], metavar="KIND", help=f"patterns of {', '.join(KINDS)}")
    parser.add_argument("--worlds", nargs="+", default=[], metavar="WORLD", help="patterns; those that decide, if none")
    parser.add_argument("--processes", type=int, default=2, help="how many work side by side")
    parser.add_argument("--no-app", dest="app", action="store_false", help="in `check` alone")
    parser.add_argument(
        "--go-on", action="store_true", help="with the run that was stopped: what held is not tried again"
    )
    parser.add_argument("--survey", action="store_true", help="find anew where each read decides something (minutes)")
    wanted = parser.parse_args()
    if wanted.go_on and _is_narrow(wanted):
        parser.error("--go-on tries whole rows: no --kinds, --worlds or --no-app")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
