"""A probe that nothing explains leaves unknown whether a session opens."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.system import OF_THIS_COMPUTER, a_probe_of_it_is_explained
from ssmtui.model.finding import Confidence, Link, Status
from ssmtui.model.probe import ProbeEnd, ProbeOutcome, Probes, ProbeStage
from tests.builders.fleet import a_node
from tests.builders.probes import opened, stopped
from tests.checks.outcome import Said, said

NODE = a_node()
UNEXPLAINED = [Said("session-unexplained", Status.UNKNOWN, Confidence.POSSIBLE, NODE.id)]


@pytest.mark.parametrize(
    "outcome",
    [
        stopped(None, text="Something that nobody has seen"),
        stopped(None, stage=ProbeStage.OUTPUT, end=ProbeEnd.SILENT),
        stopped(None, stage=ProbeStage.HANDSHAKE, end=ProbeEnd.LOST),
        stopped(None, stage=ProbeStage.START, end=ProbeEnd.REFUSED),
        stopped("throttled", stage=ProbeStage.START, end=ProbeEnd.REFUSED),
        stopped("handshake-timed-out"),
    ],
    ids=lambda outcome: f"{outcome.end.value} {outcome.cause}",
)
def test_an_end_that_is_not_explained_leaves_it_unknown(outcome: ProbeOutcome) -> None:
    assert said(a_probe_of_it_is_explained(NODE, Probes(shell=outcome))) == UNEXPLAINED


@pytest.mark.parametrize(
    "outcome",
    [
        opened(),
        stopped("kms-node-denied"),
        stopped(None, stage=ProbeStage.START, end=ProbeEnd.LOST),
        stopped(None, stage=ProbeStage.SOCKET, end=ProbeEnd.SILENT),
    ],
    ids=lambda outcome: f"{outcome.end.value} {outcome.cause}",
)
def test_nothing_is_left_open_by_what_opened_is_explained_or_never_came_to_the_node(outcome: ProbeOutcome) -> None:
    assert a_probe_of_it_is_explained(NODE, Probes(shell=outcome)) == ()


def test_the_causes_of_this_computer_are_those_of_its_link() -> None:
    assert {each.slug for each in catalogue().values() if each.link is Link.WORKSTATION} == OF_THIS_COMPUTER
