"""Name the possible causes of a probe's end, and compare a shell probe with a port probe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.language import say
from ssmtui.model.finding import Link
from ssmtui.model.probe import ProbeEnd, ProbeOutcome, ProbeStage

_SIMILAR_LIKELIHOOD = 0.5
_NOT_CONNECTED = "control-channel-down"
"""The only certain cause of StartSession's *not connected*. The error does not say why the node is not connected."""

_OF_THE_NODES_CHANNEL = frozenset({"data-channel-denied", "data-channel-unreachable", "role-channels-denied"})
"""Causes with the same texts about the node's own connection. At the socket stage, the connection is the caller's."""

# docs/facts/failure-texts.md: the causes that end in silence, by stage.
_SILENT_BEFORE_OUTPUT = (
    "preferences-malformed",
    "root-volume-full",
    "worker-crashed",
    "data-channel-unreachable",
    "connection-lost",
)
_OF_A_SHELL_THAT_LEAVES = ("shell-profile-failed",)
_SILENT = {
    ProbeStage.HANDSHAKE: _SILENT_BEFORE_OUTPUT,
    ProbeStage.CHECKS: ("root-volume-full", "worker-crashed"),
    ProbeStage.OUTPUT: ("root-volume-full", "worker-crashed"),
    ProbeStage.ANSWER: _OF_A_SHELL_THAT_LEAVES,
}


@dataclass(frozen=True, slots=True)
class NamedCauses:
    """`cause` is None if the text names none; `also` are the other causes, the likeliest first."""

    cause: str | None = None
    also: tuple[str, ...] = ()
    ambiguous: bool = False


def named_causes(end: ProbeEnd, stage: ProbeStage, text: str, code: str = "") -> NamedCauses:
    """Return the possible causes of an end. `code` is AWS's code of a refusal. Silence has no certain cause."""
    if end is ProbeEnd.SILENT:
        return NamedCauses(also=_SILENT.get(stage, ()))
    if end is ProbeEnd.STOPPED and stage is ProbeStage.ANSWER and not text:
        return NamedCauses(also=_OF_A_SHELL_THAT_LEAVES)
    if end in {ProbeEnd.OPENED, ProbeEnd.INTERRUPTED} or not text:
        return NamedCauses()
    found = match_text(text, catalogue().values())
    if stage is ProbeStage.SOCKET:
        found = tuple(each for each in found if each.cause not in _OF_THE_NODES_CHANNEL)
    slugs = tuple(each.cause for each in found)
    if code == "TargetNotConnected" and _NOT_CONNECTED in slugs:
        return NamedCauses(_NOT_CONNECTED, tuple(each for each in slugs if each != _NOT_CONNECTED))
    if not found:
        return NamedCauses()
    ambiguous = len(found) > 1 and found[1].likelihood >= _SIMILAR_LIKELIHOOD * found[0].likelihood
    return NamedCauses(slugs[0], slugs[1:], ambiguous)


class Conclusion(Enum):
    """The part of the path with the fault; reports print the value."""

    OPEN = "open"
    CALLER = "caller"
    CONNECTIVITY = "connectivity"
    PREFERENCES = "preferences"
    NODE = "node"
    PORT = "port"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The conclusion from two probes of one node, and a sentence for it."""

    conclusion: Conclusion
    words: str


_OF_THE_PREFERENCES = frozenset({ProbeStage.KEY, ProbeStage.CHALLENGE, ProbeStage.CHECKS})
_OF_THE_SHELL = frozenset({ProbeStage.OUTPUT, ProbeStage.ANSWER})
_OF_LINKS = {
    Link.CALLER: Conclusion.CALLER,
    Link.PREFERENCES: Conclusion.PREFERENCES,
    Link.INSTANCE: Conclusion.NODE,
    Link.AGENT: Conclusion.NODE,
    Link.SYSTEM: Conclusion.NODE,
}


def compare_probes(shell: ProbeOutcome, port: ProbeOutcome) -> Comparison:
    """Return the conclusion from two probes of one node, made one after the other."""
    conclusion = _conclusion(shell, port)
    return Comparison(conclusion, _words(conclusion))


def _conclusion(shell: ProbeOutcome, port: ProbeOutcome) -> Conclusion:
    if ProbeEnd.INTERRUPTED in {shell.end, port.end}:
        return Conclusion.UNDECIDED
    if shell.opened:
        return Conclusion.OPEN if port.opened else Conclusion.PORT
    if port.opened:
        return _conclusion_beyond_network(shell)
    if not shell.reached_the_node or not port.reached_the_node:
        return Conclusion.UNDECIDED
    if _link(shell) is _link(port) is Link.CALLER:
        return Conclusion.CALLER
    if shell.stopped_at in _OF_THE_PREFERENCES or shell.stopped_at in _OF_THE_SHELL:
        return _conclusion_beyond_network(shell)  # the shell probe came further than a port probe can
    return Conclusion.CONNECTIVITY


def _conclusion_beyond_network(shell: ProbeOutcome) -> Conclusion:
    """Return the conclusion if a shell stops although the connection to the node works."""
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
            return say("A shell and a port both open: nothing blocks sessions.")
        case Conclusion.CALLER:
            return say("Your permissions block the session, not the node.")
        case Conclusion.CONNECTIVITY:
            return say("Connectivity: neither a shell nor a port opens, so the preferences are not the cause.")
        case Conclusion.PREFERENCES:
            return say("Preferences: the node is reachable, and a requirement of the preferences stops the shell.")
        case Conclusion.NODE:
            return say("Node: the node is reachable, but it cannot start the shell.")
        case Conclusion.PORT:
            return say("Ports only: a shell opens, but the port session does not.")
        case Conclusion.UNDECIDED:
            return say("No conclusion: the shell stops, and neither its text nor its stage shows why.")
