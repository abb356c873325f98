"""`ssmtui explain`: name the causes behind an error text."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match, is_normal_end
from ssmtui.causes.pasted_text import find_denials, node_ids_in
from ssmtui.causes.placeholders import NO_NAMES, names_of_text
from ssmtui.causes.ranking import match_paste
from ssmtui.cli.errors import UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import print_json, print_lines, print_message, terminal_width
from ssmtui.config.declared_settings import ENDPOINT_URL, PROFILE, REGION
from ssmtui.diagnosis.explanation import PossibleCause, names_for_match, possible_causes
from ssmtui.language import say
from ssmtui.report.catalogue import (
    NOT_KNOWN,
    NOTHING_CHECKED,
    WHAT_NEXT,
    Explanation,
    cause_lines,
    ended_lines,
    explanation_document,
    explanation_lines,
)
from ssmtui.report.exit_code import ExitCode, FailOn, exit_code
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.access_denied import Denial, LookedUp


MOST = 32 * 2**20
"""Bytes of standard input that are read: SSM Agent starts a new log at 30 MB (seelog.xml)."""
_OPTION = re.compile(r"--?[a-z][a-z-]*(=.*)?")


def explain_text(words: tuple[str, ...], report_format: str, run: Run) -> ExitCode:
    """Print what an error text means; if the run or the text names a node, also which of the causes are true for it.

    A cause's slug stands for the cause. A refusal with an authorization ID is looked up; without a node, nothing else
    is sent to AWS. The exit code is 4 if the text is unknown, or the node that the run names could not be read.
    """
    causes, text = catalogue(), _text(words)
    slug = text.strip()
    matches = (Match(slug, 1.0, {}),) if slug in causes else match_paste(text, causes.values())
    denials = find_denials(text, certain=bool(matches))
    ids = node_ids_in(text) if matches and not run.nodes else ()
    if run.nodes or ids:
        code, explanation = _checked_explanation(run, ids, matches, denials)
    else:
        code, explanation = ExitCode.DONE, _explanation(matches, _authorization_details(run, denials))
    if is_normal_end(text, matches):
        explanation = replace(explanation, ended_normally=True)
    if report_format == "json":
        possible = explanation.possible if explanation.checked else NOTHING_CHECKED
        print_json(explanation_document(matches, possible, explanation.looked_up))
        if explanation.ended_normally:
            print_message(" ".join(ended_lines()))
        elif not matches:
            print_message(f"{say(NOT_KNOWN)} {say(WHAT_NEXT)}")
    elif slug in causes and not explanation.checked:
        print_lines(cause_lines(causes[slug], terminal_width()))
    else:
        print_lines(explanation_lines(explanation, causes, terminal_width()))
    if not matches and (near := suggest(slug, causes)):
        print_message(near.strip())
    return code if matches else ExitCode.COULD_NOT_TELL


def _explanation(matches: Sequence[Match], looked_up: tuple[LookedUp, ...]) -> Explanation:
    possible = {match.cause: PossibleCause(match, None) for match in matches}
    names = names_of_text(matches[0].fields) if matches else NO_NAMES
    return Explanation(possible, looked_up, names=names, more="ssmtui explain CAUSE")


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


def _checked_explanation(
    run: Run, ids: tuple[str, ...], matches: tuple[Match, ...], denials: Sequence[Denial]
) -> tuple[ExitCode, Explanation]:
    """Return the explanation for the nodes of the run, or else for the IDs in the text.

    An ID in the text is checked if it can be: if not, one line says why, and the text is explained.
    """
    from ssmtui.cli.check import print_scope_errors, print_unknown_nodes
    from ssmtui.cli.progress import follow_with_progress

    arn = matches[0].fields.get("arn", "") if ids else ""
    handle = (replace(run.in_region_of(arn), nodes=ids) if ids else run).diagnosis()
    try:
        state = follow_with_progress(handle)
        looked_up = handle.look_up(denials).result() if denials else ()
    finally:
        handle.close()
    print_scope_errors(state, shown=bool(ids))
    code = exit_code(state, FailOn.NEVER)
    if ids:
        for line in _unchecked_lines(state, ids):
            print_message(line)
        if not state.nodes:
            return ExitCode.DONE, _explanation(matches, looked_up)
    else:
        code = print_unknown_nodes(state) or code
    possible = possible_causes(state, matches, state.nodes)
    first = next(iter(possible.values()), None)
    names = names_for_match(state, first.match, state.nodes) if first else NO_NAMES
    more = shlex.join(("ssmtui", "explain", "--node", (run.nodes or tuple(key.id for key in state.nodes))[0], "CAUSE"))
    return code, Explanation(possible, looked_up, checked=True, names=names, more=printable(more))


def _unchecked_lines(state: FleetState, ids: tuple[str, ...]) -> Iterator[str]:
    """Yield why the nodes that a text names were not checked."""
    if state.nodes or not state.errors:
        missing = state.nowhere()
        places = ", ".join(f"{scope.account} {scope.region}" for scope in state.scopes.values())
        why = say("This ID is not in {places}.", places=places)
    else:
        missing = ids
        why = printable(" ".join(dict.fromkeys(error.message for error in state.errors.values())))
    if missing:
        yield say("Not checked: {nodes}. {why}", nodes=", ".join(missing), why=why)


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
