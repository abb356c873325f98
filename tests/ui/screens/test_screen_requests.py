"""Which screen is put up for what is wished."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.screen_requests import DuplicateScreen, ScreenRequest, ShowNamedScreen, all_screens, named_screen


def test_every_wish_for_a_screen_is_granted() -> None:
    assert set(ScreenRequest.__subclasses__()) - {ShowNamedScreen} == {
        by for by in all_screens() if isinstance(by, type)
    }


def test_two_screens_do_not_share_a_name() -> None:
    with pytest.raises(DuplicateScreen):
        named_screen("changes")(all_screens()["changes"])
