"""Which screen is put up for what is wished."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.putting_up import DuplicateScreen, all_screens, put_up_as
from ssmtui.ui.screens.wishes import PutUp, Wish


def test_every_wish_for_a_screen_is_granted() -> None:
    assert set(Wish.__subclasses__()) - {PutUp} == {by for by in all_screens() if isinstance(by, type)}


def test_two_screens_do_not_share_a_name() -> None:
    with pytest.raises(DuplicateScreen):
        put_up_as("changes")(all_screens()["changes"])
