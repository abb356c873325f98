"""The causes that can stand behind the end of a session, by its text. The matcher's word, and no other's."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.model.probe import ProbeEnd, ProbeStage

_ABOUT_AS_LIKELY = 0.5
_NOT_CONNECTED = "control-channel-down"
"""What StartSession's *not connected* says for certain; why, it does not say."""

_OF_THE_NODES_CHANNEL = frozenset({"data-channel-denied", "data-channel-unreachable", "role-channels-denied"})
"""The same texts, where the node's own connection is refused: this one is the caller's."""

# docs/facts/failure-texts.md: what is met in silence, and at which stages.
_SILENT_BEFORE_OUTPUT = (
    "preferences-malformed",
    "root-volume-full",
    "worker-crashed",
    "data-channel-unreachable",
    "connection-lost",
)
_SILENT = {
    ProbeStage.HANDSHAKE: _SILENT_BEFORE_OUTPUT,
    ProbeStage.CHECKS: ("root-volume-full", "worker-crashed"),
    ProbeStage.OUTPUT: ("root-volume-full", "worker-crashed"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """`cause` is None where there is none by the text; `also` are the others, likeliest first."""

    cause: str | None = None
    also: tuple[str, ...] = ()
    ambiguous: bool = False


def named(end: ProbeEnd, stage: ProbeStage, text: str, code: str = "") -> Named:
    """What can stand behind an end. `code` is AWS's for a refusal. A silence has no cause for certain."""
    if end is ProbeEnd.SILENT:
        return Named(also=_SILENT.get(stage, ()))
    if end in {ProbeEnd.OPENED, ProbeEnd.INTERRUPTED} or not text:
        return Named()
    found = match_text(text, catalogue().values())
    if stage is ProbeStage.SOCKET:
        found = tuple(each for each in found if each.cause not in _OF_THE_NODES_CHANNEL)
    slugs = tuple(each.cause for each in found)
    if code == "TargetNotConnected" and _NOT_CONNECTED in slugs:
        return Named(_NOT_CONNECTED, tuple(each for each in slugs if each != _NOT_CONNECTED))
    if not found:
        return Named()
    ambiguous = len(found) > 1 and found[1].likelihood >= _ABOUT_AS_LIKELY * found[0].likelihood
    return Named(slugs[0], slugs[1:], ambiguous)
