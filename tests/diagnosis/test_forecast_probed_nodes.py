"""What a forecast says of a node that was probed: theory against theory, and no green that the probe denies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.probes import ProbeResults, adjust_for_probes
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Instance, InstanceState, Registration
from ssmtui.model.probe import NOT_PROBED
from tests.builders.fleet import NOON, a_node, a_verdict
from tests.builders.probes import opened
from tests.evidence.fact_builders import store
from tests.evidence.fake_aws import FakeAws

FAIL, OK, UNKNOWN = VerdictStatus.FAIL, VerdictStatus.OK, VerdictStatus.UNKNOWN


def test_a_change_that_mends_what_the_probe_stopped_at_turns_the_node_green() -> None:
    told = a_verdict(FAIL, root_cause="kms-node-denied")
    assert adjust_for_probes(told, told, a_verdict(OK)) == (told, a_verdict(OK))


@pytest.mark.parametrize("theory", [a_verdict(OK), a_verdict(FAIL, root_cause="role-core-denied")])
def test_a_change_that_mends_something_else_says_nothing_of_it(theory: object) -> None:
    told = a_verdict(FAIL, root_cause="shell-start-failed")
    before, after = adjust_for_probes(told, theory, a_verdict(OK))  # type: ignore[arg-type]
    assert (before.status, after.status) != (FAIL, OK)
    assert after.status is UNKNOWN


def test_of_a_node_that_opened_the_forecast_is_what_it_was_without_the_probe() -> None:
    theory = a_verdict(FAIL, root_cause="domain-controller")
    assert adjust_for_probes(a_verdict(OK), theory, theory) == (theory, theory)


def test_a_node_that_was_started_anew_is_not_what_was_probed_and_one_that_pinged_is() -> None:
    facts, node = store(FakeAws()), a_node()
    known = ProbeResults(facts, lambda _event: None)
    assert isinstance(node.instance, Instance)
    assert isinstance(node.registration, Registration)
    known.know(opened(node=node.key))
    known.compare(None, node)
    known.compare(node, replace(node, registration=replace(node.registration, last_ping=NOON.replace(hour=13))))
    assert facts.individual_nodes.probes_of(node.key).opened_a_shell
    known.compare(node, replace(node, instance=replace(node.instance, state=InstanceState.STOPPED)))
    assert facts.individual_nodes.probes_of(node.key) == NOT_PROBED
