"""Define the themes, load those of the user, ensure their contrast, and apply the chosen theme."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.color import BLACK, WHITE, Color, ColorParseError
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome, NoColor
from textual.theme import BUILTIN_THEMES, Theme

from ssmtui.config.private_files import open_named
from ssmtui.config.toml_text import InvalidToml, TomlPlace, key_places, parse_toml
from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.state.app_context import AppContext

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope
    from ssmtui.ui.screens.dialogs import ThemeOption

MIN_CONTRAST = 4.5
"""The least contrast of text and background by WCAG level AA; the theme of high contrast has level AAA."""

ENHANCED_CONTRAST = 7.0

COLOUR_NAMES = ("primary", "secondary", "accent", "success", "warning", "error")

_BLEND_STEPS = 40
_PANEL_CONTRAST = 1.35
_CURSOR_CONTRAST = 1.4
"""The most contrast of a background with the one around it: beyond that, texts on it would lose their colours."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_variables(variables: Mapping[str, str], least: float = MIN_CONTRAST) -> dict[str, str]:
    """Return the variables to replace so that every text is readable; for themes that are not the terminal's own."""
    given = {
        name: Color.parse(variables[name]) for name in ("background", "surface", "panel", "foreground", *COLOUR_NAMES)
    }
    background, surface = given["background"], given["surface"]
    away = WHITE if _luminance(background) < 0.18 else BLACK
    panel = _near_background(given["panel"], background, _PANEL_CONTRAST)
    cursor = _near_background(surface.blend(given["primary"], 0.35), surface, _CURSOR_CONTRAST)
    grounds = {
        "panel": panel,
        "row-cursor": cursor,
        "row-cursor-blurred": surface.blend(cursor, 0.5),
        "row-hover": surface.blend(cursor, 0.3),
    }
    everywhere = (background, surface, *grounds.values())
    foreground = _readable_on(given["foreground"], everywhere, away, least)
    muted = _own_colour(variables, "text-muted") or foreground.blend(background, 0.35)
    faint = _own_colour(variables, "text-disabled") or foreground.blend(background, 0.5)
    told = {
        **grounds,
        "foreground": foreground,
        "text-muted": _readable_on(muted, everywhere, away, least),
        "text-disabled": _readable_on(faint, (background, surface, panel), away, least),
        "text-code": _readable_on(given["accent"], everywhere, away, least),
    }
    for kind in COLOUR_NAMES:
        ground = _near_background(Color.parse(variables[f"{kind}-muted"]), background, _CURSOR_CONTRAST)
        told[f"{kind}-muted"] = ground
        told[f"text-{kind}"] = _readable_on(Color.parse(variables[f"text-{kind}"]), (*everywhere, ground), away, least)
    footer = _near_background(Color.parse(variables["footer-background"]), background, _PANEL_CONTRAST)
    told["footer-background"] = footer
    for name, otherwise in (("footer-key-foreground", "accent"), ("footer-description-foreground", "foreground")):
        shown = _own_colour(variables, name) or given[otherwise]
        told[name] = _readable_on(shown, (footer, panel), away, least)
    return {name: colour.hex for name, colour in told.items()}


def _own_colour(variables: Mapping[str, str], name: str) -> Color | None:
    """Return a colour that the theme names; None if it depends on the background (`auto`) or is transparent."""
    value = variables.get(name, "auto")
    colour = None if value.startswith("auto") else Color.parse(value)
    return colour if colour is not None and colour.a == 1 else None


def _near_background(ground: Color, around: Color, most: float) -> Color:
    """Return a background, blended into the one around it until their contrast is at most this."""
    moved = (ground.blend(around, step / _BLEND_STEPS) for step in range(_BLEND_STEPS + 1))
    return next((each for each in moved if contrast(each, around) <= most), around)


def _readable_on(text: Color, grounds: Iterable[Color], away: Color, least: float) -> Color:
    """Return a colour, blended away from its backgrounds until it is readable on each."""
    on = tuple(grounds)
    moved = (text.blend(away, step / _BLEND_STEPS) for step in range(_BLEND_STEPS + 1))
    # As Textual writes it: rounded to whole numbers.
    return next((each for each in moved if all(contrast(Color.parse(each.hex), under) >= least for under in on)), away)


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in (colour.r, colour.g, colour.b))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


DARK = Theme(
    name="ssmtui-dark",
    primary="#7aa8f0",
    secondary="#b48ee0",
    accent="#f0a858",
    warning="#e5c06a",
    error="#f0717a",
    success="#74c78c",
    foreground="#cdd5e3",
    background="#10141b",
    surface="#161b24",
    panel="#1f2632",
    dark=True,
    variables={
        "text-muted": "#97a3b8",
        "text-disabled": "#66738a",
        "footer-background": "#1f2632",
        "footer-key-foreground": "#f0a858",
        "footer-description-foreground": "#97a3b8",
        "border": "#3a4558",
        "border-blurred": "#2a3342",
        "scrollbar": "#323c4d",
        "scrollbar-background": "#161b24",
        "scrollbar-hover": "#46536a",
        "scrollbar-active": "#7aa8f0",
    },
)

LIGHT = Theme(
    name="ssmtui-light",
    primary="#1f5fbf",
    secondary="#7a3fb0",
    accent="#b3590a",
    warning="#8f6400",
    error="#b8232f",
    success="#1d7a3d",
    foreground="#22293a",
    background="#f5f6f8",
    surface="#ffffff",
    panel="#e4e8ee",
    dark=False,
    variables={
        "text-muted": "#4c5770",
        "text-disabled": "#7c879c",
        "footer-background": "#e4e8ee",
        "footer-key-foreground": "#b3590a",
        "footer-description-foreground": "#4c5770",
    },
)

CONTRAST = Theme(
    name="ssmtui-contrast",
    primary="#7fb5ff",
    secondary="#dcb3ff",
    accent="#ffc266",
    warning="#ffe066",
    error="#ff8f8f",
    success="#7dffa0",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={
        "text-muted": "#e6e6e6",
        "text-disabled": "#cccccc",
        "footer-background": "#1c1c1c",
        "footer-key-foreground": "#ffc266",
        "footer-description-foreground": "#ffffff",
        "border": "#ffffff",
        "border-blurred": "#b3b3b3",
        "scrollbar": "#b3b3b3",
        "scrollbar-background": "#000000",
        "scrollbar-hover": "#e6e6e6",
        "scrollbar-active": "#ffffff",
    },
)

TERMINAL = Theme(
    name="ssmtui-terminal",
    primary="ansi_default",
    secondary="ansi_magenta",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "footer-key-foreground": "ansi_cyan",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
    },
)
"""The sixteen colours of the terminal, on a dark background or a light one."""

OWN_THEMES = (DARK, LIGHT, CONTRAST, TERMINAL)

TERMINAL_BACKGROUND_VARIABLES = {
    "row-cursor": "ansi_default",
    "row-cursor-blurred": "ansi_default",
    "row-hover": "ansi_default",
    "text-muted": "ansi_default",
    "text-disabled": "ansi_bright_black",
    "text-code": "ansi_cyan",
    "foreground-disabled": "ansi_bright_black",
    "surface-active": "ansi_default",
    **{f"{kind}-muted": "ansi_default" for kind in COLOUR_NAMES},
}
"""More variables of themes with the terminal's colours: these have no shades, so rows are shown reversed."""


def variables_of(theme: Theme, generated: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables of a theme, changed so that every text is readable."""
    if theme.ansi:
        return {**generated, **TERMINAL_BACKGROUND_VARIABLES}
    return {**generated, **readable_variables(generated, ENHANCED_CONTRAST if theme is CONTRAST else MIN_CONTRAST)}


_COLOUR_KEYS = (
    *("primary", "secondary", "accent", "success", "warning", "error"),
    *("foreground", "background", "surface", "panel"),
)
_THEME_KEYS = (*_COLOUR_KEYS, "dark", "variables")
_THEME_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,63}", re.ASCII)
_SHADE = re.compile(r"\s+(\d{1,2}|100)%$")
_TEXT_STYLES = frozenset({"none", "bold", "italic", "underline", "reverse", "dim", "strike", "not", "b", "i", "u"})
_MAX_BYTES = 100_000
"""Characters of a file that are read."""


@dataclass(frozen=True, slots=True)
class UserThemes:
    """The themes of a folder, and the mistakes in its other files, each with file and line."""

    themes: tuple[Theme, ...] = ()
    mistakes: tuple[str, ...] = ()


class _ThemeError(ValueError):
    """A file that is not a theme; the message says why, and `path` is the key."""

    def __init__(self, why: str, *path: str) -> None:
        super().__init__(why)
        self.path = path


def load_user_themes(folder: Path) -> UserThemes:
    """Return the themes of a folder by their files' names; none if there is no folder."""
    themes: list[Theme] = []
    mistakes: list[str] = []
    try:
        files = sorted(Path(each.path) for each in os.scandir(folder) if each.name.endswith(".toml"))
    except OSError as error:
        files = []
        if not isinstance(error, FileNotFoundError | NotADirectoryError) or folder.is_symlink():
            why = error.strerror or error
            mistakes.append(say("Cannot read the themes in {folder}: {error}.", folder=folder, error=why))
    for file in files:
        text = ""
        try:
            text = _read_text(file)
            themes.append(_parse_theme(file.stem, parse_toml(text)))
        except InvalidToml as broken:
            mistakes.append(_located_message(file, broken.place, str(broken)))
        except _ThemeError as mistake:
            mistakes.append(_located_message(file, _place_of(text, mistake.path), str(mistake)))
    return UserThemes(tuple(themes), tuple(mistakes))


def _read_text(file: Path) -> str:
    try:
        with os.fdopen(open_named(file), encoding="utf-8") as opened:
            text = opened.read(_MAX_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise _ThemeError(str(error)) from error
    if len(text) > _MAX_BYTES:
        raise _ThemeError(say("the theme file is too large"))
    return text


def _parse_theme(name: str, said: Mapping[str, object]) -> Theme:
    if not _THEME_NAME.fullmatch(name):
        raise _ThemeError(say("the file name must contain only letters, digits, - and _"))
    if name in BUILTIN_THEMES or any(name == each.name for each in OWN_THEMES):
        raise _ThemeError(say("theme {name} already exists: rename the file", name=name))
    for key in said:
        if key not in _THEME_KEYS:
            raise _ThemeError(_unknown_key(key, _THEME_KEYS), key)
    if "primary" not in said:
        raise _ThemeError(say("the theme must set the color primary"))
    dark = said.get("dark", True)
    if not isinstance(dark, bool):
        raise _ThemeError(say("{name} must be true or false", name="dark"), "dark")
    # What is left out is as in our own dark or light theme: a few colours make a whole theme.
    like = DARK if dark else LIGHT
    colours = {key: _parse_colour(said[key], key) if key in said else str(getattr(like, key)) for key in _COLOUR_KEYS}
    return Theme(
        name=name,
        primary=colours["primary"],
        secondary=colours["secondary"],
        warning=colours["warning"],
        error=colours["error"],
        success=colours["success"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        dark=dark,
        variables=dict(_parse_variables(said.get("variables", {}))),
    )


def _parse_variables(said: object) -> Iterator[tuple[str, str]]:
    if not isinstance(said, Mapping):
        raise _ThemeError(say("[{table}] must be a table", table="variables"), "variables")
    known = DARK.to_color_system().generate()
    for name, value in said.items():
        if name not in known:
            raise _ThemeError(_unknown_key(name, known), "variables", name)
        if not name.endswith("-style") and not name.endswith("-style-hover"):
            yield name, _parse_colour(value, "variables", name, shaded=True)
        elif isinstance(value, str) and set(value.split()) <= _TEXT_STYLES:
            yield name, value
        else:
            raise _ThemeError(say("{name} must be a style, such as bold or underline", name=name), "variables", name)


def _parse_colour(value: object, *path: str, shaded: bool = False) -> str:
    """Return a colour that Textual knows, without transparency; a variable may have some, as in `#8fbcbb 40%`."""
    try:
        told = value if isinstance(value, str) else ""
        colour = Color.parse(_SHADE.sub("", told) if shaded else told)
    except ColorParseError as error:
        sentence = say("{name} must be a color, such as #88c0d0", name=path[-1])
        raise _ThemeError(sentence, *path) from error
    if colour.ansi is not None or (not shaded and colour.a < 1):
        raise _ThemeError(say("{name} must be a color, such as #88c0d0", name=path[-1]), *path)
    return told


def _unknown_key(key: str, known: tuple[str, ...] | Mapping[str, str]) -> str:
    near = similar_names(key, known)
    sentence = say("a theme has no key {name}.", name=printable(key))
    return sentence + (" " + say("Did you mean {names}?", names=near[0]) if near else "")


def _place_of(text: str, path: tuple[str, ...]) -> TomlPlace:
    where = key_places(text) if path else {}
    return next((where[path[:end]] for end in range(len(path), 0, -1) if path[:end] in where), TomlPlace(1, 1))


def _located_message(file: Path, place: TomlPlace, why: str) -> str:
    """Return the message as compilers write it, so that editors and terminals open the place."""
    return f"{file}:{place.line}:{place.column}: {printable(why)}"


_NO_COLOUR = NoColor()


def line_filters(filters: Iterable[LineFilter], *, native: bool) -> Sequence[LineFilter]:
    """Return Textual's filters, without those that change a terminal's own colours; of no colour it makes greys.

    `native` says that the terminal's own sixteen colours are shown. About no colour see no-color.org.
    """
    shown = (each for each in filters if not (native and isinstance(each, ANSIToTruecolor)))
    return [_NO_COLOUR if isinstance(each, Monochrome) else each for each in shown]


def no_theme(_scope: Scope) -> str | None:
    """Return that a scope has no theme of its own."""
    return None


class Themes:
    """The themes that can be chosen, and the one that is shown.

    `folder` holds the themes of the user. `configured` is the theme that the configuration names, which outranks the
    one chosen last. `theme_of` returns the theme of a scope, if the configuration names themes for profiles or
    accounts. If the terminal has `sixteen_colours`, a shade of red would come out as grey: it gets its own red.
    """

    def __init__(self, app: App[None], context: AppContext) -> None:
        self._app = app
        self._context = context
        self.folder: Path | None = None
        self.configured: str | None = None
        self.theme_of: Callable[[Scope], str | None] = no_theme
        self._of_scopes: str | None = None
        self.sixteen_colours = False
        self._own: tuple[Theme, ...] = ()
        self._shown: tuple[tuple[str, bool, tuple[Theme, ...]], Theme] | None = None

    def beside(self, others: Iterable[Theme]) -> dict[str, Theme]:
        """Return our themes and others, by name. Registering ours would parse every style twice."""
        return {theme.name: theme for theme in (*OWN_THEMES, *others, *self._own)}

    @property
    def current(self) -> Theme:
        """The theme that is shown: the one chosen, or else one that the terminal has the colours for."""
        asked = (self._app.theme, self.sixteen_colours, self._own)
        if self._shown is None or self._shown[0] != asked:  # Textual asks for it with each line that it paints
            chosen = self._app.get_theme(self._app.theme) or BUILTIN_THEMES["textual-dark"]
            self._shown = asked, TERMINAL if self.sixteen_colours and not chosen.ansi else chosen
        return self._shown[1]

    def apply(self, folder: Path | None, configured: str | None) -> tuple[str, ...]:
        """Apply the theme that was chosen, in as many colours as the terminal has; before the app runs.

        `configured` may be a theme of the folder. Return what is wrong with the themes of the folder.
        """
        self.folder, self.configured = folder, configured
        mistakes = self._read_own()
        self.sixteen_colours = self._app.console.color_system in ("standard", "windows")
        wanted = configured or self._context.ui_state.current.theme
        if wanted in self._app.available_themes:
            self._app.set_reactive(App.theme, wanted)
        self._app.stylesheet.set_variables(self._app.get_css_variables())
        return mistakes

    def follow(self, scopes: Sequence[Scope]) -> None:
        """Show the theme of the open scopes if they all have the same theme; else the general theme.

        A theme that the person has chosen stays until scopes with another theme are opened.
        """
        if self.theme_of is no_theme or not scopes:
            return
        from ssmtui.ui.screens.dialogs import ThemeDialog

        if isinstance(self._app.screen, ThemeDialog):
            return
        themes = {self.theme_of(scope) for scope in scopes}
        common = themes.pop() if len(themes) == 1 else None
        if common != self._of_scopes:
            self._of_scopes = common
            general = (common, self.configured, self._context.ui_state.current.theme)
            self._app.theme = next((each for each in general if each in self._app.available_themes), DARK.name)

    def choose(self) -> None:
        """Let the person choose a theme, and save the choice."""
        from ssmtui.ui.screens.dialogs import ThemeDialog

        if isinstance(self._app.screen, ThemeDialog):
            return
        for mistake in self._read_own():
            self._app.notify(mistake, severity="warning", markup=False)
        note = ""
        themes = self._app.available_themes
        if self._app.no_color:
            note = say("NO_COLOR is set: themes have no effect.")
        elif self.sixteen_colours:
            note = say("The terminal has 16 colors. For other themes, set COLORTERM=truecolor.")
            themes = {name: theme for name, theme in themes.items() if theme.ansi}
        here = self._app.current_theme.name
        self._app.push_screen(ThemeDialog([self._offered(each) for each in themes.values()], here, note), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is None:
            return
        self._app.theme = name
        self._context.ui_state.change(lambda ui_state: replace(ui_state, theme=name))
        configured = self._of_scopes or self.configured
        if configured is not None and configured != name:
            self._app.notify(
                say(
                    "The configuration sets theme = {theme}. The next start uses that theme.",
                    theme=configured,
                ),
                markup=False,
            )

    def _offered(self, theme: Theme) -> ThemeOption:
        from ssmtui.ui.screens.dialogs import ThemeOption

        if theme.ansi:
            about = say("terminal colors")
        elif theme is CONTRAST:
            about = say("high contrast")
        elif theme in self._own:
            about = say("custom")
        else:
            about = say("dark") if theme.dark else say("light")
        return ThemeOption(theme.name, about)

    def _read_own(self) -> tuple[str, ...]:
        """Read the themes of the folder; return the mistakes."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        read = load_user_themes(self.folder)
        self._own = read.themes
        return read.mistakes
