"""Why a tunnel's session ended or never was, in words, and whether another one would end the same way."""

from __future__ import annotations

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import title_of
from ssmtui.causes.matching import match_text
from ssmtui.language import say
from ssmtui.model.lending import CannotLend
from ssmtui.model.plain_text import printable
from ssmtui.model.session_opening import SessionEnding
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.plugin.preparing import NoPlugin
from ssmtui.session.tunnels.course import Ended

_FOR_GOOD = frozenset({"port-forbidden", "port-unset", "document-invalid", "plugin-missing", "plugin-outdated"})
_IDLE = "due to inactivity"
"""Of the service's text (ssmtui/causes/session-idle-timeout.md)."""
_LONGEST = 300


def explained(text: str) -> str:
    """A text of AWS or the plugin with the likeliest cause in front, in one line fit to print."""
    told = printable(" ".join(text.split()))
    told = told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
    matches = match_text(text, catalogue().values())
    return f"{title_of(catalogue(), matches[0].cause)}: {told}" if matches else told


def after_problem(problem: SessionProblem | CannotLend) -> Ended:
    """What it means for a tunnel that no session was opened. A refusal stays one; of all else time may take care."""
    text = problem.text if isinstance(problem, SessionProblem) else str(problem)
    denied = isinstance(problem, SessionRefused)
    # What ssmtui says of a plugin that there is not is the cause's title already.
    told = printable(text) if isinstance(problem, NoPlugin) else explained(text)
    return Ended(told, for_good=denied or _is_for_good(text), denied=denied)


def after_ending(ended: SessionEnding) -> Ended:
    """What it means for a tunnel that the plugin has ended."""
    if ended.text:
        return Ended(explained(ended.text), for_good=_is_for_good(ended.text), idle=_IDLE in ended.text)
    if ended.over:
        # An ordinary end, which nobody here asked for (docs/facts/failure-texts.md §1): somebody wants it over.
        return Ended(say("the session was ended by somebody else"), for_good=True)
    return Ended(say("the plugin ended (exit code {code})", code=ended.exit_code))


def _is_for_good(text: str) -> bool:
    matches = match_text(text, catalogue().values())
    return bool(matches) and matches[0].cause in _FOR_GOOD
