"""The terminal of the tests takes nobody's file descriptors but its own."""

from __future__ import annotations

import os
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("it has no such terminals", allow_module_level=True)

from tests.session.emulator import Emulator


def test_one_that_was_taken_away_is_not_closed_again_where_others_have_its_numbers() -> None:
    emulator = Emulator([sys.executable, "-c", ""], dict(os.environ))
    emulator.take_away()
    others = os.openpty()
    assert set(others) == {emulator.ours, emulator.its}
    emulator.close()
    for each in others:
        os.fstat(each)
        os.close(each)
