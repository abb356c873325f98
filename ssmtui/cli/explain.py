"""`ssmtui explain`: name the causes behind an error text."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match, match_text
from ssmtui.causes.pasted_text import find_denials
from ssmtui.cli.errors import UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import print_json, print_lines, print_message, terminal_width
from ssmtui.config.declared_settings import ENDPOINT_URL, PROFILE, REGION
from ssmtui.language import say
from ssmtui.report.catalogue import NOT_KNOWN, WHAT_NEXT, cause_lines, explanation_document, explanation_lines
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code

if TYPE_CHECKING:
    from ssmtui.causes.placeholders import Names
    from ssmtui.cli.run import Run
    from ssmtui.model.access_denied import Denial, LookedUp


MOST = 32 * 2**20
"""Bytes of standard input that are read: SSM Agent starts a new log at 30 MB (seelog.xml)."""
_OPTION = re.compile(r"--?[a-z][a-z-]*(=.*)?")


def explain_text(words: tuple[str, ...], report_format: str, run: Run) -> ExitCode:
    """Print what an error text means; if the run names a node, also which of the causes are true for it.

    A cause's slug stands for the cause. A refusal with an authorization ID is looked up; without a node, nothing else
    is
    sent to AWS. The exit code is 4 if the text is unknown, or the node could not be read.
    """
    causes, text = catalogue(), _text(words)
    slug = text.strip()
    matches = (Match(slug, 1.0, {}),) if slug in causes else match_text(text, causes.values())
    denials = find_denials(text, certain=bool(matches))
    if run.nodes:
        code, here, looked_up, names = _diagnosed_causes(run, [match.cause for match in matches], denials)
    else:
        code, here, looked_up, names = ExitCode.DONE, None, _authorization_details(run, denials), {}
    if report_format == "json":
        print_json(explanation_document(matches, here, looked_up))
        if not matches:
            print_message(f"{say(NOT_KNOWN)} {say(WHAT_NEXT)}")
    elif slug in causes and here is None:
        print_lines(cause_lines(causes[slug], terminal_width()))
    else:
        print_lines(explanation_lines(matches, causes, here, looked_up, terminal_width(), names))
    if not matches and (near := suggest(slug, causes)):
        print_message(near.strip())
    return code if matches else ExitCode.COULD_NOT_TELL


def _authorization_details(run: Run, denials: Sequence[Denial]) -> tuple[LookedUp, ...]:
    if not denials:
        return ()
    from ssmtui.evidence.aws.pasted_denials import look_up_with_default_credentials, parse_without_lookup

    if run.replay is not None:
        return parse_without_lookup(denials)

    settings = run.settings
    return look_up_with_default_credentials(
        denials, settings[PROFILE], settings.in_force(REGION).value, settings[ENDPOINT_URL]
    )


def _diagnosed_causes(
    run: Run, causes: Sequence[str], denials: Sequence[Denial]
) -> tuple[ExitCode, Mapping[str, bool | None], tuple[LookedUp, ...], Mapping[str, Names]]:
    from ssmtui.cli.check import print_scope_errors, print_unknown_nodes
    from ssmtui.cli.progress import follow_with_progress
    from ssmtui.diagnosis.explanation import confirm_causes, names_for_nodes

    handle = run.diagnosis()
    try:
        state = follow_with_progress(handle)
        looked_up = handle.look_up(denials).result() if denials else ()
    finally:
        handle.close()
    print_scope_errors(state)
    code = print_unknown_nodes(state) or exit_code(state, FailOn.NEVER)
    return (
        code,
        confirm_causes(state, causes),
        looked_up,
        {each: names_for_nodes(state, each, state.nodes) for each in causes},
    )


def _text(words: tuple[str, ...]) -> str:
    # A pasted text may start with dashes ("----------ERROR-------"), so click lets unknown options through.
    if option := next((word for word in words if _OPTION.fullmatch(word)), None):
        raise UsageError(say("unknown option {option}. Put the error text in quotation marks", option=option))
    text = " ".join(words) if words else standard_input()
    if not text.strip():
        raise UsageError(say("no text to explain: give the text as an argument or on standard input"))
    return text


def standard_input() -> str:
    """Return the text on standard input, after a prompt if it is a terminal.

    Raises:
        UsageError: the text is too long.

    """
    if sys.stdin.isatty():
        print_lines([say("Paste the error text, then press Ctrl-D (on Windows Ctrl-Z, Enter).")], err=True)
    given = sys.stdin.buffer.read(MOST + 1)
    if len(given) > MOST:
        sentence = say(
            "standard input has more than {most} MB: give only the part with the error, for example  tail -n 1000 "
            "FILE | ssmtui explain",
            most=MOST // 2**20,
        )
        raise UsageError(sentence)
    return given.decode("utf-8", errors="replace")
