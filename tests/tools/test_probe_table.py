"""A slice of `make probe`: every text without a socket, and some texts, faults and worlds with one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.model.probe import ProbeEnd, ProbeKind
from ssmtui.session.probe.conclusions import named_causes
from ssmtui.session.probe.stages import Deadlines, stage_of_text
from ssmtui.simulator.gateway.session_overrides import SessionStep
from ssmtui.simulator.in_thread import SimulatedAws
from tests.session.probe.endings import Ending, endings
from tests.session.probe.faults import faults
from tests.session.probe.on_simulator import Probed, world_under_probes
from tests.simulated_aws import aws, simulated_aws
from tools.probe_table import SOUND, ending_row, fault_row, world_rows

__all__ = ["aws", "simulated_aws"]

SHORT = Deadlines(socket=2, handshake=2, key=2, challenge=2, checks=2, output=2, soft=20, hard=30)
SLICE = [each for each in endings() if each.step is not SessionStep.HANDSHAKE][::24]
FAULTS = [each for each in faults() if each.name in {"messages are lost", "the socket is half open"}]


@pytest.fixture
def world(aws: SimulatedAws) -> Iterator[Probed]:
    with world_under_probes(aws, SOUND) as under:
        yield under


@pytest.mark.parametrize("each", endings(), ids=lambda each: f"{each.section} {each.text[:40]!r}")
def test_every_text_names_its_cause_and_its_stage(each: Ending) -> None:
    assert named_causes(ProbeEnd.STOPPED, each.stage, each.text).cause in each.causes
    assert stage_of_text(each.text) in {None, each.stage}


def test_a_session_that_ends_at_any_step_is_named_by_a_probe(aws: SimulatedAws, world: Probed) -> None:
    rows = [ending_row(aws, world, each) for each in SLICE]
    assert [row for row in rows if not row.right] == []
    assert aws.active_sessions == ()


def test_a_bad_network_ends_no_probe_too_late_and_leaves_nothing_open(aws: SimulatedAws, world: Probed) -> None:
    rows = [fault_row(aws, world, each, SHORT) for each in FAULTS]
    assert [row for row in rows if not row.right] == []
    assert aws.active_sessions == ()


@pytest.mark.parametrize("name", ["key-policy-denies"])
def test_theory_and_probe_agree_on_a_world(aws: SimulatedAws, name: str) -> None:
    rows = list(world_rows(aws, name))
    assert rows
    assert [row for row in rows if not row.right] == []
    assert aws.active_sessions == ()


def test_a_port_opens_where_the_preferences_close_a_shell(aws: SimulatedAws) -> None:
    with world_under_probes(aws, "run-as-user-unset") as under:
        key = under.key("web-1")
        assert under.probe(key, ProbeKind.PORT).opened
        assert under.probe(key).cause == "run-as-user-unset"
