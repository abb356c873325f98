"""The options of the commands that write a report: `check` and `report merge`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from ssmtui.cli.late_choice import LateChoice
from ssmtui.report.outcome import FailOn

if TYPE_CHECKING:
    from ssmtui.cli.reporting import Reporting

F = TypeVar("F", bound=Callable[..., object])

_NAMES = ("report_formats", "outputs", "fail_on")


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
                type=LateChoice(_formats),
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
        )
    ):
        function = option(function)
    return function


def reporting_of(options: dict[str, object], default: str) -> Reporting:
    """What the options ask for, which are taken out of those given; `default` is the format of standard output.

    Raises:
        UsageError: they do not fit together.

    """
    from ssmtui.cli.report_outputs import wanted_outputs
    from ssmtui.cli.reporting import Reporting

    given: Mapping[str, object] = {name: options.pop(name) for name in _NAMES}
    formats, files = cast("tuple[str, ...]", given["report_formats"]), cast("tuple[Path, ...]", given["outputs"])
    return Reporting(wanted_outputs(formats, files, default), FailOn(cast("str", given["fail_on"])))
