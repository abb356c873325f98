"""A session that failed, explained: what was said of it, the causes in order, the first step, and the way to more."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import title_of
from ssmtui.causes.matching import match_text
from ssmtui.causes.placeholders import addressed, names_of_nodes
from ssmtui.cli.one_node import FoundNode, Watch
from ssmtui.cli.printing import complain, print_lines, terminal_width
from ssmtui.diagnosis.confirming import true_here
from ssmtui.diagnosis.known_names import names_here
from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable, printable_lines
from ssmtui.report.cause_text import text_lines
from ssmtui.report.folding import Verbatim
from ssmtui.report.outcome import ExitCode

PATIENCE = 5.0
"""Seconds that the checks of the node are given to tell its causes apart: they began before the session did."""

_NAMED = 4
"""Causes that are named at most; `ssmtui explain` names all."""
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)
_HERE: Mapping[bool | None, str] = {True: marked("✖ true here"), False: marked("● not here"), None: ""}


def explain_refusal(text: str, found: FoundNode, watch: Watch, *, is_own: bool = False) -> ExitCode:
    """Say on standard error why AWS opened no session on this node. `is_own`: the text is a sentence of ssmtui's."""
    return _explain(say("no session on {node}:", node=found.words), text, found, watch, is_own=is_own)


def explain_ending(text: str, found: FoundNode, watch: Watch, *, is_own: bool = False) -> ExitCode:
    """Say on standard error why a session on this node ended, by what the agent, AWS, the plugin or ssmtui said."""
    return _explain(say("the session on {node} ended:", node=found.words), text, found, watch, is_own=is_own)


def _explain(heading: str, text: str, found: FoundNode, watch: Watch, *, is_own: bool) -> ExitCode:
    complain(heading)
    print_lines((f"  {line}" for line in printable_lines(text.strip())), err=True)
    is_known = bool(match_text(text, catalogue().values()))
    if is_known or not is_own:
        print_lines(_lines(text, found, watch), err=True)
    return ExitCode.FOUND if is_known else ExitCode.COULD_NOT_TELL


def _lines(text: str, found: FoundNode, watch: Watch) -> Iterator[str]:
    causes = catalogue()
    matches = match_text(text, causes.values())
    if not matches:
        yield say("That is no error text that ssmtui knows.")
        return
    watch.until(lambda state: state.verdict(found.key).settled, PATIENCE)
    here = not_against_the_attempt(true_here(watch.state, [match.cause for match in matches], {found.key}))
    # What is true here comes first; what is not here, last.
    ranked = sorted(matches, key=lambda match: {True: 0, None: 1, False: 2}[here[match.cause]])
    yield ""
    for match in ranked[:_NAMED]:
        told = f"{match.likelihood:>4.0%}  {match.cause}: {title_of(causes, match.cause)}"
        yield f"{told}  {_told(here[match.cause])}".rstrip()
    yield ""
    first = causes[ranked[0].cause]
    names = names_here(watch.state, first.slug, {found.key}) or names_of_nodes(found.scope, {found.key})
    step = first_step(addressed(first, names).how_to_resolve)
    yield from text_lines(step, terminal_width(sys.stderr))
    yield ""
    yield Verbatim(say("More: {command}", command=printable(_command(text, found))))


def not_against_the_attempt(here: Mapping[str, bool | None]) -> Mapping[str, bool | None]:
    """Which causes hold, where the session has just failed by one of them: checks that find none know no better."""
    return here if True in here.values() else dict.fromkeys(here)


def first_step(resolution: str) -> str:
    """The first step of a resolution's Markdown, whole, without its number."""
    starts = list(_STEP.finditer(resolution))
    if not starts:
        return resolution.strip()
    end = starts[1].start() if len(starts) > 1 else len(resolution)
    return resolution[starts[0].end() : end].strip()


def _told(here: bool | None) -> str:  # noqa: FBT001 - as it is told of a cause
    word = _HERE[here]
    return say(word) if word else ""


def _command(text: str, found: FoundNode) -> str:
    said = printable(" ".join(text.split()))
    return shlex.join(["ssmtui", "explain", "--node", found.id, *found.scope.name.options, said])
