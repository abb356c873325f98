"""Test the whole matrix, or the named fixes (`make repairs`)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from time import monotonic

from tests.remediation.apply.fix_cases import CASES
from tools.trust.repairs.matrix import (
    Offer,
    can_be_told,
    offers_of_cases,
    offers_of_worlds,
    simulated,
    tried_all,
)
from tools.trust.tally import Tally, keep

_ASKED = (
    "Interrupts every call of every plan that the simulated worlds offer: AWS refuses the call, the process is "
    "killed before or after it, the request is lost, or the response is lost. Then the change is undone and, in a "
    "second run, completed and undone. The calls of the undo are interrupted in the same way. After an undo the "
    "account must be as before. After a completion it must be as after a fix without interruption. No other user "
    "must be named as the cause, and no change must stay open in the journal."
)


def main() -> int:
    """Test every plan that differs from the earlier ones, while its world is loaded."""
    named, begun = sys.argv[1:], monotonic()
    seen: set[tuple[str, ...]] = set()
    tried: Counter[str] = Counter()
    lost: list[str] = []
    untold: set[str] = set()
    with simulated() as aws:
        cases = tuple(case for case in CASES if not named or case.fix in named)
        offers: Iterator[Offer] = chain(offers_of_cases(aws, cases), offers_of_worlds(aws))
        for offer in offers:
            if offer.shape in seen or (named and offer.plan.fix not in named):
                continue
            seen.add(offer.shape)
            if not can_be_told(offer.plan):
                untold.add(offer.plan.fix)
                continue
            number, found = tried_all(aws, offer)
            tried[offer.plan.fix] += number
            for trial, what in found.items():
                lost.append(f"{trial}: {'; '.join(what)}")
                print(f"LOST   {lost[-1]}", flush=True)
            print(f"{offer}: {number} trials, {len(found)} lost", flush=True)
    notes = (
        f"{len(seen)} plans of {len(tried)} fixes.",
        f"Not included, because AWS does not show whether they were applied: {', '.join(sorted(untold))}.",
        "Here, an exception that no code catches ends the process. `interruption` kills real processes.",
    )
    return keep(
        Tally("repairs", _ASKED, tried.total(), "interrupted changes", tuple(lost), (), monotonic() - begun, notes)
    )


if __name__ == "__main__":
    sys.exit(main())
