"""Compare a check of 10,000 nodes with the AWS CLI, which only lists them, on the same server, alternately."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec

from tools.benchmarks.figures import Figure, Line, Unmeasured
from tools.benchmarks.measuring import Bench, Spent, median
from tools.benchmarks.runs import Run

SIZE = 10_000
INSTANCES = ("ec2", "describe-instances", "--page-size", "1000")
PROPERTIES = ("ssm", "describe-instance-properties", "--page-size", "1000")
INFORMATION = ("ssm", "describe-instance-information", "--page-size", "50")
_COMMANDS = (INSTANCES, PROPERTIES, INFORMATION)


def figures(bench: Bench) -> Iterator[Line]:
    """Yield wall and CPU time of both, and our own CPU time per node."""
    checks = median([each.took for each in bench.of_ten_thousand])
    yield Figure("wall, 10,000 nodes", checks.wall, "s", "`check`, start to exit, median")
    yield Figure("CPU, 10,000 nodes", checks.cpu, "s", "user + system, median")
    yield from _own_cpu(bench, checks)
    if find_spec("awscli") is None:
        yield Unmeasured("AWS CLI", "awscli is not installed")
        return
    rounds = [[bench.python("awscli", *each, size=SIZE)[0] for each in _COMMANDS] for _ in range(bench.runs)]
    quick = median([_sum(instances, properties) for instances, properties, _ in rounds])
    slow = median([_sum(instances, information) for instances, _, information in rounds])
    for by, cli, target in (
        ("describe-instance-properties", quick, True),
        ("describe-instance-information", slow, False),
    ):
        formula = f"`check` ÷ (`aws ec2 describe-instances` + `aws ssm {by}`, with the largest page size)"
        yield Figure(f"wall ÷ AWS CLI ({by})", checks.wall / cli.wall, "×", formula, 0.5 if target else None)
        yield Figure(f"CPU ÷ AWS CLI ({by})", checks.cpu / cli.cpu, "×", formula, 0.35 if target else None)
        yield Figure(f"AWS CLI ({by})", cli.wall, "s", f"the commands in sequence; CPU {cli.cpu:.2f} s, medians")


def _own_cpu(bench: Bench, checks: Spent) -> Iterator[Figure]:
    listing, empty = _alone(bench, SIZE), _alone(bench, 0)
    calls = bench.of_ten_thousand[-1].calls_of("ssm:GetConnectionStatus")
    asking = bench.python("tools.benchmarks.sdk_alone", "--calls", str(1000), size=1000)[0].cpu
    parse, a_call = listing - empty, max(asking - empty, 0) / 1000
    ours = checks.cpu - bench.of_none.cpu - parse
    formula = (
        f"(check {checks.cpu:.2f} s − check of no nodes {bench.of_none.cpu:.2f} s − the SDK's parse {parse:.2f} s) "
        "÷ N, user + system; the parse is aiobotocore alone listing both chains − listing an empty fleet. Below zero "
        "if ssmtui reads the pages with less CPU"
    )
    yield Figure("own CPU for each node", ours / SIZE * 1000, "ms", formula, 0.3)
    without = ours - a_call * calls
    formula = f"the same − {calls:,} × {a_call * 1000:.2f} ms that the SDK alone takes for a GetConnectionStatus"
    yield Figure("own CPU for each node, without the SDK's calls", without / SIZE * 1000, "ms", formula)
    yield Figure("the SDK's parse of the pages", parse, "s", "as above")
    formula = "(check − check of no nodes) ÷ N: parsing of the pages, and all calls"
    yield Figure("CPU for each node, without the start", (checks.cpu - bench.of_none.cpu) / SIZE * 1000, "ms", formula)


def _alone(bench: Bench, size: int) -> float:
    return median([bench.python("tools.benchmarks.sdk_alone", size=size)[0] for _ in range(bench.runs)]).cpu


def first_page(bench: Bench, size: int) -> float:
    """Return the seconds until the SDK alone has parsed its first page of instances."""
    printed = [json.loads(bench.python("tools.benchmarks.sdk_alone", size=size)[1]) for _ in range(bench.runs)]
    return sorted(float(each["first_page"]) for each in printed)[len(printed) // 2]


def _sum(*runs: Run) -> Run:
    wall, cpu = sum(each.wall for each in runs), sum(each.cpu for each in runs)
    return Run(0, wall, cpu, max(each.memory for each in runs))
