"""A person's own themes: one TOML file each, in a folder beside the configuration.

A file with a mistake is left out, and the mistake told with its line: colours are no reason not to start.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from ssmtui.config.own_files import open_named
from ssmtui.config.toml_places import BrokenToml, Place, parsed, places
from ssmtui.language import say
from ssmtui.model.near_names import near_names
from ssmtui.model.plain_text import printable
from ssmtui.ui.app.theme import DARK, LIGHT, OURS

_COLOURS = (
    *("primary", "secondary", "accent", "success", "warning", "error"),
    *("foreground", "background", "surface", "panel"),
)
_KEYS = (*_COLOURS, "dark", "variables")
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,63}", re.ASCII)
_SHADE = re.compile(r"\s+(\d{1,2}|100)%$")
_TEXT_STYLES = frozenset({"none", "bold", "italic", "underline", "reverse", "dim", "strike", "not", "b", "i", "u"})
_MOST = 100_000
"""Characters of a file that are read."""


@dataclass(frozen=True, slots=True)
class OwnThemes:
    """The themes of a folder, and what is wrong with others, each with its file and line."""

    themes: tuple[Theme, ...] = ()
    mistakes: tuple[str, ...] = ()


class _Mistake(ValueError):
    """A file that is no theme; the message says why, and `path` which key of it."""

    def __init__(self, why: str, *path: str) -> None:
        super().__init__(why)
        self.path = path


def own_themes(folder: Path) -> OwnThemes:
    """The themes of a folder by their files' names; none where there is no folder."""
    themes: list[Theme] = []
    mistakes: list[str] = []
    try:
        files = sorted(Path(each.path) for each in os.scandir(folder) if each.name.endswith(".toml"))
    except OSError as error:
        files = []
        if not isinstance(error, FileNotFoundError | NotADirectoryError) or folder.is_symlink():
            why = error.strerror or error
            mistakes.append(say("The themes in {folder} cannot be read: {error}.", folder=folder, error=why))
    for file in files:
        text = ""
        try:
            text = _text(file)
            themes.append(_theme(file.stem, parsed(text)))
        except BrokenToml as broken:
            mistakes.append(_told(file, broken.place, str(broken)))
        except _Mistake as mistake:
            mistakes.append(_told(file, _place(text, mistake.path), str(mistake)))
    return OwnThemes(tuple(themes), tuple(mistakes))


def _text(file: Path) -> str:
    try:
        with os.fdopen(open_named(file), encoding="utf-8") as opened:
            text = opened.read(_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise _Mistake(str(error)) from error
    if len(text) > _MOST:
        raise _Mistake(say("the file is too long for a theme"))
    return text


def _theme(name: str, said: Mapping[str, object]) -> Theme:
    if not _NAME.fullmatch(name):
        raise _Mistake(say("the file's name is the theme's: letters, digits, - and _"))
    if name in BUILTIN_THEMES or any(name == each.name for each in OURS):
        raise _Mistake(say("there is a theme {name} already: call the file otherwise", name=name))
    for key in said:
        if key not in _KEYS:
            raise _Mistake(_no_such(key, _KEYS), key)
    if "primary" not in said:
        raise _Mistake(say("a theme says primary, its colour, at the least"))
    dark = said.get("dark", True)
    if not isinstance(dark, bool):
        raise _Mistake(say("{name} is true or false", name="dark"), "dark")
    # What is left out is as in our own theme of that kind: a few colours make a whole theme.
    like = DARK if dark else LIGHT
    colours = {key: _colour(said[key], key) if key in said else str(getattr(like, key)) for key in _COLOURS}
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
        variables=dict(_variables(said.get("variables", {}))),
    )


def _variables(said: object) -> Iterator[tuple[str, str]]:
    if not isinstance(said, Mapping):
        raise _Mistake(say("[{table}] is a table", table="variables"), "variables")
    known = DARK.to_color_system().generate()
    for name, value in said.items():
        if name not in known:
            raise _Mistake(_no_such(name, known), "variables", name)
        if not name.endswith("-style") and not name.endswith("-style-hover"):
            yield name, _colour(value, "variables", name, shaded=True)
        elif isinstance(value, str) and set(value.split()) <= _TEXT_STYLES:
            yield name, value
        else:
            raise _Mistake(say("{name} is no style, such as bold or underline", name=name), "variables", name)


def _colour(value: object, *path: str, shaded: bool = False) -> str:
    """A colour that Textual knows, of no transparency; a variable's may let what is below it through, `#8fbcbb 40%`."""
    try:
        told = value if isinstance(value, str) else ""
        colour = Color.parse(_SHADE.sub("", told) if shaded else told)
    except ColorParseError as error:
        sentence = say("{name} is no colour, such as #88c0d0", name=path[-1])
        raise _Mistake(sentence, *path) from error
    if colour.ansi is not None or (not shaded and colour.a < 1):
        raise _Mistake(say("{name} is no colour, such as #88c0d0", name=path[-1]), *path)
    return told


def _no_such(key: str, known: tuple[str, ...] | Mapping[str, str]) -> str:
    near = near_names(key, known)
    sentence = say("themes have no {name}.", name=printable(key))
    return sentence + (" " + say("Did you mean {names}?", names=near[0]) if near else "")


def _place(text: str, path: tuple[str, ...]) -> Place:
    where = places(text) if path else {}
    return next((where[path[:end]] for end in range(len(path), 0, -1) if path[:end] in where), Place(1, 1))


def _told(file: Path, place: Place, why: str) -> str:
    """As compilers say it, so that editors and terminals open it there."""
    return f"{file}:{place.line}:{place.column}: {printable(why)}"
