"""Compare whole checks: random worlds in the simulated AWS, with every node diagnosed as by `check`.

`ssmtui.simulator.node_state` returns the result of a session: the calls of the agent one after another, with an
evaluator and a network that share no code with the product. The other families compare this evaluator.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from random import Random
from unittest.mock import patch

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.state import ACCOUNT
from tests.simulator.session_outcome import SessionOutcome, session_outcome
from tools.trust.oracle.policy_language import Reading
from tools.trust.oracle.random_worlds import a_world, scenario_of
from tools.trust.oracle.trial import Case, Trial

_SAID = {
    VerdictStatus.OK: Truth.YES,
    VerdictStatus.WARN: Truth.YES,
    VerdictStatus.FAIL: Truth.NO,
    VerdictStatus.STOPPED: Truth.NO,
    VerdictStatus.UNKNOWN: Truth.PERHAPS,
}
_LOSSES = ("cloudwatch-logs-lost", "s3-logs-lost")


def made(random: Random) -> Case:
    """Return a world of six nodes."""
    return a_world(random)


def judged(case: Case) -> Trial:
    """Return the first node with a contradiction, else the first node."""
    aws = _simulated()
    aws.load(scenario_of(case))
    with _pointed_at(aws):
        state = _diagnosed(aws)
    assert len(state.nodes) == len(case["nodes"])
    trials = [trial for key in state.nodes for trial in _of_node(state, key)]
    return next((each for each in trials if each.difference is not None), trials[0])


def _of_node(state: FleetState, key: NodeKey) -> Iterator[Trial]:
    outcome = session_outcome(ACCOUNT, key.region, key.id)
    said = _SAID[state.verdict(key).status]
    yield Trial(None if outcome.delayed else outcome.opens, said)
    if outcome.opens and said is Truth.YES:
        yield from (Trial(_is_kept(outcome, each), _keeps(state, key, each)) for each in _LOSSES)


def _is_kept(outcome: SessionOutcome, loss: str) -> Reading:
    return loss not in outcome.losses


def _keeps(state: FleetState, key: NodeKey, loss: str) -> Truth:
    """Return whether nothing of a session is lost; another finding can be the reason."""
    found = [state.findings[id_].finding for id_ in state.verdict(key).finding_ids]
    told = {each.status for each in found if each.cause == loss}
    if told & {Status.FAIL, Status.WARN}:
        return Truth.NO
    unsure = told or {each.status for each in found} & {Status.FAIL, Status.WARN, Status.UNKNOWN}
    return Truth.PERHAPS if unsure else Truth.YES


def _diagnosed(aws: SimulatedAws) -> FleetState:
    live = LiveDiagnosis.start(DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        return follow(live)
    finally:
        live.close()


@cache
def _simulated() -> SimulatedAws:
    """Return the simulated AWS of this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(serving())


@contextmanager
def _pointed_at(aws: SimulatedAws) -> Iterator[None]:
    with patch.dict("os.environ", aws.environment):
        yield
