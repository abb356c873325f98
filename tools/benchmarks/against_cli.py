"""Compare a check of 10,000 nodes with the AWS CLI, which only lists them, on the same server, alternately."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tools.benchmarks.aws_cli import NOT_FOUND, Cli, aws_clis
from tools.benchmarks.figures import Figure, Line, Unmeasured
from tools.benchmarks.measuring import Bench, Spent, median, suspect
from tools.benchmarks.one_check import Check
from tools.benchmarks.runs import Run

SIZE = 10_000
INSTANCES = ("ec2", "describe-instances", "--page-size", "1000")
PROPERTIES = ("ssm", "describe-instance-properties", "--page-size", "1000")
INFORMATION = ("ssm", "describe-instance-information", "--page-size", "50")


def figures(bench: Bench) -> Iterator[Line]:
    """Yield wall and CPU time of the check and of the CLI, and our own CPU time per node.

    Each round runs all programs: a load of the machine does not fall on one of them only.
    """
    checks: list[Check] = []
    listings: dict[tuple[Cli, str], list[Run]] = {}
    for _ in range(bench.runs):
        checks.append(bench.check(SIZE, *suspect()))
        for cli in aws_clis():
            instances, properties = (bench.program(*cli.command, *each, size=SIZE) for each in (INSTANCES, PROPERTIES))
            listings.setdefault((cli, PROPERTIES[1]), []).append(_sum(instances, properties))
            if cli.major == 1:
                information = bench.program(*cli.command, *INFORMATION, size=SIZE)
                listings.setdefault((cli, INFORMATION[1]), []).append(_sum(instances, information))
    ours = median([each.took for each in checks])
    yield Figure("wall, 10,000 nodes", ours.wall, "s", "`check`, start to exit, median")
    yield Figure("CPU, 10,000 nodes", ours.cpu, "s", "user + system, median")
    yield from _own_cpu(bench, ours, checks[-1].calls_of("ssm:GetConnectionStatus"))
    if not listings:
        yield Unmeasured("AWS CLI", NOT_FOUND)
    for (cli, by), runs in listings.items():
        listing, has_target = median(runs), cli.major == 1 and by == PROPERTIES[1]
        formula = (
            f"`check` ÷ (`aws ec2 describe-instances` + `aws ssm {by}`, with the largest page size), medians, "
            "alternating"
        )
        name = f"{cli.name} ({by})"
        yield Figure(f"wall ÷ {name}", ours.wall / listing.wall, "×", formula, 0.5 if has_target else None)
        yield Figure(f"CPU ÷ {name}", ours.cpu / listing.cpu, "×", formula, 0.35 if has_target else None)
        yield Figure(name, listing.wall, "s", f"the commands in sequence; CPU {listing.cpu:.2f} s, medians")


def _own_cpu(bench: Bench, checks: Spent, calls: int) -> Iterator[Figure]:
    listing, empty = _alone(bench, SIZE), _alone(bench, 0)
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
