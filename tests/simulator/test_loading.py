"""A scenario is loaded whole before others are answered, with what comes after it."""

from __future__ import annotations

import pytest

from ssmtui.simulator import setup, state, worlds
from ssmtui.simulator.in_thread import SimulatedAws


def test_what_comes_after_a_scenario_comes_before_every_answer(aws: SimulatedAws) -> None:
    seen: list[bool] = []
    aws.load("healthy-small")
    application = aws.application
    setup.load(worlds.world("key-disabled"), application, lambda: seen.append(state.gate.is_open))
    assert (seen, state.gate.is_open) == ([False], True)


def test_what_fails_after_a_scenario_is_the_answer_to_everybody(aws: SimulatedAws) -> None:
    def fail() -> None:
        raise LookupError("no agent")

    with pytest.raises(LookupError):
        setup.load(worlds.world("healthy-small"), aws.application, fail)
    assert state.gate.failure == "LookupError: no agent"
    aws.load("key-disabled")
    assert state.gate.failure is None
