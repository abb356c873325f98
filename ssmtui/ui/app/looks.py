"""The app's colours: the theme that was chosen, as far as the terminal can show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual.app import App
from textual.binding import Binding
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome, NoColor
from textual.reactive import Reactive
from textual.theme import Theme

from ssmtui.language import say
from ssmtui.ui.app.theme import CONTRAST, DARK, OURS, TERMINAL, variables_of
from ssmtui.ui.screens.theme_dialog import ThemeDialog, ThemeOffered
from ssmtui.ui.state.bench import Bench

_NO_COLOUR = NoColor()


class Looks(App[None]):
    """The part of the app that knows themes."""

    bench: Bench
    theme: Reactive[str] = Reactive(DARK.name)
    sixteen_colours = False
    """Whether the terminal has no more: a shade of red would come out as grey there, so it is given its own red."""
    configured_theme: str | None = None
    """The theme that the configuration names, which outranks the one chosen last."""
    theme_folder: Path | None = None
    plain_keys = False
    """Whether keys are called by ASCII alone, where no other character can be shown."""
    _own: tuple[Theme, ...] = ()
    _shown: tuple[tuple[str, bool, tuple[Theme, ...]], Theme] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.trouble: list[str] = []
        """What was wrong before there was a screen to say it on."""

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Ours beside Textual's: known from the first, where registering them would have every style parsed twice."""
        return {theme.name: theme for theme in (*OURS, *super().available_themes.values(), *self._own)}

    @property
    def current_theme(self) -> Theme:
        """The theme that is shown: the one chosen, or else one that the terminal has the colours for."""
        asked = (self.theme, self.sixteen_colours, self._own)
        if self._shown is None or self._shown[0] != asked:  # Textual asks for it with each line that it paints
            chosen = super().current_theme
            self._shown = asked, TERMINAL if self.sixteen_colours and not chosen.ansi else chosen
        return self._shown[1]

    def dress(self, folder: Path | None, configured: str | None) -> tuple[str, ...]:
        """Wear what was chosen, in as many colours as the terminal has; before the app runs.

        `configured` is the name that the configuration says, of a theme that may be one of the folder's. Gives what is
        wrong with these.
        """
        self.theme_folder, self.configured_theme = folder, configured
        mistakes = self._read_own()
        self.sixteen_colours = self.console.color_system in ("standard", "windows")
        wanted = configured or self.bench.habits.current.theme
        if wanted in self.available_themes:
            self.set_reactive(Looks.theme, wanted)
        self.stylesheet.set_variables(self.get_css_variables())
        return mistakes

    def get_key_display(self, binding: Binding) -> str:
        """How a key is called; Enter and Backspace have signs, which are none in ASCII."""
        called = super().get_key_display(binding)
        return called.replace("⏎", "Enter").replace("⌫", "Backspace") if self.plain_keys else called

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, so that every text can be read on its ground."""
        self.theme_variables = dict(variables_of(self.current_theme, super().get_css_variables()))
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What the terminal's colours and the lack of any take; of the latter Textual makes greys (no-color.org)."""
        native = self.native_ansi_color
        filters = (each for each in super().get_line_filters() if not (native and isinstance(each, ANSIToTruecolor)))
        return [_NO_COLOUR if isinstance(each, Monochrome) else each for each in filters]

    def action_change_theme(self) -> None:
        """Choose other colours, and keep them."""
        if isinstance(self.screen, ThemeDialog):
            return
        for mistake in self._read_own():
            self.notify(mistake, severity="warning", markup=False)
        note = ""
        themes = self.available_themes
        if self.no_color:
            note = say("NO_COLOR is set: no colour is shown, whichever is chosen.")
        elif self.sixteen_colours:
            note = say("The terminal has 16 colours: these are its own. More need COLORTERM=truecolor.")
            themes = {name: theme for name, theme in themes.items() if theme.ansi}
        here = self.current_theme.name
        self.push_screen(ThemeDialog([self._offered(each) for each in themes.values()], here, note), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is None:
            return
        self.theme = name
        self.bench.habits.change(lambda habits: replace(habits, theme=name))
        if self.configured_theme is not None and self.configured_theme != name:
            self.notify(
                say(
                    "The configuration says theme = {theme}, which will be worn again at the next start.",
                    theme=self.configured_theme,
                ),
                markup=False,
            )

    def _offered(self, theme: Theme) -> ThemeOffered:
        if theme.ansi:
            about = say("the terminal's own colours")
        elif theme is CONTRAST:
            about = say("high contrast")
        elif theme in self._own:
            about = say("your own")
        else:
            about = say("dark") if theme.dark else say("light")
        return ThemeOffered(theme.name, about)

    def _read_own(self) -> tuple[str, ...]:
        """Read the themes of the folder; what is wrong with them."""
        if self.theme_folder is None or not self.theme_folder.is_dir():
            return ()
        from ssmtui.ui.app.own_themes import own_themes

        read = own_themes(self.theme_folder)
        self._own = read.themes
        return read.mistakes
