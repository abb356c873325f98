"""Where a report goes, and as what: `--format` and `--output`, each given once or as often as the other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ssmtui.cli.refusals import UsageError
from ssmtui.language import say
from ssmtui.report.format import DEFAULT, format_of_file

_STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Output:
    """One report to be written: in which format, to which file. None is standard output."""

    format: str = DEFAULT
    file: Path | None = None

    @property
    def shared(self) -> bool:
        """Whether others write to the file as well, so that what stands there is not this program's to replace."""
        return self.file is not None and is_step_summary(self.file)


ON_THE_SCREEN = (Output(),)
"""What is written where nothing is asked for."""


def wanted_outputs(formats: Sequence[str], files: Sequence[Path], default: str = DEFAULT) -> tuple[Output, ...]:
    """The reports that the options ask for. Without `--format`, a file's ending tells its format, else it is `default`.

    Raises:
        UsageError: they do not fit together.

    """
    if not files:
        if len(formats) > 1:
            raise UsageError(say("standard output holds one format: give each other one an --output of its own"))
        return (Output(formats[0] if formats else default),)
    if formats and len(formats) != len(files):
        sentence = say("as many --format as --output are wanted, in the same order, or none: then the endings tell")
        raise UsageError(sentence)
    outputs = tuple(
        Output(formats[number] if formats else _format_of(file, default), None if file == _STANDARD_OUTPUT else file)
        for number, file in enumerate(files)
    )
    places = [None if each.file is None else each.file.resolve(strict=False) for each in outputs]
    if len(set(places)) != len(places):
        raise UsageError(say("two reports cannot be written to one place"))
    return outputs


def is_step_summary(file: Path) -> bool:
    """Whether it is the file whose text GitHub shows as a step's summary: other commands may have written there."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    return bool(named) and file.resolve(strict=False) == Path(str(named)).resolve(strict=False)


def _format_of(file: Path, default: str) -> str:
    if file == _STANDARD_OUTPUT:
        return default
    return "markdown" if is_step_summary(file) else format_of_file(file.name) or default
