"""Endings on demand: the text that sessions to a node end with at a step, whatever is true of the node."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ssmtui.simulator.reality.messages import data_channel_failed, handshake_failed, start_failed


class Step(StrEnum):
    """Where a session ends.

    `DATA_CHANNEL` before a word of the agent; `HANDSHAKE` after its request, `KEY` after the client's answer,
    `CHALLENGE` after the encryption challenge is sent; `CHECKS` after the handshake; `SHELL` and `PORT` instead of what
    they are; `OUTPUT` after the first prompt.
    """

    DATA_CHANNEL = "data-channel"
    HANDSHAKE = "handshake"
    KEY = "key"
    CHALLENGE = "challenge"
    CHECKS = "checks"
    SHELL = "shell"
    PORT = "port"
    OUTPUT = "output"


OF_THE_HANDSHAKE: Final = frozenset({Step.HANDSHAKE, Step.KEY, Step.CHALLENGE})


@dataclass(frozen=True, slots=True)
class Demand:
    """An ending: its text, in the agent's own frame for that step unless it is `bare`; None for silence."""

    node: str
    step: Step
    text: str | None
    bare: bool = False

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Demand:
        """A demand as the control endpoint takes it: the field names, `step` by its value."""
        return cls(**{"text": None, **document, "step": Step(document["step"])})

    def words(self, session_id: str) -> str:
        """What people read; empty for silence."""
        if self.text is None or self.bare:
            return self.text or ""
        if self.step is Step.DATA_CHANNEL:
            return data_channel_failed(session_id, self.text)
        if self.step in OF_THE_HANDSHAKE:
            return handshake_failed(self.text)
        return start_failed(self.text) if self.step is Step.SHELL else self.text


class Demands:
    """The demands in force, one a node."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_node: dict[str, Demand] = {}

    def add(self, demand: Demand) -> None:
        """Put a demand in force, in place of the node's former one."""
        with self._lock:
            self._by_node[demand.node] = demand

    def clear(self) -> None:
        """Let the state of the world decide again."""
        with self._lock:
            self._by_node.clear()

    def on(self, node: str) -> Demand | None:
        """The demand on a node."""
        with self._lock:
            return self._by_node.get(node)


demands: Final = Demands()
