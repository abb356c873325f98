"""The threads that read keys, and their end."""

from __future__ import annotations

from threading import Event
from typing import Any

from textual.app import App


def end_reading_keys(app: App[Any]) -> None:
    """End every thread that reads keys for an app that has ended, whichever way.

    Textual ends the newest as it leaves the terminal. Where it was torn from that (the window was closed while another
    program had the terminal), one goes on, reads nothing from a terminal that is gone, and keeps the process.
    """
    ended = getattr(app._driver, "exit_event", None)
    if isinstance(ended, Event):
        ended.set()
