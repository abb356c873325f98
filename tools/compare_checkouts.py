"""Whether two states of the repository print the same: `make compare BASE=REF`.

Both run through the command line alone, in every world of the simulator; nothing of ssmtui is imported, for modules
move between one state and the other. What they print is kept by state, so that a base is run once.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.checkouts.changes import JOURNAL, PREVIEWS, journal_tasks, offers, preview_tasks
from tools.checkouts.checkout import Checkout, checkout
from tools.checkouts.differences import Compared, Likeness, compared_folders
from tools.checkouts.recording import Task, record
from tools.checkouts.reports import EXPLAIN, REPORTS, WORDS, explain_tasks, report_tasks, words_tasks
from tools.checkouts.screens import SCREENS, screen_tasks

REPOSITORY = Path(__file__).parents[1]
GOLDEN = "screenshots"
KINDS = (WORDS, EXPLAIN, REPORTS, PREVIEWS, JOURNAL, SCREENS, GOLDEN)
_SHOWN = 40
_FAULTS = {Likeness.DIFFERENT, Likeness.ONLY_BASE}
"""New items in the head are no change of existing ones."""


def main() -> int:
    """Record what is missing, compare, print a table and the differences; return 1 if there are any."""
    asked = _arguments()
    cache: Path = asked.cache.absolute()
    base, head = (checkout(source, REPOSITORY, cache) for source in (asked.base, asked.head))
    kinds: Sequence[str] = asked.only or KINDS
    if {PREVIEWS, JOURNAL}.intersection(kinds):
        record(base, _tasks(REPORTS, base, base, asked.worlds), asked.jobs)
    recorded = []
    for kind in kinds:
        for state in dict.fromkeys((base, head)):
            tasks = _tasks(kind, state, base, asked.worlds)
            record(state, tasks, asked.jobs)
            recorded += [task.folder for task in tasks]
    found = list(compared_folders(base.outputs, head.outputs, recorded))
    if GOLDEN in kinds:
        found += compared_folders(base.folder, head.folder, [GOLDEN])
    return _told(found, cache / f"{base.state}-{head.state}.diff")


def _tasks(kind: str, state: Checkout, base: Checkout, worlds: Sequence[str]) -> list[Task]:
    if kind in {PREVIEWS, JOURNAL}:
        offered = offers(base.outputs, worlds or base.worlds())
        return preview_tasks(offered) if kind == PREVIEWS else journal_tasks(offered)
    if kind in {REPORTS, SCREENS}:
        named = worlds or state.worlds()
        return report_tasks(named) if kind == REPORTS else screen_tasks(named)
    return {WORDS: words_tasks, EXPLAIN: explain_tasks}.get(kind, list)()


def _told(found: Iterable[Compared], differences: Path) -> int:
    """Print the number of pages by kind and result, and the beginning of the differences, which all go to a file."""
    by_kind: dict[str, Counter[Likeness]] = defaultdict(Counter)
    unlike = []
    for each in found:
        by_kind[each.kind][each.likeness] += 1
        if each.likeness is not Likeness.EQUAL:
            unlike.append(each)
    print(f"{'':<12}" + "".join(f"{likeness.value:>14}" for likeness in Likeness))
    for kind, counts in by_kind.items():
        print(f"{kind:<12}" + "".join(f"{counts[likeness]:>14}" for likeness in Likeness))
    differences.write_text("\n".join(each.difference for each in unlike), encoding="utf-8")
    for each in unlike:
        print(f"\n{each.likeness.value}: {each.path}")
        if each.likeness is Likeness.DIFFERENT:
            print("\n".join(each.difference.splitlines()[:_SHOWN]))
    if unlike:
        print(f"\nAll differences: {differences}")
    return int(any(each.likeness in _FAULTS for each in unlike))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="a Git reference, or the folder of a checkout")
    parser.add_argument("--head", default=str(REPOSITORY), help="the same (default: the tree that this stands in)")
    parser.add_argument("--cache", type=Path, required=True, help="where copies and what they print are kept")
    parser.add_argument("--only", nargs="+", choices=KINDS, metavar="KIND", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--worlds", nargs="+", default=(), metavar="WORLD", help="default: all")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
