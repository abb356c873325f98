"""How often work is done that grows with all rows."""

from __future__ import annotations

from collections.abc import Callable

from ssmtui.ui.state.scheduling import ThrottledWork


class Screen:
    """Time that passes as a test says, and timers that go off by it."""

    def __init__(self, costs: float) -> None:
        self.now = 100.0
        self.costs = costs
        self.done: list[float] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.paced = ThrottledWork(
            self._work, lambda wait, then: self.timers.append((self.now + wait, then)), self._clock
        )

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        due = [then for at, then in self.timers if at <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for then in due:
            then()

    def _clock(self) -> float:
        return self.now

    def _work(self) -> None:
        self.now += self.costs
        self.done.append(self.now)


def test_what_is_quick_is_done_whenever_it_is_asked_for() -> None:
    screen = Screen(0.002)
    for _ in range(5):
        screen.paced.ask()
        screen.pass_by(0.05)
    assert len(screen.done) == 5


def test_what_takes_long_is_done_once_for_all_that_ask_meanwhile() -> None:
    screen = Screen(0.025)
    for _ in range(40):
        screen.paced.ask()
        screen.pass_by(0.01)
    assert 3 <= len(screen.done) <= 5


def test_it_is_done_once_more_after_the_last_has_asked() -> None:
    screen = Screen(0.025)
    screen.paced.ask()
    screen.paced.ask()
    screen.paced.ask()
    assert len(screen.done) == 1
    screen.pass_by(1)
    assert len(screen.done) == 2
    screen.pass_by(1)
    assert len(screen.done) == 2
