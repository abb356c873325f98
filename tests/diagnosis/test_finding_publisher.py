"""What is told of verdicts: each change of one, how many are settled, and how long asking takes at the least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import Event, ProgressChanged, VerdictChanged
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.verdicts import Outcome
from ssmtui.evidence.aws.limits import CONNECTION_STATUS_RATE
from ssmtui.model.finding import Verdict
from tests.builders.fleet import a_node, a_scope, a_verdict

ONE, TWO = a_node("i-1").key, a_node("i-2").key


class Way:
    """What a scope's way to AWS tells of itself."""

    throttled = False
    waiting_for: tuple[str, ...] = ()

    @property
    def calls(self) -> Mapping[str, int]:
        return {"ssm:GetConnectionStatus": 2, "ec2:DescribeInstances": 1}


class Told:
    """A telling, and the events that it told since they were last taken."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.publisher = FindingPublisher(a_scope(), self._events.append)

    def taken(self) -> list[Event]:
        taken, self._events[:] = list(self._events), []
        return taken

    def settled(self) -> int:
        """How many are said to be settled."""
        self.taken()
        self.publisher.publish_progress(Way(), listed=2, listing=False, to_observe=0)  # type: ignore[arg-type] # what is looked at
        [progressed] = self.taken()
        assert isinstance(progressed, ProgressChanged)
        return progressed.settled


@pytest.fixture
def told() -> Told:
    return Told()


def judged(verdict: Verdict) -> Outcome:
    return Outcome(verdict, {}, complete=True)


def test_a_verdict_is_told_when_it_changes_and_only_then(told: Told) -> None:
    verdict = a_verdict()
    told.publisher.record(ONE, judged(verdict))
    assert told.taken() == [VerdictChanged(ONE, verdict)]
    told.publisher.record(ONE, judged(replace(verdict)))
    assert told.taken() == []
    told.publisher.unsettle()
    assert told.taken() == [VerdictChanged(ONE, replace(verdict, settled=False))]


def test_as_many_are_settled_as_have_a_verdict_that_is(told: Told) -> None:
    settled = a_verdict()
    assert settled.settled
    for key in (ONE, TWO):
        told.publisher.record(key, judged(settled))
    assert told.settled() == 2
    told.publisher.record(ONE, judged(replace(settled, settled=False)))
    assert told.settled() == 1
    told.publisher.record(ONE, judged(replace(settled, root_cause="agent-too-old")))
    told.publisher.record(TWO, judged(replace(settled, root_cause="agent-too-old")))
    assert told.settled() == 2
    told.publisher.drop(ONE)
    assert told.settled() == 1
    told.publisher.unsettle()
    assert told.settled() == 0


def test_asking_takes_as_long_as_aws_takes_to_answer(told: Told) -> None:
    told.publisher.publish_progress(Way(), listed=120, listing=True, to_observe=100)  # type: ignore[arg-type] # what is looked at
    calls = (("ec2:DescribeInstances", 1), ("ssm:GetConnectionStatus", 2))
    assert told.taken() == [
        ProgressChanged(
            a_scope().name,
            settled=0,
            listed=120,
            listing=True,
            api_calls=calls,
            throttled=False,
            to_ask=100,
            seconds_of_asking=100 / CONNECTION_STATUS_RATE,
        )
    ]
