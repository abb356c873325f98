"""How the app looks before it is seen: what was chosen last, as far as the terminal can show it."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui.cli.printing import complain
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.streams import ascii_alone, is_terminal
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.config.declared import COLOUR
from ssmtui.language import say
from ssmtui.model.plain_text import printable

if TYPE_CHECKING:
    from ssmtui.config.settings import Settings
    from ssmtui.model.scope import Scope
    from ssmtui.ui.app.app import SsmtuiApp


def shows_screens() -> bool:
    """Whether a screen can be painted and keys read; where only keys cannot be, say why a report is printed instead.

    A dumb terminal knows no places. Where the output is a file, a report is what somebody wants.
    """
    if is_terminal(sys.stdin, sys.stdout):
        return True
    if is_terminal(sys.stdout):
        complain(say("Standard input is not a terminal, so the app cannot start. The report follows."))
    return False


def wear_colours(app: SsmtuiApp, settings: Settings) -> None:
    """Have the header wear the colours that the configuration gives profiles and accounts; before the app runs."""
    if not settings.says(COLOUR):
        return

    @cache
    def colour_of(scope: Scope) -> str:
        return settings.alone(COLOUR, scope.name.profile, scope.account).value or ""

    app.bench.colour_of = colour_of


def dress(app: SsmtuiApp, state: Path, themes: Path | None, theme: str | None) -> None:
    """Give an app its habits and its colours; before it runs.

    `state` is the folder of what outlasts the run, `themes` that of the person's own, `theme` the one that the
    configuration names: where there is none of that name, it is refused.
    """
    from ssmtui.ui.state.habits_file import HabitsFile
    from ssmtui.ui.state.kept_habits import KeptHabits

    app.bench.habits = KeptHabits(HabitsFile(state))
    app.plain_keys = ascii_alone()
    mistakes = app.dress(themes, theme)
    names = tuple(app.available_themes)
    # One of the person's own that has a mistake is told of in the app: colours are no reason not to start.
    own = themes / f"{theme}.toml" if theme is not None and themes is not None else None
    is_broken = own is not None and os.path.isfile(own)  # noqa: PTH113 - Path's own raises for a long one
    if theme is not None and theme not in names and not is_broken:
        sentence = say("the configuration names a theme that there is not: {theme}.", theme=printable(theme))
        near = did_you_mean(theme, names)
        raise UsageError(sentence + (near or " " + say("There are: {names}", names=", ".join(names))))
    app.trouble += mistakes
