"""The gate that requests wait at while a scenario is being built."""

from __future__ import annotations

import threading


class Gate:
    """Holds requests back until the scenario stands; a scenario that could not be built says why."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._failure: str | None = None

    def open(self) -> None:
        """Let requests through."""
        self._failure = None
        self._open.set()

    def open_on_failure(self, reason: str) -> None:
        """Let requests through to be told that there is no scenario."""
        self._failure = reason
        self._open.set()

    def close(self) -> None:
        """Hold requests back."""
        self._open.clear()

    def wait(self) -> str | None:
        """Wait for the scenario; the reason why there is none, or None."""
        self._open.wait()
        return self._failure

    @property
    def is_open(self) -> bool:
        """Whether requests go through."""
        return self._open.is_set()

    @property
    def failure(self) -> str | None:
        """Why there is no scenario."""
        return self._failure
