"""The app's colours: the theme that was chosen, as far as the terminal can show it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor
from textual.reactive import Reactive
from textual.theme import Theme

from ssmtui.ui.app.theme import DARK, OURS, TERMINAL, variables_of

_NO_COLOUR = NoColor()


class Looks(App[None]):
    """The part of the app that knows themes."""

    theme: Reactive[str] = Reactive(DARK.name)
    sixteen_colours = False
    """Whether the terminal has no more: a shade of red would come out as grey there, so it is given its own red."""

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Ours beside Textual's: known from the first, where registering them would have every style parsed twice."""
        return {**super().available_themes, **{theme.name: theme for theme in OURS}}

    @property
    def current_theme(self) -> Theme:
        """The theme that is shown: the one chosen, or else one that the terminal has the colours for."""
        chosen = super().current_theme
        return TERMINAL if self.sixteen_colours and not chosen.ansi else chosen

    def fit_the_terminal(self) -> None:
        """Show no more colours than the terminal is said to have; before the app runs."""
        self.sixteen_colours = self.console.color_system in ("standard", "windows")

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, so that every text can be read on its ground."""
        self.theme_variables = dict(variables_of(self.current_theme, super().get_css_variables()))
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colour there is none (no-color.org); Textual would make greys of them."""
        return [_NO_COLOUR if isinstance(each, Monochrome) else each for each in super().get_line_filters()]
