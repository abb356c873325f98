"""`ssmtui explain`: an error text, from the command line or standard input, and the causes that stand behind it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.cli.checking import say_errors, say_unknown_nodes
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.run import Run
from ssmtui.language import say
from ssmtui.report.explanation import explanation_document, explanation_lines
from ssmtui.report.outcome import ExitCode, FailOn, exit_code

_OPTION = re.compile(r"--?[a-z][a-z-]*(=.*)?")


def explain_text(words: tuple[str, ...], report_format: str, run: Run | None = None) -> ExitCode:
    """Say what an error text means, and with a run, which of its causes are true of the node that the run names.

    The exit code is 4 where the text is not known, or the node could not be looked at.
    """
    causes = catalogue()
    matches = match_text(_text(words), causes.values())
    code, here = (ExitCode.DONE, None) if run is None else _looked_at(run, [match.cause for match in matches])
    if report_format == "json":
        click.echo(json.dumps(explanation_document(matches, here), ensure_ascii=False, indent=2))
    else:
        for line in explanation_lines(matches, causes, here):
            click.echo(line)
    return code if matches else ExitCode.COULD_NOT_TELL


def _looked_at(run: Run, causes: Sequence[str]) -> tuple[ExitCode, Mapping[str, bool | None]]:
    from ssmtui.diagnosis.confirming import true_here
    from ssmtui.diagnosis.following import follow

    inquiry = run.inquiry()
    try:
        state = follow(inquiry)
    finally:
        inquiry.close()
    say_errors(state)
    code = say_unknown_nodes(state) or exit_code(state, FailOn.NEVER)
    return code, true_here(state, causes)


def _text(words: tuple[str, ...]) -> str:
    # A pasted text may begin with dashes ("----------ERROR-------"), so click lets unknown options through.
    if option := next((word for word in words if _OPTION.fullmatch(word)), None):
        raise UsageError(
            say("there is no option {option}; put the text of the error in quotation marks", option=option)
        )
    text = " ".join(words) if words else _standard_input()
    if not text.strip():
        raise UsageError(say("there is no text to explain: give it as an argument or on standard input"))
    return text


def _standard_input() -> str:
    if sys.stdin.isatty():
        click.echo(say("Paste the text of the error, then press Ctrl-D (on Windows Ctrl-Z, Enter)."), err=True)
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")
