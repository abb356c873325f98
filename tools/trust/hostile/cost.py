"""Check that a paste costs time in proportion to its length: a ratio, which other processes hardly change."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

from ssmtui.cli.snapshot_redaction import redacted
from tests.builders.fleet import a_node
from tests.causes.test_matching_cost import REPEATED, SMALL, TIMES, WORST, seconds
from tests.evidence.snapshots.snapshots import a_record, a_snapshot

PIECES = ("web-", "a.b-", "x", "a@b", "/a", "-.", "/", "${a}", "a*", "*", "_", "ab:cd/", "\0001\0", "arn:aws:,")
LONG = 100_000
MOST_SECONDS = 5.0
"""Each takes a third of a second at most; a quadratic algorithm would take more than a minute."""


def redaction_faults() -> Iterator[tuple[str, list[str]]]:
    """Redact a snapshot with each piece, repeated to a hundred thousand characters, as a node's name."""
    for piece in PIECES:
        snapshot = a_snapshot(a_record(a_node("i-1", piece * (LONG // len(piece)))))
        begun = process_time()
        redacted(snapshot, b"a key")
        took = process_time() - begun
        yield piece, [f"redaction of {LONG} characters takes {took:.1f} s"] if took > MOST_SECONDS else []


def cost_faults() -> Iterator[tuple[str, list[str]]]:
    """Paste each piece, repeated to ten and to eighty thousand characters."""
    for piece in REPEATED:
        short, long = (piece * (size // len(piece)) for size in (SMALL, SMALL * TIMES))
        before, after = seconds(short), seconds(long)
        fault = f"{TIMES} times as long takes {after / max(before, 0.001):.1f} times as long ({after:.2f} s)"
        yield piece, [fault] if after > WORST * max(before, 0.001) else []
