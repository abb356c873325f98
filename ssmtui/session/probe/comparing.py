"""A shell against a port: what one goes through and the other does not tells where the fault is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import say
from ssmtui.model.path import Link
from ssmtui.model.probe import ProbeEnd, ProbeOutcome, ProbeStage


class Conclusion(Enum):
    """Where the fault is; the value is what reports print."""

    OPEN = "open"
    CALLER = "caller"
    CONNECTIVITY = "connectivity"
    PREFERENCES = "preferences"
    NODE = "node"
    PORT = "port"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The conclusion of two probes of one node, and the same in a sentence."""

    conclusion: Conclusion
    words: str


_OF_THE_PREFERENCES = frozenset({ProbeStage.KEY, ProbeStage.CHALLENGE, ProbeStage.CHECKS})
_OF_LINKS = {
    Link.CALLER: Conclusion.CALLER,
    Link.PREFERENCES: Conclusion.PREFERENCES,
    Link.INSTANCE: Conclusion.NODE,
    Link.AGENT: Conclusion.NODE,
    Link.SYSTEM: Conclusion.NODE,
}


def compared(shell: ProbeOutcome, port: ProbeOutcome) -> Comparison:
    """What two probes of one node, made one after the other, say together."""
    conclusion = _conclusion(shell, port)
    return Comparison(conclusion, _words(conclusion))


def _conclusion(shell: ProbeOutcome, port: ProbeOutcome) -> Conclusion:
    if ProbeEnd.INTERRUPTED in {shell.end, port.end}:
        return Conclusion.UNDECIDED
    if shell.opened:
        return Conclusion.OPEN if port.opened else Conclusion.PORT
    if port.opened:
        return _beyond_the_way(shell)
    if not shell.reached_the_node or not port.reached_the_node:
        return Conclusion.UNDECIDED
    if _link(shell) is _link(port) is Link.CALLER:
        return Conclusion.CALLER
    if shell.stopped_at in _OF_THE_PREFERENCES or shell.stopped_at is ProbeStage.OUTPUT:
        return _beyond_the_way(shell)  # it came further than a port goes
    return Conclusion.CONNECTIVITY


def _beyond_the_way(shell: ProbeOutcome) -> Conclusion:
    """Where a shell stops although the way to the node is in order."""
    link = _link(shell)
    if link is not None and link in _OF_LINKS:
        return _OF_LINKS[link]
    if shell.stopped_at in _OF_THE_PREFERENCES:
        return Conclusion.PREFERENCES
    return Conclusion.NODE if shell.stopped_at is ProbeStage.OUTPUT else Conclusion.UNDECIDED


def _link(outcome: ProbeOutcome) -> Link | None:
    cause = catalogue().get(outcome.cause or "")
    return cause.link if cause is not None else None


def _words(conclusion: Conclusion) -> str:
    match conclusion:
        case Conclusion.OPEN:
            return say("A shell and a port both open: nothing stops a session.")
        case Conclusion.CALLER:
            return say("It is what you may do: the node is not what stops the session.")
        case Conclusion.CONNECTIVITY:
            return say("Connectivity: neither a shell nor a port comes through, so it is not the preferences.")
        case Conclusion.PREFERENCES:
            return say("Preferences: the way to the node is in order, and what they ask for stops the shell.")
        case Conclusion.NODE:
            return say("The node: the way to it is in order, and the shell cannot be started there.")
        case Conclusion.PORT:
            return say("Ports alone: a shell opens, and the port session does not.")
        case Conclusion.UNDECIDED:
            return say("The two do not tell: a shell stops, and neither its text nor its stage says at what.")
