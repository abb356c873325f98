from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.tunnels.at_hand import AtHand, echo


@pytest.fixture
def at_hand(tmp_path: Path) -> Iterator[AtHand]:
    with echo() as port:
        hand = AtHand(tmp_path, port)
        try:
            yield hand
        finally:
            hand.tunnels.end()
