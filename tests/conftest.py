"""How tests are run everywhere: property tests by the same examples each time, without a clock, and French as written.

`pytest --hypothesis-profile=searching` looks for new examples instead, `--hypothesis-profile=quick` at a few.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from hypothesis import HealthCheck, settings

from hatch_build import make_all
from tests import turns
from tests.loop_at_rest import until_the_loop_rests
from tests.textual_caches import suit_tests

settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("searching"), derandomize=True)
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """Hear what whoever starts the tests had turned off (`nohup`, `&` in a script): what they start inherits that."""
    for name, heard in (("SIGHUP", signal.SIG_DFL), ("SIGINT", signal.default_int_handler)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, heard)
    for module in (textual.app, textual.pilot):
        vars(module)["wait_for_idle"] = until_the_loop_rests
    suit_tests()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what was translated since the environment was made; once, before the processes of a run share it."""
    if not hasattr(session.config, "workerinput"):
        make_all(_TREE)


_TREE = Path(__file__).parents[1]
_TESTS = _TREE / "tests"

_LONGEST = _TESTS / "walks"
"""The folder whose tests take longest, each of them."""

_OF_THE_APP = (_TESTS / "ui" / "app", _TESTS / "ui" / "screens", _LONGEST)
"""The folders whose tests start the app."""

_TAKE_TURNS = ("simulated", "app", "long", "whole")
"""The marks of what takes long."""


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "of the tests that take long, take the share of this turn: a number, commit, or all (default)"
    parser.addoption("--turn", default=turns.ALL, help=told)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from modules and tests: they stay to the end, and to look at them takes seconds."""
    gc.disable()
    collected = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return collected


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process does it last, alone.

    And mark what starts the simulated AWS (whatever takes its fixture, or is in a module that starts one itself), and
    what starts the app: of these, and of what is said to take long, those whose turn it is are taken. Mark what starts
    other programs as heavy: `make quick` leaves it out, every other run takes it.
    """
    items.sort(key=lambda item: not _is_in(item.path, _LONGEST))
    for item in items:
        if isinstance(item, pytest.Function) and _starts_the_simulated_aws(item):
            item.add_marker(pytest.mark.simulated)
        if _is_in(item.path, *_OF_THE_APP):
            item.add_marker(pytest.mark.app)
        if isinstance(item, pytest.Function) and "subprocess" in vars(item.module):
            item.add_marker(pytest.mark.heavy)
    turn = _turn(config)
    if turn is not None:
        slow = [each for each in items if _takes_turns(each)]
        waiting = set(slow).difference(
            turns.share([each for each in slow if not each.get_closest_marker("whole")], turn)
        )
        config.hook.pytest_deselected(items=[each for each in items if each in waiting])
        items[:] = [each for each in items if each not in waiting]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which share it was, for whoever wants to see the same tests again."""
    turn = _turn(config)
    if turn is not None:
        terminalreporter.write_sep("=", f"turn {turn} of {turns.TURNS}: make test TURN={turn} takes it, make whole all")


def _turn(config: pytest.Config) -> int | None:
    try:
        return turns.turn(config.getoption("turn"), _TREE)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


@cache
def _is_in(module: Path, *folders: Path) -> bool:
    """Whether a module is in one of the folders: asked of thousands of tests, of hundreds of modules."""
    return any(each in module.parents for each in folders)


def _takes_turns(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(each) for each in _TAKE_TURNS)


def _starts_the_simulated_aws(item: pytest.Function) -> bool:
    return "simulated_aws" in item.fixturenames or not vars(item.module).keys().isdisjoint(("serving", "Simulator"))
