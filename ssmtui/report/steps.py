"""Steps to follow by hand, on paper."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.model.plain_text import printable, printable_lines
from ssmtui.model.steps import Steps
from ssmtui.report.folding import Verbatim


def steps_lines(steps: Steps) -> Iterator[str]:
    """The steps, numbered; what can be copied stands on lines of its own below."""
    yield printable(steps.title)
    for number, step in enumerate(steps.steps, start=1):
        yield ""
        yield f"{number}. {printable(step.text)}"
        if step.copy:
            yield ""
            yield from (Verbatim(f"     {line}") for line in printable_lines(step.copy))
