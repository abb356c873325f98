"""The options of the commands that write a report: `check` and `report merge`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from ssmtui.cli.errors import UsageError
from ssmtui.cli.options import DeferredChoice
from ssmtui.language import say
from ssmtui.report.exit_code import FailOn

if TYPE_CHECKING:
    from ssmtui.cli.reports.writing import ReportRequest

F = TypeVar("F", bound=Callable[..., object])

_NAMES = ("report_formats", "outputs", "fail_on", "baseline", "diff", "mute", "redact")


def _formats() -> Iterable[str]:
    from ssmtui.report.format import all_formats

    return all_formats()


def report_options(function: F) -> F:
    """The options, which `reporting_of` makes one value of."""
    for option in reversed(
        (
            click.option(
                "--format",
                "report_formats",
                type=DeferredChoice(_formats),
                multiple=True,
                help="Without, a file's ending tells it; else a table. Repeatable, one for each --output.",
            ),
            click.option(
                "--output",
                "outputs",
                type=click.Path(path_type=Path),
                multiple=True,
                metavar="FILE",
                help="Write the report there; - is standard output. Repeatable.",
            ),
            click.option(
                "--fail-on",
                type=click.Choice([each.value for each in FailOn]),
                default="fail",
                show_default=True,
                help="From which findings on the exit code is 3.",
            ),
            click.option(
                "--baseline",
                type=click.Path(exists=True, path_type=Path),
                metavar="FILE",
                help="Compare with an earlier report, json or ndjson; what was known then does not count.",
            ),
            click.option(
                "--diff",
                type=click.Path(exists=True, path_type=Path),
                metavar="FILE",
                help="Compare with an earlier report; all of it counts.",
            ),
            click.option(
                "--mute",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                metavar="FILE",
                help="What of it does not count, each entry for a reason and until a day.",
            ),
            click.option(
                "--redact", is_flag=True, help="Replace accounts, names, ids and addresses, the same by the same."
            ),
        )
    ):
        function = option(function)
    return function


def report_request_of(options: dict[str, object], default: str) -> ReportRequest:
    """What the options ask for, which are taken out of those given; `default` is the format of standard output.

    Raises:
        UsageError: they do not fit together.

    """
    from ssmtui.cli.reports.treatment import TreatmentOptions
    from ssmtui.cli.reports.writing import ReportRequest, requested_outputs

    given: Mapping[str, object] = {name: options.pop(name) for name in _NAMES}
    formats, files = cast("tuple[str, ...]", given["report_formats"]), cast("tuple[Path, ...]", given["outputs"])
    baseline, diff = cast("Path | None", given["baseline"]), cast("Path | None", given["diff"])
    if baseline is not None and diff is not None:
        raise UsageError(say("--baseline and --diff both compare: one of them is enough"))
    treatment_options = TreatmentOptions(
        mute=cast("Path | None", given["mute"]),
        before=baseline or diff,
        only_new=baseline is not None,
        redact=bool(given["redact"]),
    )
    return ReportRequest(
        requested_outputs(formats, files, default), FailOn(cast("str", given["fail_on"])), treatment_options
    )
