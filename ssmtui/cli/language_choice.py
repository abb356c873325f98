"""Find the language of a run before its first sentence is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ssmtui.language import LANGUAGE_VARIABLE, Language, language_of

_ASKED = "ssmtui.language"


def language_of_run(line: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of a line (`--lang fr`), else of `SSMTUI_LANG`, else of the configuration, else of the locale."""
    for asked in (_given(line, "--lang"), environment.get(LANGUAGE_VARIABLE, ""), _configured(line, environment)):
        if spoken := next((each for each in Language if each.value == asked), None):
            return spoken
    return language_of(environment)


def language_option() -> click.Option:
    """`--lang`, which every command has; it is acted upon before commands are made."""
    return click.Option(
        ["--lang"],
        type=click.Choice([each.value for each in Language]),
        expose_value=False,
        callback=_keep,
        help="The language to speak; that of the locale by default.",
    )


def chosen_language() -> str | None:
    """What `--lang` says in the command that is carried out; None where it is not given."""
    context = click.get_current_context(silent=True)
    asked = context.meta.get(_ASKED) if context is not None else None
    return asked if isinstance(asked, str) else None


def _keep(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_ASKED] = value


def _given(line: Sequence[str], option: str) -> str:
    """The value of an option of a line, the last where it is given again; empty where it is not."""
    given = ""
    for word, following in zip(line, (*line[1:], ""), strict=False):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == option:
            given = value if equals else following
    return given


def _configured(line: Sequence[str], environment: Mapping[str, str]) -> str:
    """What the configuration file says. What is wrong with the file is told by whoever reads all of it."""
    if "--version" in line:
        return ""  # a number has no language: nothing is loaded for it
    from ssmtui.config.declared_settings import LANG
    from ssmtui.config.private_files import folders
    from ssmtui.config.settings import CONFIG_VARIABLE
    from ssmtui.config.toml_text import parse_toml, toml_text

    named = _given(line, "--config") or environment.get(CONFIG_VARIABLE, "")
    file = Path(named) if named else folders().config_file
    try:
        said = parse_toml(toml_text(file)).get(LANG.name)
    except (OSError, ValueError):
        return ""
    return said if isinstance(said, str) else ""
