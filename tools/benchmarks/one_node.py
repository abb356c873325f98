"""Show the calls of one check of named nodes: `python -m tools.benchmarks.one_node [WAY…]`.

WAY is how a node is broken (`connection lost`). Without one, a healthy node, a broken node, and three nodes are
checked.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.benchmarks.measuring import Bench
from tools.benchmarks.named_node import SIZE, check_named
from tools.benchmarks.paged_aws.fleet import FleetNode, fleet
from tools.benchmarks.paged_aws.process import paged_aws

_HEALTHY = ""
_CASES = ((_HEALTHY,), ("role without channels",), (_HEALTHY, _HEALTHY, "endpoints closed"))


def main() -> None:
    """Run the checks, and print the time of each call, the calls by operation, and the cost."""
    cases = tuple((each,) for each in sys.argv[1:]) or _CASES
    with tempfile.TemporaryDirectory() as folder, paged_aws(SIZE) as aws:
        bench = Bench(aws, Path(folder), say=lambda _: None)
        for ways in cases:
            done = check_named(bench, tuple(_nodes(ways)))
            print(f"{', '.join(way or 'healthy' for way in ways)}: result of the first node after {done.told:.2f} s,")
            print(f"  end after {done.whole:.2f} s, CPU {done.cpu:.2f} s, {done.calls} calls: {done.by_operation}")
            print(*(f"  {at:5.2f} {name}" for at, name in done.timeline), sep="\n")


def _nodes(ways: Sequence[str]) -> Iterator[FleetNode]:
    """Yield another node of the account for each way."""
    left = iter(fleet(SIZE))
    for way in sorted(ways):
        yield next(each for each in left if each.way == way)


if __name__ == "__main__":
    main()
