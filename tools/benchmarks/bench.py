"""Run all benchmarks and write docs/performance.md (`make bench`).

python -m tools.benchmarks.bench [--only NAME] [--print] [--runs N]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count, getloadavg
from pathlib import Path

from hatch_build import make_all
from tools.benchmarks import against_cli, first_row, in_app, limited, named_node, sizes
from tools.benchmarks.aws_cli import aws_clis
from tools.benchmarks.figures import Figure, Line, Unmeasured, table
from tools.benchmarks.measuring import Bench, has_connection_option
from tools.benchmarks.paged_aws.fleet import WAYS
from tools.benchmarks.paged_aws.limits import PUBLISHED, Rate
from tools.benchmarks.paged_aws.process import paged_aws
from tools.benchmarks.server_cost import server_cost

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def server(bench: Bench) -> Iterable[Line]:
    """Measure what the benchmark server costs."""
    bench.say("the server")
    cost = server_cost(bench.aws)
    yield Figure("requests a second", cost.requests_a_second, "/s", "small requests, twenty connections, no latency")
    yield Figure(
        "its CPU for each request", cost.cpu_a_request * 1000, "ms", "of the server process; not part of other figures"
    )


_CHECK = "ssmtui check --format json --output FILE"

SECTIONS: Mapping[str, tuple[str, Callable[[Bench], Iterable[Line]]]] = {
    "server": ("The test server", server),
    "node": ("One node", named_node.figures),
    "sizes": ("Size of the fleet", sizes.figures),
    "cli": ("Comparison with the AWS CLI", against_cli.figures),
    "first-row": ("First row", first_row.figures),
    "limits": ("Throttling and errors", limited.figures),
    "start": ("First screen", in_app.first_screen),
    "session": ("One command in a session", in_app.session),
    "keys": ("Response to keys under load", in_app.keys),
    "refreshes": ("Memory after many refreshes", in_app.refreshes),
}


def page(sections: Mapping[str, list[Line]], when: datetime, load: float) -> str:
    """Return the page: the environment, and every figure. `load` is the machine's other load at the start."""
    lines = [
        "# Performance",
        "",
        f"Written by `make bench` on {when:%d %B %Y}: {_machine()}. At the start, the load of the last minute was "
        f"{load:.1f}. A load slows down all values in seconds.",
        "",
        "The fleet has the given number of nodes, with 12 roles, 8 VPCs and one preferences document. 10 % of the "
        f"nodes are broken, in {len(WAYS)} ways: {', '.join(WAYS)}. 1 % are hybrid nodes, 5 % run Windows. A separate "
        "process on this machine serves the fleet ([tools/benchmarks/paged_aws](../tools/benchmarks/paged_aws)): it "
        "sends prepared pages, answers each call after 50 ms, and evaluates nothing. Unless a row says otherwise, "
        f"`check` is `{_CHECK}{' --connection suspect' if has_connection_option() else ''}`, in a "
        "separate process. The operating system counts its CPU and memory. Ratios are from one run of `make bench`. "
        "Times are wall-clock seconds, and depend on the machine.",
        "",
        _sum([each for lines in sections.values() for each in lines]),
        "",
    ]
    for name, (title, _) in SECTIONS.items():
        if name in sections:
            lines += [f"## {title}", "", *table(sections[name]), ""]
    rates = ", ".join(f"{name} {rate.burst:g} and {rate.refill:g} a second" for name, rate in _rates())
    lines += [
        "## Limits of these figures",
        "",
        f"The server enforces only limits that AWS publishes (bucket and rate: {rates}; each operation of EC2 100 and "
        "20). The limits of IAM's simulation and of Systems Manager's lists are not published, and are not enforced "
        "here. The bandwidth is that of this machine.",
    ]
    return "\n".join(lines) + "\n"


def _rates() -> Iterable[tuple[str, Rate]]:
    return ((name, rate) for name, rate in PUBLISHED.items() if not name.startswith("ec2:"))


def _sum(lines: Sequence[Line]) -> str:
    targets = [each for each in lines if isinstance(each, Figure) and each.kept is not None]
    missed = [each.name for each in targets if not each.kept]
    unmeasured = [each.name for each in lines if isinstance(each, Unmeasured)]
    told = f"Of {len(targets)} targets {len(missed)} are **not kept**: {'; '.join(missed)}."
    if not missed:
        told = f"All {len(targets)} measured targets are kept."
    return f"{told} **Not measured**: {'; '.join(unmeasured)}." if unmeasured else told


def _machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _lines_of("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((int(line.split()[1]) for line in _lines_of("/proc/meminfo") if line.startswith("MemTotal")), 0)
    sdk = ", ".join(
        (
            *(f"{name} {_version(name)}" for name in ("aiobotocore", "botocore", "textual")),
            *(f"{cli.name} {cli.version}" for cli in aws_clis()),
        )
    )
    cores = f"{cpu_count()} cores" + (f" of {model}" if model else f" ({platform.machine()})")
    return f"{cores}, {memory / 1e6:.0f} GB, {platform.system()}, Python {platform.python_version()}, {sdk}"


def _lines_of(path: str) -> Iterable[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return ()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def main() -> None:
    """Measure, and write the page."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--only", action="append", choices=SECTIONS, help="a section; the page is printed, not written")
    reader.add_argument("--runs", type=int, default=3, help="how often what is compared is run")
    asked = reader.parse_args()
    make_all(PAGE.parents[1])  # as in an installation: ssmtui parses prepared files faster than their sources
    measured: dict[str, list[Line]] = {}
    begun, load = datetime.now(UTC), getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, paged_aws(0) as aws:
        bench = Bench(aws, Path(folder), _say, asked.runs)
        for name, (title, figures) in SECTIONS.items():
            if not asked.only or name in asked.only:
                measured[name] = _measured(title, figures, bench)
    text = page(measured, begun, load)
    if asked.only:
        print(text)
    else:
        PAGE.write_text(text)
        _say(f"written to {PAGE.name}, {(datetime.now(UTC) - begun).seconds} s")


def _measured(title: str, figures: Callable[[Bench], Iterable[Line]], bench: Bench) -> list[Line]:
    """Return the lines of a section; a section that fails says so, and does not stop the others."""
    found: list[Line] = []
    try:
        found.extend(figures(bench))
    except Exception as error:  # noqa: BLE001 - a page that lacks a figure says why
        found.append(Unmeasured(title, f"{type(error).__name__}: {error}".partition("\n")[0]))
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
