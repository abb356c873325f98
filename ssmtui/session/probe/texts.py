"""At which stage a session ended, by the text that it ended with: what the agent says tells how far it had come."""

from __future__ import annotations

import re

from ssmtui.model.probe import ProbeStage

# docs/facts/failure-texts.md §2, in the agent's order; the first that is found counts.
_STAGES: tuple[tuple[re.Pattern[str], ProbeStage], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), stage)
    for pattern, stage in (
        (r"timed out waiting for encryption challenge|encryption context random challenge", ProbeStage.CHALLENGE),
        (
            r"KMSEncryption failed on client|fetching data key failed|initializing BlockCipher failed",
            ProbeStage.KEY,
        ),
        (r"error while initiating handshake", ProbeStage.HANDSHAKE),
        (r"unable to validate encryption on|encryption is not set up on the selected", ProbeStage.CHECKS),
        (
            r"unable to start (?:command|shell)|executing shell profile|error while creating file"
            r"|error occurred starting the command|std(?:out|err)SeparatorPrefix|convert separateOutPutStream",
            ProbeStage.OUTPUT,
        ),
    )
)


def stage_told_by(text: str) -> ProbeStage | None:
    """The stage at which a session ends with this text; None where it does not tell."""
    one_line = " ".join(text.split())
    return next((stage for pattern, stage in _STAGES if pattern.search(one_line)), None)
