"""A paste is understood in time in proportion to it, whatever it holds: a screen must answer at once."""

from __future__ import annotations

import time

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text

CAUSES = tuple(catalogue().values())
SMALL, TIMES = 10_000, 8
WORST = 3.5 * TIMES
"""Time eight times as long takes where it is in proportion; in proportion to the square it would be 64 times."""

REPEATED = (
    ".",
    "…",
    "... \n",
    "sessionid=",
    "sessionId: jane-",
    "requestid-",
    "arn:aws:ssm:eu-west-3:123456789012:",
    "https://a.b.",
    "https://ssm.eu-west-3.amazonaws.com/ x509: ",
    "(AaAaAa",
    "An error occurred (",
    "Starting session with SessionId: ",
    "TargetNotConnected ",
    "is not authorized to perform: ssm:",
    "Encountered error while initiating handshake. ",
    "2020-03-16 14:41:15 ERROR [NewFileWatcherChannel @ filechannel.go.85] [ssm-document-worker] boom\n",
    "Oct 12 13:49:56 ip-10-0-0-7 amazon-ssm-agent[1860]: boom\n",
    "ERROR [a] ",
    "lookup ssm.",
    "ecs:a_",
    "EC2MetadataError ",
    "Session: a1 ",
    "Error when decrypting data key x ://kms. ",
    "Failed to dial websocket: x ://ssmmessages. ",
    "Error in PutLogEvents:x ://logs. ",
    "Failed to query IMDS 169.254.169.254 ",
    "SSM start-session session-manager-plugin: ",
    "portNumber no matches found: x ",
    "pexpect.exceptions.TIMEOUT Bad packet length ",
    "the quick brown fox ",
    " ",
    "\x1b]",
    "é",
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}",
)


def seconds(text: str) -> float:
    """Processor time, the least of three: what another process of the machine took is no part of it."""
    least = float("inf")
    for _ in range(3):
        started = time.process_time()
        match_text(text, CAUSES)
        least = min(least, time.process_time() - started)
    return least


@pytest.mark.long
@pytest.mark.parametrize("piece", REPEATED)
def test_a_paste_eight_times_as_long_takes_some_eight_times_as_long(piece: str) -> None:
    short, long = (piece * (size // len(piece)) for size in (SMALL, SMALL * TIMES))
    assert seconds(long) < WORST * max(seconds(short), 0.001)
