"""The gate that requests wait at while a scenario is being built."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Holds requests back until the scenario stands; a scenario that could not be built says why."""

    def __init__(self, patience: float = 30.0) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._is_open = False
        self._passed = 0
        self._failure: str | None = None

    def open(self) -> None:
        """Let requests through."""
        self._let_through(None)

    def open_on_failure(self, reason: str) -> None:
        """Let requests through to be told that there is no scenario."""
        self._let_through(reason)

    def close(self) -> None:
        """Hold requests back, and wait for those that have passed, which would ask of one scenario and change the next.

        For so many seconds at most as the gate has patience.
        """
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._passed, self._patience)

    @contextmanager
    def passing(self) -> Iterator[str | None]:
        """Wait for the scenario; the reason why there is none, or None. It stands for as long as this lasts."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_open)
            self._passed += 1
            failure = self._failure
        try:
            yield failure
        finally:
            with self._changed:
                self._passed -= 1
                self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        """Whether requests go through."""
        return self._is_open

    @property
    def failure(self) -> str | None:
        """Why there is no scenario."""
        return self._failure

    def _let_through(self, failure: str | None) -> None:
        with self._changed:
            self._failure, self._is_open = failure, True
            self._changed.notify_all()
