"""What the matrix takes for a loss: it would be blind otherwise, whatever it tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.trust.faults.judging import Cell, losses
from tools.trust.faults.places import KINDS, Place
from tools.trust.faults.runs import Told

CELL = Cell("logs:DescribeLogGroups", KINDS["500"], Place("log-group-unreadable"))
OK, FAIL, UNKNOWN = "ok", "fail", "unknown"


def told(web: str = OK, queue: str = FAIL, source: str = "", seconds: float = 2.0, code: int = 3) -> Told:
    """A report on the two nodes of that world; `source` is evidence of an unknown finding on both."""
    evidence = [{"fact": "no answer", "source": source}]
    finding = {"id": "f", "cause": "log-group-unreadable", "status": "unknown", "evidence": evidence, "needs": []}
    nodes = [
        {"id": name, "name": name, "verdict": verdict, "findings": ["f"] if source else []}
        for name, verdict in (("web-1", web), ("queue-1", queue))
    ]
    return Told(code, {"nodes": nodes, "findings": [finding], "scopes": []}, "", seconds)


TRUTH = told()


@pytest.mark.parametrize(
    ("struck", "lost"),
    [
        (told(), []),
        (told(web=UNKNOWN, source="logs:DescribeLogGroups"), []),
        (told(web=FAIL), ["web-1 is ok and told as fail", "web-1 is healthy and told to fail"]),
        (told(queue=OK), ["queue-1 is fail and told as ok", "queue-1 is broken and told to be ok"]),
        (told(web=UNKNOWN, source="ec2:DescribeVpcs"), ["web-1 is unknown, and nothing names the call"]),
        (told(seconds=200), ["took 200 s of 120"]),
        (replace(told(), ending=9.0), ["took 9 s to end"]),
        (told(code=1), ["exit code 1"]),
        (
            Told(1, {}, "", 2.0, "Traceback\nKeyError: 7"),
            ["ends by a traceback: KeyError: 7", "exit code 1", "missing"],
        ),
        (told(queue=UNKNOWN, source="logs:DescribeLogGroups"), ["queue-1 not determined, which a refusal"]),
    ],
)
def test_a_loss_is_told_by_its_name(struck: Told, lost: list[str]) -> None:
    found = list(losses(CELL, TRUTH, struck, {"web-1"} if struck.nodes else None))
    assert [any(words in each for each in found) for words in lost] == [True] * len(lost)
    assert bool(found) == bool(lost)


def test_what_passes_by_itself_leaves_everything_as_it_was() -> None:
    slow = Cell(CELL.operation, KINDS["slow"], CELL.place)
    (lost,) = losses(slow, TRUTH, told(web=UNKNOWN, source="logs:DescribeLogGroups"), {"web-1"})
    assert lost.startswith("web-1 told otherwise, though all was answered in the end")
