"""`make oracle`: random small accounts, judged by the product, the simulated AWS and the oracle.

`ARGS="--seed 7 --cases 200000"`; `ARGS="--family networks --case 123"` repeats one case by the seed it was told with.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import SystemRandom

from tools.trust.oracle.families import FAMILIES
from tools.trust.oracle.running import Told, case_of, whole_run
from tools.trust.tally import Tally, keep

_CASES = 60_000
_PROCESSES = 2
_ASKED = (
    "Compares ssmtui's results for random small accounts (policies, boundaries, organizations, keys, buckets, trust "
    "policies, VPCs) with an independent evaluator, which was written only from AWS's documentation. There must be "
    "no `pass` if the evaluator denies, and no `fail` if it allows."
)


def main() -> int:
    """Judge the requested number of cases, and store the tally."""
    options = _options()
    if options.case is not None:
        (family,) = (each for each in FAMILIES if each.name == options.family)
        case = case_of(family, options.case)
        print(json.dumps(case, indent=1))
        print(family.judged(case))
        return 0
    began = time.monotonic()
    print(f"oracle: seed {options.seed}, {options.cases:,} cases", flush=True)
    told = {each.name: Told() for each in FAMILIES}
    parts = options.processes
    with ProcessPoolExecutor(parts, get_context("spawn")) as pool:
        asked = [pool.submit(whole_run, options.seed, options.cases, part, parts) for part in range(parts)]
        for each in asked:
            for name, found in each.result().items():
                told[name].add(found)
    return keep(
        Tally(
            program="oracle",
            asked=_ASKED,
            tried=sum(each.tried for each in told.values()),
            unit="cases",
            lost=tuple(difference for each in told.values() for difference in each.differences),
            seeds=(options.seed,),
            seconds=time.monotonic() - began,
            notes=tuple(f"{name}: {_share(each)}" for name, each in told.items()),
        )
    )


def _share(told: Told) -> str:
    refused = f", {told.share_refused:.1f} % only because a read was refused" if told.refused else ""
    hidden = f", {told.share_hidden:.1f} % because of addresses and ports that nobody sees" if told.hidden else ""
    return (
        f"{told.tried:,} cases; {told.share_unknown:.1f} % were `unknown`{refused}{hidden}; "
        f"for {told.undocumented:,} AWS's documentation has no answer; these do not count."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.trust.oracle", description=__doc__)
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32), help="another one each run")
    parser.add_argument("--cases", type=int, default=_CASES)
    parser.add_argument("--processes", type=int, default=_PROCESSES)
    parser.add_argument("--family", choices=[each.name for each in FAMILIES], default=FAMILIES[0].name)
    parser.add_argument("--case", type=int, help="one case by its own seed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
