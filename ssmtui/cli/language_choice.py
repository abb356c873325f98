"""Find the language of a run before it prints its first sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ssmtui.language import LANGUAGE_VARIABLE, Language, language_of

_ASKED = "ssmtui.language"


def language_of_run(line: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language from `--lang`, else `SSMTUI_LANG`, else the configuration, else the locale."""
    for asked in (_given(line, "--lang"), environment.get(LANGUAGE_VARIABLE, ""), _configured(line, environment)):
        if spoken := next((each for each in Language if each.value == asked), None):
            return spoken
    return language_of(environment)


def language_option() -> click.Option:
    """Return `--lang`, which every command has. It takes effect before the commands are created."""
    return click.Option(
        ["--lang"],
        type=click.Choice([each.value for each in Language]),
        expose_value=False,
        callback=_keep,
        help="Use this language; by default that of the locale.",
    )


def chosen_language() -> str | None:
    """Return the `--lang` of the current command; None if it is not given."""
    context = click.get_current_context(silent=True)
    asked = context.meta.get(_ASKED) if context is not None else None
    return asked if isinstance(asked, str) else None


def _keep(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_ASKED] = value


def _given(line: Sequence[str], option: str) -> str:
    """Return an option's value in a command line, the last one if repeated; empty if it is not given."""
    given = ""
    for word, following in zip(line, (*line[1:], ""), strict=False):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == option:
            given = value if equals else following
    return given


def _configured(line: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language of the configuration file. Errors are reported later, when the whole file is read."""
    if "--version" in line:
        return ""  # a version number needs no language: load nothing
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
