"""Every text that a session ends with: where the agent says it, and its causes.

They are those of docs/facts/failure-texts.md §2 that `explain` is tested by; what only stands in a log, or is told of a
session that opened, ends none and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ssmtui.model.probe import ProbeKind, ProbeStage
from ssmtui.simulator.gateway.session_overrides import SessionStep
from tests.causes import texts
from tests.causes.texts import Text


@dataclass(frozen=True, slots=True)
class Ending:
    """A text, the step of the simulated agent at which it is told, the stage that must be named, and the causes."""

    section: str
    step: SessionStep
    stage: ProbeStage
    text: str
    causes: frozenset[str]
    kind: ProbeKind = ProbeKind.SHELL


_ENDS_NONE = (
    "failed to reconnect datachannel",
    "ERROR ",
    "Please update session manager plugin",
    "The PowerShell ",
    "PowerShell version",
    "The CloudWatch log group specified",
    "unable to generate log data",
    "Failed to generate transcript",
    "Unable to dial connection",
    "\nConnection to destination port failed",
)
_OF_THE_KEY = ("KMSEncryption failed on client", "Fetching data key failed", "Initializing BlockCipher failed")
_OF_THE_CHALLENGE = ("Timed out waiting for encryption challenge", "encryption context random challenge")


def endings() -> tuple[Ending, ...]:
    """All of them."""
    return (
        *_of("§2.1", texts.DATA_CHANNEL, SessionStep.DATA_CHANNEL, ProbeStage.HANDSHAKE),
        *_of_the_handshake(),
        *_of("§2.3", texts.LOGGING, SessionStep.CHECKS, ProbeStage.CHECKS),
        *_of("§2.4", texts.SHELL, SessionStep.SHELL, ProbeStage.OUTPUT),
        *_of("§2.5", texts.PORT, SessionStep.PORT, ProbeStage.HANDSHAKE, ProbeKind.PORT),
    )


def _of_the_handshake() -> Iterator[Ending]:
    for each in _ends(texts.ENCRYPTION):
        if any(part in each.text for part in _OF_THE_CHALLENGE):
            yield Ending("§2.2", SessionStep.CHALLENGE, ProbeStage.CHALLENGE, each.text, each.causes)
        elif any(part in each.text for part in _OF_THE_KEY):
            yield Ending("§2.2", SessionStep.KEY, ProbeStage.KEY, each.text, each.causes)
        elif each.text.startswith("Fail to"):
            yield Ending("§2.2", SessionStep.DATA_CHANNEL, ProbeStage.HANDSHAKE, each.text, each.causes)
        else:
            yield Ending("§2.2", SessionStep.HANDSHAKE, ProbeStage.HANDSHAKE, each.text, each.causes)


def _of(
    section: str, known: tuple[Text, ...], step: SessionStep, stage: ProbeStage, kind: ProbeKind = ProbeKind.SHELL
) -> Iterator[Ending]:
    for each in _ends(known):
        # When the agent says these is not known: they must not be taken for proof of what comes before.
        unplaced = each.text.startswith(("Invalid format in session properties", "Commands cannot be empty"))
        yield Ending(section, step, ProbeStage.CHECKS if unplaced else stage, each.text, each.causes, kind)


def _ends(known: tuple[Text, ...]) -> Iterator[Text]:
    return (each for each in known if not each.text.startswith(_ENDS_NONE))
