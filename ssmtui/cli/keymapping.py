"""The keys that the configuration gives the app, checked before it opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ssmtui.cli.refusals import UsageError
from ssmtui.model.plain_text import printable

if TYPE_CHECKING:
    from ssmtui.config.setting import Told
    from ssmtui.ui.app.app import SsmtuiApp


def give_keys(app: SsmtuiApp, told: Told[Mapping[str, str]]) -> None:
    """Give an app its keys; before it runs. Where none are given no screen is loaded for it.

    Raises:
        UsageError: an action, a key, or two actions for a key that cannot be; it says where that was said.

    """
    if not told.value:
        return
    from ssmtui.ui.app.keymap import WrongKeys, checked_keymap

    try:
        app.keymap = checked_keymap(told.value, type(app))
    except WrongKeys as wrong:
        where = told.origin.below.get(wrong.action, told.origin.name)
        raise UsageError(f"{printable(where)}: keys.{printable(wrong.action)}: {wrong}") from wrong
