"""AWS that throttles half of all that is asked and fails a twentieth: what is told is what is told in fair weather."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ssmtui.simulator.request_control import FaultKind
from tools.trust.faults.matrix import Row
from tools.trust.faults.places import Place
from tools.trust.faults.runs import Bench, Told

THROTTLED, FAILING = 0.5, 0.05

TIME = "600"
"""Seconds that a Region is given: what is told is looked at here, and not how soon. The demo's hundred and fifty
simulations, which AWS wants one after another, take longer than two minutes on a busy machine."""


STORMS = (
    "healthy-small",
    "log-group-unreadable",
    "endpoint-policy-denies",
    "bucket-policy-denies",
    "key-missing",
    "policies-read",
    "host-management-off",
    "demo",
)
"""The worlds that are looked at in such a weather."""


def stormed(bench: Bench, world: str) -> Row:
    """A world's row: one cell, every operation at once."""
    begun = time.monotonic()
    place = Place(world)
    truth = bench.truth(place)
    bench.load(place)
    bench.aws.fault(FaultKind.THROTTLING, share=THROTTLED)
    bench.aws.fault(FaultKind.INTERNAL, share=FAILING / (1 - THROTTLED))
    told = bench.look(place, "--timeout", TIME)
    bench.aws.clear_faults()
    lost: list[str] = []
    if told.crash or told.code != truth.code:
        lost.append(f"exit code {told.code}, was {truth.code}: {told.crash[-300:]}{told.complaints[-300:]}")
    before, after = _said(truth), _said(told)
    lost += [f"no more told: {each}" for each in before if each not in after]
    lost += [f"told in a storm alone: {each}, {after[each]}" for each in after if each not in before]
    name = storm_named(world)
    return Row(name, 1, tuple(f"{name}: {each}" for each in lost), True, time.monotonic() - begun)


def storm_named(world: str) -> str:
    """What a world's row is called."""
    return f"half throttled, a twentieth failing, {world}"


def _said(told: Told) -> Mapping[str, Any]:
    """The findings with their status, and the nodes with their verdict."""
    findings = {
        f"{id_} {each['status']}": [words["source"] for words in each["evidence"]]
        for id_, each in told.findings.items()
    }
    nodes = {f"{each['name']} {each['verdict']} {each['root_cause']}": "" for each in told.nodes.values()}
    return {**findings, **nodes}
