"""What is on its way: a connection that is being closed while somebody looks at it is one of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import chain, repeat
from typing import cast

import pytest

from tools.trust.faults.runs import Connection


class Closing:
    """A socket that another thread closes while it is looked at: `numbers` are what it answers, one after another."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers

    def fileno(self) -> int:
        """Its file descriptor, -1 once it is closed."""
        return next(self._numbers)


def of_nobody() -> int:
    """A file descriptor that was open."""
    with socket.socket() as gone:
        return gone.fileno()


@pytest.mark.parametrize("afterwards", [-1, of_nobody()], ids=["before it is looked up", "before it is waited for"])
def test_a_connection_that_is_reset_while_it_is_looked_at_has_work_to_do(afterwards: int) -> None:
    closing = Closing(chain((of_nobody(),), repeat(afterwards)))
    assert not Connection(cast("socket.socket", closing)).is_at_rest
